/* slc_link: sessions on sockets and a loop. */
#include "runtime/channel/link.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/channel/wire.h"
#include "runtime/net/socket_stream.h"
#include "tests/lib/loop.h"

#define INPUT 3000000u /* bytes of a request: much more than socket and window hold */

static struct fault fault;

/* One end: a session on a socket, and the one channel that it has. */
struct station {
	struct slc *slc;
	struct socket_stream socket;
	struct link link;
	struct loop *loop;
	size_t sent, got;
	bool is_client, wants_channel;
	unsigned closed, gone, ended;
	uint32_t reason, status;
	enum channel_outcome outcome;
};

/* --- The work --------------------------------------------------------------------------------- */

static void push(struct channel *channel)
{
	struct station *station = channel_owner(channel);
	static uint8_t bytes[100000];

	while (station->sent < INPUT) {
		size_t size = INPUT - station->sent, took;

		if (size > sizeof bytes)
			size = sizeof bytes;
		for (size_t i = 0; i < size; i++)
			bytes[i] = (uint8_t)((station->sent + i) % 251);
		took = channel_send(channel, SLC_INPUT, bytes, size);
		station->sent += took;
		if (took < size)
			return;
	}
	channel_finish(channel, SLC_INPUT);
}

static void data(struct channel *channel, enum slc_stream stream, const uint8_t *bytes, size_t size)
{
	struct station *station = channel_owner(channel);

	(void)stream;
	for (size_t i = 0; i < size; i++)
		if (bytes[i] != (uint8_t)((station->got + i) % 251))
			fail_msg("byte %zu is wrong", station->got + i);
	station->got += size;
	channel_consumed(channel, size);
}

static void conclude(struct channel *channel, enum slc_stream stream)
{
	if (stream == SLC_INPUT)
		assert_true(channel_conclude(channel, 7, NULL, 0));
}

static void status(struct channel *channel, uint32_t value, const uint8_t *fields, size_t size)
{
	(void)fields;
	assert_int_equal(size, 0);
	((struct station *)channel_owner(channel))->status = value;
}

static void ended(
	struct channel *channel, enum channel_outcome outcome, uint32_t reason, const char *text)
{
	struct station *station = channel_owner(channel);

	(void)reason;
	(void)text;
	station->ended++;
	station->outcome = outcome;
	if (station->is_client)
		slc_close(station->slc, SLC_REASON_NONE, NULL);
}

static const struct channel_events channel_events = {
	.accepted = push,
	.writable = push,
	.data = data,
	.end = conclude,
	.status = status,
	.ended = ended,
};

static void opened(struct slc *slc)
{
	struct station *station = slc_owner(slc);
	struct channel *channel;

	if (station->wants_channel)
		assert_int_equal(channel_open(slc, &channel, &channel_events, station, SLC_EXEC,
					 NULL, 0, &fault),
			0);
}

static void asked(
	struct slc *slc, struct channel *channel, uint32_t type, const uint8_t *fields, size_t size)
{
	(void)type;
	(void)fields;
	(void)size;
	channel_own(channel, &channel_events, slc_owner(slc));
	channel_accept(channel);
}

static void closed(struct slc *slc, uint32_t reason, const char *text)
{
	struct station *station = slc_owner(slc);

	(void)text;
	station->closed++;
	station->reason = reason;
}

static const struct slc_events events = {.opened = opened, .asked = asked, .closed = closed};

static void gone(struct link *link)
{
	struct station *station = link->user;

	assert_int_equal(station->closed, 1);
	station->gone++;
	slc_free(station->slc);
	station->slc = NULL;
}

/* --- Two ends --------------------------------------------------------------------------------- */

static void start(struct station *station, struct loop *loop, int fd, bool is_client)
{
	struct slc_options options = slc_usual;

	options.is_client = is_client;
	options.clock = loop_clock(loop);
	options.handshake = options.linger = 3600 * CLOCK_SECOND; /* no test waits for these */
	station->is_client = is_client;
	station->link.gone = gone;
	station->link.user = station;
	assert_int_equal(slc_new(&station->slc, &options, &events, station, &fault), 0);
	assert_int_equal(socket_stream_open(&station->socket, loop, fd, &fault), 0);
	link_start(&station->link, loop, &station->socket.stream, station->slc);
}

