/* stream: sockets of each kind as streams: bytes, half-close, readiness, hang-up. */
#include "runtime/net/stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/net/peer.h"
#include "tests/lib/net.h"

/* Both ends of a connection, as streams. */
static struct socket_stream ends[2];
static struct stream *near, *far;

static void open_ends(const char *form)
{
	int fds[2];

	net_pair(form, fds);
	for (int i = 0; i < 2; i++)
		assert_int_equal(socket_stream_open(&ends[i], net.loop, fds[i], &net.fault), 0);
	near = &ends[0].stream;
	far = &ends[1].stream;
}

static void close_ends(void)
{
	stream_close(near);
	stream_close(far);
	stream_close(far);
}

/* A user that remembers what it was told. */
struct user {
	unsigned events, calls;
	bool told;
};

static void remember(struct stream *stream, unsigned events)
{
	struct user *user = stream->user;

	user->events = events;
	user->calls++;
	user->told = true;
}

static void use(struct stream *stream, struct user *user, unsigned events)
{
	stream->ready = remember;
	stream->user = user;
	*user = (struct user){.events = 0};
	stream_want(stream, events);
}

static void turns(unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		net_turn();
}

static size_t put(struct stream *stream, const char *text)
{
	struct iovec part = {(void *)text, strlen(text)};
	size_t done;

	assert_int_equal(stream_write(stream, &part, 1, &done, &net.fault), STREAM_DONE);
	return done;
}

/* Waits until there is something to read, and reads it. */
static enum stream_result get(struct stream *stream, char *text, size_t size)
{
	struct user user;
	size_t done = 0;
	enum stream_result result;

	use(stream, &user, STREAM_READ);
	net_until(&user.told);
	stream_want(stream, 0);
	result = stream_read(stream, text, size - 1, &done, &net.fault);
	text[done] = '\0';
	return result;
}

static void assert_gets(struct stream *stream, const char *text)
{
	char got[64];

	assert_int_equal(get(stream, got, sizeof got), STREAM_DONE);
	assert_string_equal(got, text);
}

static void assert_ends(struct stream *stream)
{
	char got[64];

	assert_int_equal(get(stream, got, sizeof got), STREAM_END);
}

static void each_direction_has_its_own_end(void **unused)
{
	(void)unused;
	for (unsigned i = 0; net_form(i) != NULL; i++)
		for (int turned = 0; turned < 2; turned++) {
			struct stream *first, *second;

			open_ends(net_form(i));
			first = turned ? far : near;
			second = turned ? near : far;
			put(first, "question");
			assert_int_equal(stream_finish(first, &net.fault), STREAM_DONE);
			assert_gets(second, "question");
			assert_ends(second);
			assert_ends(second);
			put(second, "answer");
			assert_gets(first, "answer");
			put(second, "more");
			assert_int_equal(stream_finish(second, &net.fault), STREAM_DONE);
			assert_gets(first, "more");
			assert_ends(first);
			close_ends();
		}
}

static void a_vector_is_written_in_its_order(void **unused)
{
	struct iovec parts[3] = {{"one ", 4}, {"", 0}, {"two", 3}};
	size_t done;

	(void)unused;
	open_ends("unix:%s/socket");
	assert_int_equal(stream_write(near, parts, 3, &done, &net.fault), STREAM_DONE);
	assert_int_equal(done, 7);
	assert_gets(far, "one two");
	close_ends();
}

static void what_does_not_fit_is_written_when_there_is_room(void **unused)
{
	static char block[65536], got[65536];
	struct iovec part = {block, sizeof block};

	(void)unused;
	for (unsigned i = 0; net_form(i) != NULL; i++) {
		size_t written = 0, seen = 0, done;
		struct user user;

		open_ends(net_form(i));
		do { /* what TCP has under way can make room once more */
			while (stream_write(near, &part, 1, &done, &net.fault) == STREAM_DONE)
				written += done;
			assert_int_equal(done, 0);
			use(near, &user, STREAM_WRITE);
			turns(10);
		} while (user.told);
		while (!user.told || seen < written) {
			if (stream_read(far, got, sizeof got, &done, &net.fault) == STREAM_DONE)
				seen += done;
			net_turn();
		}
		assert_int_equal(user.events, STREAM_WRITE);
		assert_int_equal(seen, written);
		close_ends();
	}
}

static void nothing_to_read_is_told_as_such(void **unused)
{
	struct user user;
	size_t done;
	char byte;

	(void)unused;
	open_ends("tcp:127.0.0.1:0");
	assert_int_equal(stream_read(far, &byte, 1, &done, &net.fault), STREAM_AGAIN);
	assert_int_equal(done, 0);
	use(far, &user, STREAM_READ);
	turns(10);
	assert_int_equal(user.calls, 0);
	close_ends();
}

static void readiness_is_told_in_each_turn_while_it_is_wanted(void **unused)
{
	struct user user;

	(void)unused;
	open_ends("unix:%s/socket");
	put(near, "x");
	use(far, &user, 0);
	turns(10);
	assert_int_equal(user.calls, 0);
	stream_want(far, STREAM_READ);
	turns(10);
	assert_int_equal(user.calls, 10);
	assert_int_equal(user.events, STREAM_READ);
	stream_want(far, STREAM_READ | STREAM_WRITE);
	turns(10);
	assert_int_equal(user.calls, 20);
	assert_int_equal(user.events, STREAM_READ | STREAM_WRITE);
	stream_want(far, STREAM_WRITE);
	turns(10);
	assert_int_equal(user.calls, 30);
	assert_int_equal(user.events, STREAM_WRITE);
	close_ends();
}

