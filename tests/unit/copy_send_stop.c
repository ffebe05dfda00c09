/* copy_send: what it refuses, its limits, and how it stops. */
#include "runtime/channel/copy_send.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "runtime/channel/copy_open.h"
#include "runtime/channel/reason.h"
#include "tests/lib/copy.h"
#include "tests/lib/tree.h"

#define NOBODY 65534

static int folder;
static struct copy_send_options options;
static struct copy_outcome outcome;

static int begin(void **state)
{
	(void)state;
	folder = tree_new();
	options = copy_send_usual;
	options.source = folder;
	return 0;
}

static int end(void **state)
{
	(void)state;
	tree_remove(folder);
	return 0;
}

static void names_are_one_part(void **state)
{
	static const char *const names[] = {"/", "a/b", "..", "a/"};

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		options.name = names[i];
		assert_not_sent(&options, &outcome, SLC_REASON_REQUEST);
	}
}

static void members_are_limited(void **state)
{
	(void)state;
	tree_text(folder, "a", "");
	tree_text(folder, "b", "");
	options.members = 2;
	assert_not_sent(&options, &outcome, SLC_REASON_LIMIT);
}

static void names_are_limited(void **state)
{
	(void)state;
	tree_text(folder, "1234567", "");
	tree_folder(folder, "abcdefg", 0700);
	tree_text(folder, "abcdefg/1234567", "");
	options.names = 36;
	assert_int_equal(send_to_memory(&options, &outcome), 0);
	assert_int_equal(outcome.members, 4);
	close(options.stream);
	options.names = 35;
	assert_not_sent(&options, &outcome, SLC_REASON_LIMIT);
}

static void names_that_no_receiver_takes_are_refused(void **state)
{
	char name[256];
	int at = dup(folder);

	(void)state;
	memset(name, 'n', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	for (unsigned depth = 0; depth < 17; depth++) {
		int next;

		tree_folder(at, name, 0700);
		next = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		assert_true(next >= 0);
		close(at);
		at = next;
	}
	close(at);
	assert_not_sent(&options, &outcome, SLC_REASON_LIMIT);
}

static void send_as_nobody(void)
{
	if (geteuid() == 0 && (setegid(NOBODY) != 0 || seteuid(NOBODY) != 0))
		_exit(1);
	options.stream = memfd_create("stream", MFD_CLOEXEC);
	if (copy_send(&options, &outcome) != -1 || outcome.reason != SLC_REASON_DENIED)
		_exit(1);
}

static void what_may_not_be_read_is_denied(void **state)
{
	pid_t child;
	int status;

	(void)state;
	tree_file(folder, "a", "", 0, 0);
	assert_int_equal(fchmod(folder, 0755), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		send_as_nobody();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

/* --- How it stops ----------------------------------------------------------------------------- */

static _Atomic uint32_t stop;

static void stop_at_the_second(void *data, const struct copy_progress *progress)
{
	(void)data;
	if (progress->members == 2)
		atomic_store(&stop, SLC_REASON_CANCELLED);
}

static void it_can_be_given_up(void **state)
{
	(void)state;
	tree_text(folder, "a", "a");
	tree_text(folder, "b", "b");
	atomic_store(&stop, 0);
	options.watch.stop = &stop;
	options.watch.progress = stop_at_the_second;
	assert_not_sent(&options, &outcome, SLC_REASON_CANCELLED);
	assert_int_equal(outcome.members, 2);
}

static void a_reader_that_goes_ends_it(void **state)
{
	int ends[2];

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	close(ends[1]);
	options.stream = ends[0];
	assert_int_equal(copy_send(&options, &outcome), -1);
	assert_int_equal(outcome.reason, SLC_REASON_LOST);
	close(ends[0]);
}

#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(names_are_one_part),
		TEST(members_are_limited),
		TEST(names_are_limited),
		TEST(names_that_no_receiver_takes_are_refused),
		TEST(what_may_not_be_read_is_denied),
		TEST(it_can_be_given_up),
		TEST(a_reader_that_goes_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