static void connect_pair(int fds[2])
{
	const int type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
	const int size = 20000;

	assert_int_equal(socketpair(AF_UNIX, type, 0, fds), 0);
	for (unsigned i = 0; i < 2; i++) /* so that nothing fits at once */
		assert_int_equal(setsockopt(fds[i], SOL_SOCKET, SO_SNDBUF, &size, sizeof size), 0);
}

static void await(struct loop *loop, const unsigned *count)
{
	while (*count == 0)
		assert_int_equal(loop_turn(loop, UINT64_MAX, &fault), 0);
}

static void a_command_runs_over_sockets(void **state)
{
	static struct station client, server;
	int fds[2];

	client = server = (struct station){.wants_channel = false};
	client.wants_channel = true;
	connect_pair(fds);
	start(&client, *state, fds[0], true);
	start(&server, *state, fds[1], false);
	await(*state, &client.gone);
	await(*state, &server.gone);
	assert_int_equal(client.ended + server.ended, 2);
	assert_int_equal(client.outcome, CHANNEL_DONE);
	assert_int_equal(server.outcome, CHANNEL_DONE);
	assert_int_equal(client.status, 7);
	assert_int_equal(server.got, INPUT);
	assert_int_equal(client.reason + server.reason, 0);
	assert_int_equal(loop_run(*state, &fault), 0); /* nothing is left that could happen */
}

static void a_peer_that_dies_is_lost(void **state)
{
	static struct station client, server;
	int fds[2];

	client = server = (struct station){.wants_channel = false};
	client.wants_channel = true;
	connect_pair(fds);
	start(&client, *state, fds[0], true);
	start(&server, *state, fds[1], false);
	while (server.got < INPUT / 2)
		assert_int_equal(loop_turn(*state, UINT64_MAX, &fault), 0);
	link_stop(&server.link);
	link_stop(&server.link);
	assert_int_equal(server.closed, 1);
	assert_int_equal(server.gone, 0);
	assert_int_equal(server.outcome, CHANNEL_LOST);
	slc_free(server.slc);
	await(*state, &client.gone);
	assert_int_equal(client.outcome, CHANNEL_LOST);
	assert_int_equal(client.reason, SLC_REASON_LOST);
}

/* --- An end and a bare socket ----------------------------------------------------------------- */

/* Turns until a frame of this type has come; its payload, in static memory. */
static const uint8_t *await_frame(struct loop *loop, int fd, uint32_t type)
{
	static uint8_t bytes[70000];
	size_t used = 0, wanted = SLC_FRAME_SIZE;

	for (;;) {
		ssize_t got = read(fd, bytes + used, wanted - used);

		used += got > 0 ? (size_t)got : 0;
		if (used >= SLC_FRAME_SIZE)
			wanted = SLC_FRAME_SIZE + wire_number(bytes + 4);
		if (used == wanted && bytes[0] == type)
			return bytes + SLC_FRAME_SIZE;
		if (used == wanted) {
			used = 0;
			wanted = SLC_FRAME_SIZE;
		} else if (got < 0) {
			assert_int_equal(loop_turn(loop, UINT64_MAX, &fault), 0);
		}
	}
}

static void say(int fd, uint32_t type, const void *payload, size_t size)
{
	uint8_t bytes[100];

	wire_put_frame(bytes, type, 0, 0, (uint32_t)size);
	memcpy(bytes + SLC_FRAME_SIZE, payload, size);
	assert_int_equal(write(fd, bytes, SLC_FRAME_SIZE + size), SLC_FRAME_SIZE + size);
}

static void say_hello(int fd)
{
	const struct slc_hello hello = {.version = 1,
		.features = SLC_FEATURE_NONE,
		.limit = 65536,
		.keepalive = 3600,
		.credit = 1000};
	uint8_t payload[SLC_HELLO_SIZE];

	wire_put_hello(payload, &hello);
	say(fd, SLC_FRAME_HELLO, payload, sizeof payload);
}