static void a_peer_that_is_gone_is_told_to_who_wants_something(void **unused)
{
	struct user user;

	(void)unused;
	for (unsigned i = 0; net_form(i) != NULL; i++) {
		open_ends(net_form(i));
		put(near, "last words");
		(void)stream_finish(far, &net.fault);
		use(far, &user, 0);
		stream_close(near);
		turns(100);
		assert_int_equal(user.calls, 0);
		assert_null(ends[1].watch.loop); /* so that the loop can sleep */
		stream_want(far, STREAM_READ);
		turns(10);
		assert_int_equal(user.calls, 10);
		assert_int_equal(user.events, STREAM_READ);
		assert_gets(far, "last words");
		assert_ends(far);
		assert_ends(far);
		use(far, &user, 0);
		turns(100);
		assert_int_equal(user.calls, 0);
		close_ends();
	}
}

static void writing_to_a_peer_that_is_gone_fails(void **unused)
{
	struct iovec part = {"x", 1};
	enum stream_result result = STREAM_DONE;
	struct user user;
	size_t done;

	(void)unused;
	for (unsigned i = 0; net_form(i) != NULL; i++) {
		open_ends(net_form(i));
		stream_close(near);
		do {
			use(far, &user, STREAM_WRITE);
			net_until(&user.told);
			result = stream_write(far, &part, 1, &done, &net.fault);
		} while (result == STREAM_DONE);
		assert_int_equal(result, STREAM_FAILED);
		assert_string_equal(net.fault.word, "reset");
		close_ends();
	}
}

static void a_peer_that_aborts_is_no_end(void **unused)
{
	const struct linger abort = {.l_onoff = 1};
	char got[8];

	(void)unused;
	open_ends("tcp:127.0.0.1:0");
	(void)setsockopt(stream_descriptor(near), SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
	stream_close(near);
	assert_int_equal(get(far, got, sizeof got), STREAM_FAILED);
	assert_string_equal(net.fault.word, "reset");
	close_ends();
}

static void close_and_free(struct stream *stream, unsigned events)
{
	bool *freed = stream->user;

	(void)events;
	stream_close(stream);
	free(stream);
	*freed = true;
}

static void a_stream_may_be_freed_when_it_is_ready(void **unused)
{
	(void)unused;
	for (int hung_up = 0; hung_up < 2; hung_up++) {
		struct socket_stream *socket = malloc(sizeof *socket);
		bool freed = false;
		int fds[2];

		net_pair("unix:%s/socket", fds);
		assert_int_equal(socket_stream_open(socket, net.loop, fds[0], &net.fault), 0);
		socket->stream.ready = close_and_free;
		socket->stream.user = &freed;
		assert_int_equal(write(fds[1], "x", 1), 1);
		if (hung_up)
			close(fds[1]);
		turns(hung_up ? 2 : 0);
		stream_want(&socket->stream, STREAM_READ | STREAM_WRITE);
		net_until(&freed);
		turns(2);
		if (!hung_up)
			close(fds[1]);
	}
}

static void the_peer_is_known(void **unused)
{
	char text[PEER_TEXT_MAX], expected[PEER_TEXT_MAX];
	struct peer peer;

	(void)unused;
	for (unsigned i = 0; net_form(i) != NULL; i++) {
		open_ends(net_form(i));
		assert_int_equal(peer_of(stream_descriptor(far), &peer, &net.fault), 0);
		peer_print(&peer, text);
		if (peer.kind == PEER_UNIX) {
			assert_int_equal(peer.pid, getpid());
			assert_int_equal(peer.uid, getuid());
			assert_int_equal(peer.gid, getgid());
			(void)snprintf(expected, sizeof expected, "pid %d uid %u gid %u", getpid(),
				getuid(), getgid());
		} else {
			assert_int_equal(peer.kind, PEER_TCP);
			(void)snprintf(expected, sizeof expected, "tcp:%s:%u",
				i == 1 ? "127.0.0.1" : "[::1]", peer.port);
		}
		assert_string_equal(text, expected);
		close_ends();
	}
}

static void who_is_not_connected_has_no_peer(void **unused)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct peer peer;

	(void)unused;
	assert_int_equal(peer_of(fd, &peer, &net.fault), -1);
	assert_string_equal(net.fault.word, "reset");
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		NET_TEST(each_direction_has_its_own_end),
		NET_TEST(a_vector_is_written_in_its_order),
		NET_TEST(what_does_not_fit_is_written_when_there_is_room),
		NET_TEST(nothing_to_read_is_told_as_such),
		NET_TEST(readiness_is_told_in_each_turn_while_it_is_wanted),
		NET_TEST(a_peer_that_is_gone_is_told_to_who_wants_something),
		NET_TEST(writing_to_a_peer_that_is_gone_fails),
		NET_TEST(a_peer_that_aborts_is_no_end),
		NET_TEST(a_stream_may_be_freed_when_it_is_ready),
		NET_TEST(the_peer_is_known),
		NET_TEST(who_is_not_connected_has_no_peer),
	};

	return cmocka_run_group_tests_name("stream", tests, NULL, NULL);
}
