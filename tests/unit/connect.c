/* connect: refusals, deadlines, several endpoints, full backlogs, and hybrid greetings. */
#include "runtime/net/connect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "runtime/net/socket.h"
#include "tests/lib/loop.h"
#include "tests/lib/net.h"

static struct accepting accepting;
static struct connecting connecting;

static void assert_failed(const char *word)
{
	net_until(&connecting.done);
	assert_int_equal(connecting.fd, -1);
	assert_string_equal(connecting.fault.word, word);
	assert_null(connecting.connector.loop);
}

/* A socket that is bound to a free port of 127.0.0.1, and does not listen yet. */
static int bound_socket(struct address *address)
{
	struct endpoints endpoints;
	int fd;

	*address = net_address("tcp:127.0.0.1:0");
	assert_int_equal(address_resolve(address, &endpoints, &net.fault), 0);
	fd = socket_bound(&endpoints.list[0], SOCK_STREAM, &net.fault);
	assert_true(fd >= 0);
	address->port = socket_port(fd);
	return fd;
}

static void where_nobody_listens_it_is_refused(void **unused)
{
	struct address address;
	int fd = bound_socket(&address);
	char expected[128];

	(void)unused;
	net_connect(&connecting, &address, CLOCK_SECOND);
	assert_failed("refused");
	(void)snprintf(expected, sizeof expected,
		"cannot connect to tcp:127.0.0.1:%u: connect: Connection refused", address.port);
	assert_string_equal(connecting.fault.text, expected);
	close(fd);
	address = net_address("unix:%s/missing");
	net_connect(&connecting, &address, CLOCK_SECOND);
	assert_failed("refused");
	address = net_address("unix:@%s/missing");
	net_connect(&connecting, &address, CLOCK_SECOND);
	assert_failed("refused");
}

static void a_name_must_be_resolved_first(void **unused)
{
	struct address address = net_address("tcp:localhost:1");
	struct endpoints none = {.count = 0};

	(void)unused;
	memset(&connecting, 0, sizeof connecting);
	assert_int_equal(connect_start(&connecting.connector, net.loop, &address, NULL,
				 CLOCK_SECOND, &net.fault),
		-1);
	assert_string_equal(net.fault.word, "name");
	assert_int_equal(connect_start(&connecting.connector, net.loop, &address, &none,
				 CLOCK_SECOND, &net.fault),
		-1);
	assert_string_equal(net.fault.word, "name");
	connect_cancel(&connecting.connector);
}

/* --- Several endpoints ----------------------------------------------------------------------- */

static void add(struct endpoints *endpoints, const struct address *address)
{
	struct endpoints one;

	assert_int_equal(address_resolve(address, &one, &net.fault), 0);
	endpoints->list[endpoints->count++] = one.list[0];
}

static void keep(struct connector *connector, int fd, const struct fault *fault)
{
	(void)connector;
	connecting.done = true;
	connecting.fd = fd;
	if (fault != NULL)
		connecting.fault = *fault;
}

static void start(const struct address *name, const struct endpoints *endpoints, uint64_t time)
{
	memset(&connecting, 0, sizeof connecting);
	connecting.connector.done = keep;
	assert_int_equal(
		connect_start(&connecting.connector, net.loop, name, endpoints, time, &net.fault),
		0);
}

static void endpoints_are_tried_one_after_the_other(void **unused)
{
	struct address name = net_address("tcp:localhost:1"), dead, live;
	struct endpoints endpoints = {.count = 0};
	int fd = bound_socket(&dead);

	(void)unused;
	live = net_address("tcp:[::1]:0");
	net_listen(&accepting, &live, 1);
	live.port = accepting.listener.port;
	add(&endpoints, &dead);
	add(&endpoints, &dead);
	start(&name, &endpoints, CLOCK_SECOND);
	assert_failed("refused");
	add(&endpoints, &live);
	add(&endpoints, &dead);
	start(&name, &endpoints, CLOCK_SECOND);
	net_until(&connecting.done);
	net_until(&accepting.some);
	net_joined(connecting.fd, accepting.accepted[0]);
	close(connecting.fd);
	close(fd);
	net_listen_no_more(&accepting);
}

