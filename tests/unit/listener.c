/* listener: every kind of address, the cap, shortages of descriptors, and peers that vanish. */
#include "runtime/net/listener.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/lib/loop.h"
#include "tests/lib/net.h"

static struct accepting accepting;

/* Connects without a turn of the loop: what listens has not accepted yet. */
static int dial(const struct address *address)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(at.sun_path, address->text);
	assert_int_equal(connect(fd, (const struct sockaddr *)&at, sizeof at), 0);
	return fd;
}

static void each_form_of_address_is_served(void **unused)
{
	(void)unused;
	for (unsigned i = 0; net_form(i) != NULL; i++)
		net_served(net_address(net_form(i)), NULL);
	net_served(net_address("unix:@%s/listener"), NULL);
}

static void a_listener_of_ipv6_takes_no_ipv4(void **unused)
{
	struct address address = net_address("tcp:[::]:0");
	struct connecting connecting;

	(void)unused;
	net_listen(&accepting, &address, 1);
	address = net_address_of(&accepting, "127.0.0.1");
	net_connect(&connecting, &address, CLOCK_SECOND);
	net_until(&connecting.done);
	assert_int_equal(connecting.fd, -1);
	assert_string_equal(connecting.fault.word, "refused");
	net_listen_no_more(&accepting);
}

static void vsock_is_served_where_it_can_be_dialled(void **unused)
{
	const struct listener_limits limits = {.connections = 1};
	struct address address = net_address("vsock:any:4294967295");
	struct connecting connecting;

	(void)unused;
	memset(&accepting, 0, sizeof accepting);
	if (access("/dev/vsock", F_OK) != 0 ||
		listener_open(&accepting.listener, net.loop, &address, &limits, &net.fault) != 0) {
		print_message("# skipped: there is no vsock here\n");
		return;
	}
	assert_true(accepting.listener.port != 0 && accepting.listener.port != UINT32_MAX);
	listener_close(&accepting.listener);
	net_listen(&accepting, &address, 1);
	address = net_address("vsock:1:0"); /* this machine */
	address.port = accepting.listener.port;
	net_connect(&connecting, &address, CLOCK_SECOND);
	for (int i = 0; i < 25 && !connecting.done; i++)
		assert_int_equal(loop_turn(net.loop, 20 * CLOCK_MILLISECOND, &net.fault), 0);
	net.now += 2 * CLOCK_SECOND;
	net_until(&connecting.done);
	if (connecting.fd >= 0) {
		net_until(&accepting.some);
		net_joined(connecting.fd, accepting.accepted[0]);
		close(connecting.fd);
	} else {
		print_message("# skipped: vsock has no loopback here\n");
	}
	net_listen_no_more(&accepting);
}

static void what_is_in_use_or_not_ours_is_refused_by_name(void **unused)
{
	struct address address = net_address("tcp:127.0.0.1:0");

	(void)unused;
	net_listen(&accepting, &address, 1);
	address = net_address_of(&accepting, "127.0.0.1");
	net_refused(&address, "in_use");
	assert_non_null(strstr(net.fault.text, "cannot listen on tcp:127.0.0.1:"));
	net_listen_no_more(&accepting);
	address = net_address("tcp:192.0.2.1:0");
	net_refused(&address, "unreachable");
	address = net_address("unix:%s/missing/socket");
	net_refused(&address, "refused");
}

/* --- Limits ---------------------------------------------------------------------------------- */

static void turns(unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		net_turn();
}

static void no_more_are_accepted_than_the_cap(void **unused)
{
	struct address address = net_address("unix:%s/socket");
	int fds[5];

	(void)unused;
	net_listen(&accepting, &address, 2);
	for (int i = 0; i < 5; i++)
		fds[i] = dial(&address);
	turns(100);
	assert_int_equal(accepting.count, 2);
	assert_int_equal(accepting.listener.live, 2);
	listener_ended(&accepting.listener);
	turns(100);
	assert_int_equal(accepting.count, 3);
	listener_ended(&accepting.listener);
	listener_ended(&accepting.listener);
	turns(100);
	assert_int_equal(accepting.count, 5);
	for (int i = 0; i < 5; i++)
		close(fds[i]);
	net_listen_no_more(&accepting);
}

