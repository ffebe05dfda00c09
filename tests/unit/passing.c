/* passing: descriptors between processes and within one, and messages that are refused. */
#include "runtime/net/passing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lib/loop.h"
#include "tests/lib/net.h"

static struct passing sent, received;
static int ends[2];

static void open_pair(void)
{
	assert_int_equal(passing_pair(ends, &net.fault), 0);
}

static void close_pair(void)
{
	close(ends[0]);
	close(ends[1]);
}

/* A message with the same descriptor `count` times. */
static void message(const char *text, int descriptor, unsigned count)
{
	sent.size = strlen(text);
	memcpy(sent.message, text, sent.size);
	sent.count = count;
	for (unsigned i = 0; i < count; i++)
		sent.descriptors[i] = descriptor;
}

static void assert_sent(void)
{
	if (passing_send(ends[0], &sent, &net.fault) != STREAM_DONE)
		fail_msg("%s", net.fault.text);
}

static void assert_refused(unsigned most, const char *word)
{
	unsigned before = descriptors_open();

	assert_int_equal(passing_receive(ends[1], most, &received, &net.fault), STREAM_FAILED);
	assert_string_equal(net.fault.word, word);
	assert_int_equal(received.count, 0);
	assert_int_equal(descriptors_open(), before);
}

static void close_received(void)
{
	for (unsigned i = 0; i < received.count; i++)
		close(received.descriptors[i]);
}

static void descriptors_come_with_their_message(void **unused)
{
	static const unsigned counts[] = {0, 1, 2, PASSING_DESCRIPTORS_MAX};
	int tube[2];

	(void)unused;
	open_pair();
	assert_int_equal(pipe2(tube, O_CLOEXEC), 0);
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
		char byte = 'a';

		message("take this", tube[1], counts[i]);
		assert_sent();
		assert_int_equal(
			passing_receive(ends[1], PASSING_DESCRIPTORS_MAX, &received, &net.fault),
			STREAM_DONE);
		assert_int_equal(received.count, counts[i]);
		assert_int_equal(received.size, 9);
		assert_memory_equal(received.message, "take this", 9);
		for (unsigned j = 0; j < received.count; j++) {
			assert_true((fcntl(received.descriptors[j], F_GETFD) & FD_CLOEXEC) != 0);
			assert_int_equal(write(received.descriptors[j], "x", 1), 1);
			assert_int_equal(read(tube[0], &byte, 1), 1);
			assert_int_equal(byte, 'x');
		}
		close_received();
	}
	close(tube[0]);
	close(tube[1]);
	close_pair();
}

static void messages_stay_apart(void **unused)
{
	(void)unused;
	open_pair();
	message("first", STDERR_FILENO, 1);
	assert_sent();
	message("second", -1, 0);
	assert_sent();
	assert_int_equal(passing_receive(ends[1], 1, &received, &net.fault), STREAM_DONE);
	assert_int_equal(received.size, 5);
	assert_int_equal(received.count, 1);
	close_received();
	assert_int_equal(passing_receive(ends[1], 1, &received, &net.fault), STREAM_DONE);
	assert_int_equal(received.size, 6);
	assert_int_equal(received.count, 0);
	close_pair();
}