/* A TCP listener that takes no more connections: what was dialled to fill it is in fds. */
struct full {
	int listening, fds[8];
	struct address address;
};

static void fill(struct full *full)
{
	struct endpoints endpoints;

	full->listening = bound_socket(&full->address);
	assert_int_equal(listen(full->listening, 0), 0);
	assert_int_equal(address_resolve(&full->address, &endpoints, &net.fault), 0);
	for (int i = 0; i < 8; i++) {
		full->fds[i] = socket_open(AF_INET, SOCK_STREAM, &net.fault);
		(void)connect(full->fds[i], (const struct sockaddr *)&endpoints.list[0].name,
			endpoints.list[0].size);
	}
}

static void drain(struct full *full)
{
	for (int i = 0; i < 8; i++)
		close(full->fds[i]);
	close(full->listening);
}

static void turns(unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		net_turn();
}

static void a_listener_that_never_answers_is_given_up_at_the_deadline(void **unused)
{
	struct full full;

	(void)unused;
	fill(&full);
	net_connect(&connecting, &full.address, 10 * CLOCK_SECOND);
	turns(100);
	net.now += 10 * CLOCK_SECOND - 1;
	turns(100);
	assert_false(connecting.done);
	net.now += 1;
	assert_failed("timeout");
	drain(&full);
}

static void one_that_never_answers_leaves_time_for_the_next(void **unused)
{
	struct address name = net_address("tcp:localhost:1"), live;
	struct endpoints endpoints = {.count = 0};
	struct full full;

	(void)unused;
	fill(&full);
	live = net_address("tcp:[::1]:0");
	net_listen(&accepting, &live, 1);
	live.port = accepting.listener.port;
	add(&endpoints, &full.address);
	add(&endpoints, &live);
	start(&name, &endpoints, 10 * CLOCK_SECOND);
	turns(100);
	net.now += 5 * CLOCK_SECOND - 1;
	turns(100);
	assert_false(connecting.done);
	net.now += 1;
	net_until(&connecting.done);
	assert_true(connecting.fd >= 0);
	close(connecting.fd);
	drain(&full);
	net_listen_no_more(&accepting);
}

/* --- Full backlogs of Unix sockets ----------------------------------------------------------- */

/* Fills a Unix listener that accepts nothing; returns how many it took. */
static unsigned fill_unix(const struct address *address, int fds[], unsigned most)
{
	struct connecting one;
	unsigned count = 0;

	while (count < most) {
		net_connect(&one, address, CLOCK_SECOND);
		turns(3);
		if (!one.done) {
			connect_cancel(&one.connector);
			return count;
		}
		assert_true(one.fd >= 0);
		fds[count++] = one.fd;
	}
	return count;
}

static void a_full_unix_socket_is_tried_until_it_has_room(void **unused)
{
	struct address address = net_address("unix:%s/socket");
	int fds[2 * LISTENER_BACKLOG];
	unsigned count;

	(void)unused;
	net_listen(&accepting, &address, 1);
	fds[0] = net_connected(&address);
	net_until(&accepting.some); /* the cap: from here on nothing is accepted */
	count = 1 + fill_unix(&address, fds + 1, 2 * LISTENER_BACKLOG - 1);
	assert_in_range(count, LISTENER_BACKLOG, 2 * LISTENER_BACKLOG - 1);

	net_connect(&connecting, &address, 10 * CLOCK_SECOND);
	turns(10);
	net.now += 9 * CLOCK_SECOND;
	turns(10);
	assert_false(connecting.done);
	net.now += CLOCK_SECOND;
	assert_failed("timeout");

	net_connect(&connecting, &address, 10 * CLOCK_SECOND);
	turns(10);
	listener_ended(&accepting.listener);
	turns(10);
	net.now += CLOCK_SECOND;
	net_until(&connecting.done);
	assert_true(connecting.fd >= 0);
	close(connecting.fd);
	while (count > 0)
		close(fds[--count]);
	net_listen_no_more(&accepting);
}