static void our_direction_ends_after_goodbye(void **state)
{
	static struct station server;
	char byte;
	int fds[2];

	server = (struct station){.wants_channel = false};
	connect_pair(fds);
	start(&server, *state, fds[0], false);
	say_hello(fds[1]);
	(void)await_frame(*state, fds[1], SLC_FRAME_HELLO);
	slc_close(server.slc, SLC_REASON_CLOSING, NULL);
	assert_int_equal(
		wire_number(await_frame(*state, fds[1], SLC_FRAME_GOODBYE)), SLC_REASON_CLOSING);
	while (read(fds[1], &byte, 1) != 0)
		assert_int_equal(loop_turn(*state, UINT64_MAX, &fault), 0);
	assert_int_equal(server.closed, 0);
	assert_int_equal(write(fds[1], &byte, 1), 1); /* it still reads, and discards */
	close(fds[1]);
	await(*state, &server.gone);
	assert_int_equal(server.reason, SLC_REASON_CLOSING);
}

static void goodbye_is_answered_before_the_end(void **state)
{
	static struct station server;
	char byte;
	int fds[2];

	server = (struct station){.wants_channel = false};
	connect_pair(fds);
	start(&server, *state, fds[0], false);
	say_hello(fds[1]);
	say(fds[1], SLC_FRAME_GOODBYE, "\0\0\0\0bye", 7);
	assert_int_equal(shutdown(fds[1], SHUT_WR), 0);
	assert_int_equal(wire_number(await_frame(*state, fds[1], SLC_FRAME_GOODBYE)), 0);
	await(*state, &server.gone);
	assert_int_equal(read(fds[1], &byte, 1), 0);
	assert_int_equal(server.reason, SLC_REASON_NONE);
	close(fds[1]);
}

/* What a peer said before it went is heard, though nothing can be written to it any more. */
static void the_last_words_are_heard(void **state)
{
	static const uint8_t words[] = {
		SLC_FRAME_ACCEPT, 0, 0, 1, 0, 0, 0, 0,             /* */
		SLC_FRAME_END, SLC_OUTPUT, 0, 1, 0, 0, 0, 0,       /* */
		SLC_FRAME_END, SLC_ERROR, 0, 1, 0, 0, 0, 0,        /* */
		SLC_FRAME_STATUS, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0, 9, /* */
	};
	static struct station client;
	int fds[2];

	client = (struct station){.wants_channel = true};
	connect_pair(fds);
	start(&client, *state, fds[0], true);
	say_hello(fds[1]);
	(void)await_frame(*state, fds[1], SLC_FRAME_OPEN);
	assert_int_equal(write(fds[1], words, sizeof words), sizeof words);
	close(fds[1]);
	slc_ping(client.slc);
	client.link.soon.fired(&client.link.soon); /* it writes before it knows */
	await(*state, &client.gone);
	assert_int_equal(client.outcome, CHANNEL_DONE);
	assert_int_equal(client.status, 9);
}

static void deadlines_come_from_the_loop(void **state)
{
	static struct station server;
	struct slc_options options = slc_usual;
	int fds[2];

	server = (struct station){.wants_channel = false};
	connect_pair(fds);
	options.clock = loop_clock(*state);
	options.handshake = options.linger = CLOCK_MILLISECOND;
	server.link.gone = gone;
	server.link.user = &server;
	assert_int_equal(slc_new(&server.slc, &options, &events, &server, &fault), 0);
	assert_int_equal(socket_stream_open(&server.socket, *state, fds[0], &fault), 0);
	link_start(&server.link, *state, &server.socket.stream, server.slc);
	await(*state, &server.gone);
	assert_int_equal(server.reason, SLC_REASON_TIMEOUT);
	close(fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOOP_TEST(a_command_runs_over_sockets),
		LOOP_TEST(a_peer_that_dies_is_lost),
		LOOP_TEST(our_direction_ends_after_goodbye),
		LOOP_TEST(goodbye_is_answered_before_the_end),
		LOOP_TEST(the_last_words_are_heard),
		LOOP_TEST(deadlines_come_from_the_loop),
	};

	return cmocka_run_group_tests_name("slc_link", tests, NULL, NULL);
}