static void a_descriptor_goes_to_another_process(void **unused)
{
	int tube[2], status;
	char byte = 'a';
	pid_t pid;

	(void)unused;
	open_pair();
	message("a pipe", -1, 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (pipe(tube) != 0 || write(tube[1], "x", 1) != 1)
			_exit(1);
		sent.descriptors[0] = tube[0];
		sent.count = 1;
		_exit(passing_send(ends[0], &sent, &net.fault) == STREAM_DONE ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(passing_receive(ends[1], 1, &received, &net.fault), STREAM_DONE);
	assert_int_equal(read(received.descriptors[0], &byte, 1), 1);
	assert_int_equal(byte, 'x');
	close_received();
	close_pair();
}

static void more_descriptors_than_expected_are_closed(void **unused)
{
	(void)unused;
	open_pair();
	message("two", STDERR_FILENO, 2);
	assert_sent();
	assert_sent();
	assert_sent();
	message("good", STDERR_FILENO, 1);
	assert_sent();
	assert_refused(1, "size");
	assert_refused(0, "size");
	assert_int_equal(passing_receive(ends[1], 2, &received, &net.fault), STREAM_DONE);
	close_received();
	assert_int_equal(passing_receive(ends[1], 1, &received, &net.fault), STREAM_DONE);
	assert_int_equal(received.size, 4);
	close_received();
	close_pair();
}

/* What passing_send would not send: any number of descriptors with any number of bytes. */
static void send_raw(unsigned count, size_t size)
{
	static char bytes[2 * PASSING_MESSAGE_MAX];
	union {
		struct cmsghdr head;
		unsigned char room[CMSG_SPACE(253 * sizeof(int))];
	} control;
	struct iovec part = {bytes, size};
	struct msghdr raw = {.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = CMSG_SPACE(count * sizeof(int))};

	memset(&control, 0, sizeof control);
	control.head.cmsg_level = SOL_SOCKET;
	control.head.cmsg_type = SCM_RIGHTS;
	control.head.cmsg_len = CMSG_LEN(count * sizeof(int));
	for (unsigned i = 0; i < count; i++)
		memcpy(CMSG_DATA(&control.head) + i * sizeof(int), &ends[0], sizeof(int));
	assert_int_equal(sendmsg(ends[0], &raw, 0), size);
}

static void a_hostile_message_leaves_nothing_behind(void **unused)
{
	(void)unused;
	open_pair();
	send_raw(253, 1);
	assert_refused(PASSING_DESCRIPTORS_MAX, "size");
	send_raw(1, PASSING_MESSAGE_MAX + 1);
	assert_refused(1, "size");
	send_raw(1, 0);
	assert_refused(1, "size");
	send_raw(PASSING_DESCRIPTORS_MAX + 1, 1);
	assert_refused(1000, "size");
	send_raw(1, PASSING_MESSAGE_MAX);
	assert_int_equal(passing_receive(ends[1], 1, &received, &net.fault), STREAM_DONE);
	assert_int_equal(received.size, PASSING_MESSAGE_MAX);
	close_received();
	close_pair();
}

static void a_shortage_of_descriptors_is_a_failure(void **unused)
{
	struct rlimit limit, few;
	unsigned before;

	(void)unused;
	open_pair();
	message("three", STDERR_FILENO, 3);
	assert_sent();
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	before = descriptors_open();
	few = limit;
	few.rlim_cur = (rlim_t)dup(STDERR_FILENO);
	close((int)few.rlim_cur);
	few.rlim_cur++; /* room for one */
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	assert_int_equal(passing_receive(ends[1], 3, &received, &net.fault), STREAM_FAILED);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_string_equal(net.fault.word, "limit");
	assert_int_equal(received.count, 0);
	assert_int_equal(descriptors_open(), before);
	close_pair();
}

static void what_cannot_be_sent_is_not_begun(void **unused)
{
	int stream[2];

	(void)unused;
	open_pair();
	message("", STDERR_FILENO, 1);
	assert_int_equal(passing_send(ends[0], &sent, &net.fault), STREAM_FAILED);
	assert_string_equal(net.fault.word, "size");
	message("x", STDERR_FILENO, 1);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, stream), 0);
	assert_int_equal(passing_send(stream[0], &sent, &net.fault), STREAM_FAILED);
	assert_string_equal(net.fault.word, "socket");
	assert_int_equal(passing_receive(stream[1], 1, &received, &net.fault), STREAM_FAILED);
	assert_string_equal(net.fault.word, "socket");
	assert_int_equal(passing_receive(ends[1], 1, &received, &net.fault), STREAM_AGAIN);
	close(stream[0]);
	close(stream[1]);
	close_pair();
}

static void full_empty_and_ended_are_told_apart(void **unused)
{
	enum stream_result result;

	(void)unused;
	open_pair();
	message("x", -1, 0);
	assert_int_equal(passing_receive(ends[1], 1, &received, &net.fault), STREAM_AGAIN);
	do {
		result = passing_send(ends[0], &sent, &net.fault);
	} while (result == STREAM_DONE);
	assert_int_equal(result, STREAM_AGAIN);
	close(ends[0]);
	do {
		result = passing_receive(ends[1], 1, &received, &net.fault);
	} while (result == STREAM_DONE);
	assert_int_equal(result, STREAM_END);
	assert_int_equal(passing_send(ends[1], &sent, &net.fault), STREAM_FAILED);
	assert_string_equal(net.fault.word, "reset");
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		NET_TEST(descriptors_come_with_their_message),
		NET_TEST(messages_stay_apart),
		NET_TEST(a_descriptor_goes_to_another_process),
		NET_TEST(more_descriptors_than_expected_are_closed),
		NET_TEST(a_hostile_message_leaves_nothing_behind),
		NET_TEST(a_shortage_of_descriptors_is_a_failure),
		NET_TEST(what_cannot_be_sent_is_not_begun),
		NET_TEST(full_empty_and_ended_are_told_apart),
	};

	return cmocka_run_group_tests_name("passing", tests, NULL, NULL);
}