/* --- Cancelling, and what `done` may do ------------------------------------------------------ */

static void what_is_cancelled_is_never_told(void **unused)
{
	struct address address = net_address("unix:%s/socket");
	unsigned open;

	(void)unused;
	net_listen(&accepting, &address, 64);
	open = descriptors_open();
	for (unsigned when = 0; when < 3; when++) {
		net_connect(&connecting, &address, CLOCK_SECOND);
		turns(when);
		if (!connecting.done)
			connect_cancel(&connecting.connector);
		else
			close(connecting.fd);
		connect_cancel(&connecting.connector);
		net.now += 2 * CLOCK_SECOND;
		connecting.done = false;
		turns(10);
		assert_false(connecting.done);
	}
	assert_int_equal(descriptors_open(), open + accepting.count);
	net_listen_no_more(&accepting);
}

static void free_it(struct connector *connector, int fd, const struct fault *fault)
{
	bool *freed = connector->user;

	assert_int_equal(fd, -1);
	assert_string_equal(fault->word, "refused");
	free(connector);
	*freed = true;
}

static void a_connector_may_be_freed_when_it_is_done(void **unused)
{
	struct connector *connector = calloc(1, sizeof *connector);
	struct address address = net_address("unix:%s/missing");
	bool freed = false;

	(void)unused;
	connector->done = free_it;
	connector->user = &freed;
	assert_int_equal(
		connect_start(connector, net.loop, &address, NULL, CLOCK_SECOND, &net.fault), 0);
	net_until(&freed);
}

static unsigned tries_left;

static void try_again(struct connector *connector, int fd, const struct fault *fault)
{
	(void)fault;
	assert_int_equal(fd, -1);
	if (tries_left-- > 0)
		assert_int_equal(connect_start(connector, net.loop, &connector->address, NULL,
					 CLOCK_SECOND, &net.fault),
			0);
	else
		*(bool *)connector->user = true;
}

static void a_connector_may_be_started_anew_when_it_is_done(void **unused)
{
	struct address address = net_address("unix:%s/missing");
	bool over = false;
	struct connector connector = {.done = try_again, .user = &over};

	(void)unused;
	tries_left = 100;
	assert_int_equal(
		connect_start(&connector, net.loop, &address, NULL, CLOCK_SECOND, &net.fault), 0);
	net_until(&over);
	assert_int_equal(connector.next, 1);
}

static void a_shortage_of_descriptors_is_told(void **unused)
{
	struct address address = net_address("unix:%s/socket");
	struct rlimit limit, none;

	(void)unused;
	net_listen(&accepting, &address, 1);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = limit;
	none.rlim_cur = 3;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	net_connect(&connecting, &address, CLOCK_SECOND);
	assert_failed("limit");
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	net_listen_no_more(&accepting);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		NET_TEST(where_nobody_listens_it_is_refused),
		NET_TEST(a_name_must_be_resolved_first),
		NET_TEST(endpoints_are_tried_one_after_the_other),
		NET_TEST(a_listener_that_never_answers_is_given_up_at_the_deadline),
		NET_TEST(one_that_never_answers_leaves_time_for_the_next),
		NET_TEST(a_full_unix_socket_is_tried_until_it_has_room),
		NET_TEST(what_is_cancelled_is_never_told),
		NET_TEST(a_connector_may_be_freed_when_it_is_done),
		NET_TEST(a_connector_may_be_started_anew_when_it_is_done),
		NET_TEST(a_shortage_of_descriptors_is_told),
	};

	return cmocka_run_group_tests_name("connect", tests, NULL, NULL);
}
