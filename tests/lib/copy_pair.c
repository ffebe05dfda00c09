/* copy_pair: see copy_pair.h. */
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "runtime/channel/reason.h"
#include "tests/lib/copy_pair.h"
#include "tests/lib/tree.h"

struct pair pair;

int pair_begin(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	pair = (struct pair){.from = tree_new(), .to = tree_new()};
	pair.send = copy_send_usual;
	pair.send.source = pair.from;
	pair.receive = copy_receive_usual;
	pair.receive.target.folder = pair.to;
	memcpy(pair.receive.target.last, "t", 2);
	pair.receive.watch.stop = &pair.stop;
	return 0;
}

int pair_end(void **state)
{
	(void)state;
	tree_remove(pair.from);
	tree_remove(pair.to);
	return 0;
}

/* As the ends of a channel do it: a sender that fails says why before the stream ends. */
static void *send_end(void *unused)
{
	(void)unused;
	if (copy_send(&pair.send, &pair.sent) != 0)
		atomic_store(&pair.stop, pair.sent.reason);
	close(pair.send.stream);
	return NULL;
}

/* Hands bytes on in pieces of a few, so that fields are cut everywhere. */
static void *hand_on(void *ends)
{
	const int *fds = ends;
	uint8_t bytes[64];
	ssize_t n;

	while ((n = read(fds[0], bytes, pair.cut)) > 0)
		if (write(fds[1], bytes, (size_t)n) != n)
			break;
	close(fds[0]);
	close(fds[1]);
	return NULL;
}

static void join_ends(int between[2], pthread_t *middle)
{
	int first[2], second[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, first), 0);
	pair.send.stream = first[0];
	pair.receive.stream = first[1];
	if (pair.cut == 0)
		return;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, second), 0);
	between[0] = first[1];
	between[1] = second[0];
	pair.receive.stream = second[1];
	assert_int_equal(pthread_create(middle, NULL, hand_on, between), 0);
}

int pair_copy(void)
{
	pthread_t sender, middle;
	int between[2], result;

	join_ends(between, &middle);
	assert_int_equal(pthread_create(&sender, NULL, send_end, NULL), 0);
	result = copy_receive(&pair.receive, &pair.received);
	close(pair.receive.stream);
	pthread_join(sender, NULL);
	if (pair.cut != 0)
		pthread_join(middle, NULL);
	return result;
}

void assert_copied(void)
{
	if (pair_copy() != 0)
		fail_msg("%s: %s", slc_reason_word(pair.received.reason), pair.received.text);
	assert_int_equal(pair.sent.reason, 0);
	assert_int_equal(pair.sent.members, pair.received.members);
	assert_int_equal(pair.sent.bytes, pair.received.bytes);
}

int pair_target(void)
{
	int fd = openat(pair.to, "t", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

void assert_arrived(void)
{
	struct stat one, other;
	int fd = pair_target();

	tree_assert_same(pair.from, fd);
	assert_int_equal(fstat(pair.from, &one), 0);
	assert_int_equal(fstat(fd, &other), 0);
	assert_int_equal(one.st_mode, other.st_mode);
	assert_memory_equal(&one.st_mtim, &other.st_mtim, sizeof one.st_mtim);
	close(fd);
}
