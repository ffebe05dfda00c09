/* net: see net.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/lib/net.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/lib/loop.h"

#define HANGS 300 /* seconds until a test that hangs is ended */

struct net net;
static unsigned before;

static uint64_t now(void *unused)
{
	(void)unused;
	return net.now;
}

static const struct clock still_clock = {.now = now};

int net_open(void **state)
{
	(void)state;
	(void)alarm(HANGS);
	(void)signal(SIGPIPE, SIG_IGN);
	before = descriptors_open();
	net.now = CLOCK_SECOND;
	strcpy(net.folder, "/tmp/cloister-net-XXXXXX");
	if (mkdtemp(net.folder) == NULL)
		return -1;
	return loop_open(&net.loop, &still_clock, &net.fault);
}

static int remove_one(const char *path, const struct stat *stat, int kind, struct FTW *place)
{
	(void)stat;
	(void)kind;
	(void)place;
	return remove(path);
}

int net_close(void **state)
{
	unsigned after;

	(void)state;
	loop_close(net.loop);
	if (nftw(net.folder, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0)
		return -1;
	after = descriptors_open();
	if (after == before)
		return 0;
	fprintf(stderr, "%u descriptors before, %u after\n", before, after);
	return -1;
}

struct address net_address(const char *text)
{
	char whole[2 * ADDRESS_TEXT_MAX];
	const char *at = strstr(text, "%s");
	struct address address;

	if (at == NULL)
		(void)snprintf(whole, sizeof whole, "%s", text);
	else
		(void)snprintf(whole, sizeof whole, "%.*s%s%s", (int)(at - text), text, net.folder,
			at + 2);
	if (address_parse(whole, &address, &net.fault) != 0)
		fail_msg("%s", net.fault.text);
	return address;
}

void net_turn(void)
{
	if (loop_turn(net.loop, 0, &net.fault) != 0)
		fail_msg("%s", net.fault.text);
}

void net_until(const bool *happens)
{
	while (!*happens)
		if (loop_turn(net.loop, UINT64_MAX, &net.fault) != 0)
			fail_msg("%s", net.fault.text);
}

static void keep_accepted(struct listener *listener, int fd)
{
	struct accepting *accepting = (struct accepting *)listener;

	assert_in_range(accepting->count, 0, 63);
	accepting->accepted[accepting->count++] = fd;
	accepting->some = true;
}

void net_listen(struct accepting *accepting, const struct address *address, unsigned connections)
{
	const struct listener_limits limits = {.connections = connections};

	memset(accepting, 0, sizeof *accepting);
	accepting->listener.accepted = keep_accepted;
	if (listener_open(&accepting->listener, net.loop, address, &limits, &net.fault) != 0)
		fail_msg("%s", net.fault.text);
}

void net_listen_no_more(struct accepting *accepting)
{
	listener_close(&accepting->listener);
	for (unsigned i = 0; i < accepting->count; i++)
		if (accepting->accepted[i] >= 0)
			close(accepting->accepted[i]);
}

static void keep_done(struct connector *connector, int fd, const struct fault *fault)
{
	struct connecting *connecting = (struct connecting *)connector;

	assert_false(connecting->done);
	connecting->done = true;
	connecting->fd = fd;
	if (fault != NULL)
		connecting->fault = *fault;
}

void net_connect(struct connecting *connecting, const struct address *address, uint64_t time)
{
	memset(connecting, 0, sizeof *connecting);
	connecting->connector.done = keep_done;
	if (connect_start(&connecting->connector, net.loop, address, NULL, time, &net.fault) != 0)
		fail_msg("%s", net.fault.text);
	assert_false(connecting->done);
}

int net_connected(const struct address *address)
{
	struct connecting connecting;

	net_connect(&connecting, address, UINT64_MAX);
	net_until(&connecting.done);
	if (connecting.fd < 0)
		fail_msg("%s", connecting.fault.text);
	return connecting.fd;
}

struct address net_address_of(const struct accepting *accepting, const char *host)
{
	char text[ADDRESS_TEXT_MAX];

	(void)snprintf(text, sizeof text, "tcp:%s:%u", host, accepting->listener.port);
	return net_address(text);
}

const char *net_form(unsigned index)
{
	static const char *const forms[] = {
		"unix:%s/socket", "tcp:127.0.0.1:0", "tcp:[::1]:0", NULL};

	return forms[index];
}

void net_pair(const char *form, int ends[2])
{
	struct address address = net_address(form);
	struct accepting accepting;

	net_listen(&accepting, &address, 1);
	address.port = accepting.listener.port;
	ends[0] = net_connected(&address);
	net_until(&accepting.some);
	ends[1] = accepting.accepted[0];
	accepting.accepted[0] = -1;
	net_listen_no_more(&accepting);
}

void net_refused(const struct address *address, const char *word)
{
	const struct listener_limits limits = {.connections = 1};
	struct listener listener = {.accepted = NULL};

	assert_int_equal(listener_open(&listener, net.loop, address, &limits, &net.fault), -1);
	assert_string_equal(net.fault.word, word);
	listener_close(&listener);
}

void net_joined(int from, int to)
{
	char byte = 'x';

	assert_int_equal(write(from, &byte, 1), 1);
	byte = 0;
	while (read(to, &byte, 1) < 0)
		assert_int_equal(errno, EAGAIN);
	assert_int_equal(byte, 'x');
}

static void assert_has_flags(int fd)
{
	assert_true((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
	assert_true((fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
}

void net_served(struct address address, const struct address *dialled)
{
	struct accepting accepting;
	int fd;

	net_listen(&accepting, &address, 1);
	address.port = accepting.listener.port;
	fd = net_connected(dialled != NULL ? dialled : &address);
	net_until(&accepting.some);
	assert_has_flags(fd);
	assert_has_flags(accepting.accepted[0]);
	net_joined(fd, accepting.accepted[0]);
	net_joined(accepting.accepted[0], fd);
	close(fd);
	net_listen_no_more(&accepting);
}