static void a_shortage_of_descriptors_pauses_and_loses_nothing(void **unused)
{
	struct address address = net_address("unix:%s/socket");
	struct rlimit limit, none;
	int fd;

	(void)unused;
	net_listen(&accepting, &address, 8);
	fd = dial(&address);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = limit;
	none.rlim_cur = 3; /* those that are open stay so */
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	turns(1000);
	assert_int_equal(accepting.listener.shortages, 1);
	net.now += LISTENER_PAUSE;
	turns(1000);
	assert_int_equal(accepting.listener.shortages, 2);
	assert_int_equal(accepting.count, 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	turns(10);
	assert_int_equal(accepting.count, 0);
	net.now += LISTENER_PAUSE;
	net_until(&accepting.some);
	net_joined(fd, accepting.accepted[0]);
	close(fd);
	net_listen_no_more(&accepting);
}

/* --- Peers that vanish ----------------------------------------------------------------------- */

static void take_and_close(struct listener *listener, int fd)
{
	unsigned *served = listener->user;

	close(fd);
	(*served)++;
	listener_ended(listener);
}

static void connect_and_vanish(const struct address *address, unsigned round)
{
	const struct linger abort = {.l_onoff = 1};
	int fd = net_connected(address);

	if (round % 2 == 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
	if (round % 3 == 0)
		(void)!write(fd, "x", 1); /* may be too late */
	close(fd);
}

static void peers_that_vanish_leave_nothing_behind(void **unused)
{
	const struct listener_limits limits = {.connections = 4};
	enum { PEERS = 2000 };

	(void)unused;
	for (unsigned form = 0; net_form(form) != NULL; form++) {
		struct address address = net_address(net_form(form));
		unsigned served = 0, open;
		struct listener listener = {.accepted = take_and_close, .user = &served};

		assert_int_equal(
			listener_open(&listener, net.loop, &address, &limits, &net.fault), 0);
		address.port = listener.port;
		open = descriptors_open();
		for (unsigned i = 0; i < PEERS; i++)
			connect_and_vanish(&address, i);
		turns(2 * LISTENER_BACKLOG);
		assert_int_equal(descriptors_open(), open);
		assert_int_equal(listener.live, 0);
		assert_int_equal(listener.shortages, 0);
		assert_in_range(served, 1, PEERS); /* some may be gone before they are accepted */
		close(net_connected(&address));
		listener_close(&listener);
	}
}

static void close_the_listener(struct listener *listener, int fd)
{
	bool *closed = listener->user;

	close(fd);
	listener_close(listener);
	*closed = true;
	free(listener);
}

static void a_listener_may_be_freed_when_it_accepts(void **unused)
{
	const struct listener_limits limits = {.connections = 4};
	struct address address = net_address("unix:%s/socket");
	struct listener *listener = calloc(1, sizeof *listener);
	bool closed = false;
	int fds[3];

	(void)unused;
	listener->accepted = close_the_listener;
	listener->user = &closed;
	assert_int_equal(listener_open(listener, net.loop, &address, &limits, &net.fault), 0);
	for (int i = 0; i < 3; i++)
		fds[i] = dial(&address);
	net_until(&closed);
	for (int i = 0; i < 3; i++)
		close(fds[i]);
}

static void count(struct listener *listener, int fd)
{
	*(bool *)listener->user = true;
	(void)close(fd);
}

/* As from another process: the file stays when the one that accepts closes. */
static void a_socket_that_listens_already_is_adopted(void **unused)
{
	const struct listener_limits limits = {.connections = 3};
	const struct address address = net_address("unix:%s/adopted");
	struct listener adopted = {.accepted = count};
	bool came = false;
	int fd;

	(void)unused;
	adopted.user = &came;
	net_listen(&accepting, &address, 3);
	watch_stop(&accepting.listener.watch);
	fd = dup(accepting.listener.watch.fd);
	assert_int_equal(listener_adopt(&adopted, net.loop, fd, &limits, &net.fault), 0);
	assert_int_equal(adopted.port, 0);
	close(dial(&address));
	net_until(&came);
	assert_int_equal(adopted.live, 1);
	listener_close(&adopted);
	assert_int_equal(access(address.text, F_OK), 0);
	net_listen_no_more(&accepting);
	assert_int_not_equal(access(address.text, F_OK), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		NET_TEST(each_form_of_address_is_served),
		NET_TEST(a_listener_of_ipv6_takes_no_ipv4),
		NET_TEST(vsock_is_served_where_it_can_be_dialled),
		NET_TEST(what_is_in_use_or_not_ours_is_refused_by_name),
		NET_TEST(no_more_are_accepted_than_the_cap),
		NET_TEST(a_shortage_of_descriptors_pauses_and_loses_nothing),
		NET_TEST(peers_that_vanish_leave_nothing_behind),
		NET_TEST(a_socket_that_listens_already_is_adopted),
		NET_TEST(a_listener_may_be_freed_when_it_accepts),
	};

	return cmocka_run_group_tests_name("listener", tests, NULL, NULL);
}
