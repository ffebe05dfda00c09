/* child_plan: what a process finds itself with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/lib/child.h"
#include "tests/lib/loop.h"

static struct fault fault;
static bool in_our_memory; /* all is as well either way */

/* Runs the plan, and returns what it has written to a pipe: less than a pipe holds. */
static const char *output_of(struct loop *loop, struct child_plan *plan)
{
	struct child_descriptor output = {.to = STDOUT_FILENO};
	static char text[16384];
	struct told told = {0};
	size_t used = 0;
	ssize_t got;
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	output.from = ends[1];
	plan->descriptors = &output;
	plan->descriptor_count = 1;
	plan->in_our_memory = in_our_memory;
	told_start(&told, loop, plan);
	close(ends[1]);
	assert_int_equal(loop_run(loop, &fault), 0);
	told_ended(&told, 0, false);
	while ((got = read(ends[0], text + used, sizeof text - 1 - used)) > 0)
		used += (size_t)got;
	text[used] = '\0';
	close(ends[0]);
	return text;
}

static void it_has_the_environment_directory_and_umask_of_its_plan(void **state)
{
	struct child_plan plan = SHELL("/usr/bin/env; pwd; umask");
	const char *text;

	plan.environment = (const char *const[]){"A=1", "B=two words", NULL};
	plan.directory = "/usr/bin";
	text = output_of(*state, &plan);
	assert_non_null(strstr(text, "A=1\n"));
	assert_non_null(strstr(text, "B=two words\n"));
	assert_null(strstr(text, "HOME="));
	assert_non_null(strstr(text, "\n/usr/bin\n0022\n"));
	plan.umask = 077;
	assert_non_null(strstr(output_of(*state, &plan), "\n0077\n"));
}

static void ignore(int number)
{
	(void)number;
}

static void its_signals_are_as_at_the_beginning_of_the_world(void **state)
{
	struct child_plan plan = {
		.program = "/bin/cat",
		.argv = (const char *const[]){"cat", "/proc/self/status", NULL},
	};
	sigset_t blocked, before;
	const char *text;

	sigfillset(&blocked);
	assert_int_equal(sigprocmask(SIG_SETMASK, &blocked, &before), 0);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGRTMAX, SIG_IGN);
	(void)signal(SIGUSR1, ignore);
	text = output_of(*state, &plan);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)signal(SIGRTMAX, SIG_DFL);
	(void)signal(SIGUSR1, SIG_DFL);
	assert_int_equal(sigprocmask(SIG_SETMASK, &before, NULL), 0);
	assert_non_null(strstr(text, "SigBlk:\t0000000000000000\n"));
	assert_non_null(strstr(text, "SigIgn:\t0000000000000000\n"));
	assert_non_null(strstr(text, "SigCgt:\t0000000000000000\n"));
}

/* ls itself holds the folder open, as 3. */
static void no_descriptor_of_ours_reaches_it(void **state)
{
	struct child_plan plan = {
		.program = "ls",
		.path = SHELL_PATH,
		.argv = (const char *const[]){"ls", "/proc/self/fd", NULL},
	};
	int open_ones[3] = {open("/", O_RDONLY), dup(0), fcntl(0, F_DUPFD, 500)};

	assert_string_equal(output_of(*state, &plan), "0\n1\n2\n3\n");
	for (int i = 0; i < 3; i++)
		close(open_ones[i]);
}

static void what_is_not_named_is_the_null_device(void **state)
{
	struct child_plan plan = SHELL("readlink /proc/self/fd/0 /proc/self/fd/2");

	assert_string_equal(output_of(*state, &plan), "/dev/null\n/dev/null\n");
}

/* A file with `text` as descriptor `place`. */
static void place_file(const char *text, int place)
{
	int descriptor = memfd_create("text", MFD_CLOEXEC);

	assert_int_equal(write(descriptor, text, strlen(text)), strlen(text));
	assert_int_equal(fcntl(place, F_GETFD), -1);
	assert_int_equal(dup3(descriptor, place, O_CLOEXEC), place);
	close(descriptor);
}

/* Two files change places, one stays, and they come again below, in an order in which some would
 * overwrite others that are still needed. */
static void descriptors_become_what_the_plan_says(void **state)
{
	enum { LOW = 9, HIGH = 29, MORE = 4 };
	struct child_plan plan = {
		.program = "/bin/cat",
		.argv = (const char *const[]){"cat", "/proc/self/fd/30", "/proc/self/fd/31",
			"/proc/self/fd/32", "/proc/self/fd/29", "/proc/self/fd/19",
			"/proc/self/fd/9", NULL},
	};
	struct child_descriptor list[HIGH - LOW + 1 + MORE] = {{30, 31}, {31, 30}, {32, 32}};
	struct told told = {0};
	char text[64] = "";
	int ends[2];

	place_file("thirty ", 30);
	place_file("one ", 31);
	place_file("two ", 32);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	list[3] = (struct child_descriptor){ends[1], STDOUT_FILENO};
	for (int i = 0; i <= HIGH - LOW; i++)
		list[MORE + i] = (struct child_descriptor){i < 10 ? 30 : 31, HIGH - i};
	plan.descriptors = list;
	plan.descriptor_count = HIGH - LOW + 1 + MORE;
	told_start(&told, *state, &plan);
	assert_int_equal(loop_run(*state, &fault), 0);
	told_ended(&told, 0, false);
	assert_true(read(ends[0], text, sizeof text - 1) > 0);
	assert_string_equal(text, "one thirty two thirty one one ");
	for (int descriptor = 30; descriptor <= 32; descriptor++) {
		assert_int_equal(fcntl(descriptor, F_GETFD), FD_CLOEXEC);
		close(descriptor);
	}
	close(ends[0]);
	close(ends[1]);
}

static void a_group_and_a_session_are_its_own(void **state)
{
	struct child_plan plan = SHELL("read line");
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	plan.descriptors = &(struct child_descriptor){ends[0], STDIN_FILENO};
	plan.descriptor_count = 1;
	for (int group = CHILD_GROUP_OURS; group <= CHILD_GROUP_SESSION; group++) {
		struct told told = {0};
		pid_t pid;

		plan.group = (enum child_group)group;
		told_start(&told, *state, &plan);
		AWAIT(*state, told.starts > 0);
		pid = told.child.pid;
		assert_int_equal(getpgid(pid), group == CHILD_GROUP_OURS ? getpgrp() : pid);
		assert_int_equal(getsid(pid), group == CHILD_GROUP_SESSION ? pid : getsid(0));
		assert_int_equal(write(ends[1], "\n", 1), 1);
		AWAIT(*state, told.ends > 0);
		told_ended(&told, 0, false);
	}
	close(ends[0]);
	close(ends[1]);
}

static void a_terminal_is_its_own(void **state)
{
	struct child_plan plan = SHELL("echo hello >/dev/tty");
	struct child_descriptor list[3];
	struct told told = {0};
	char text[32] = "";
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), slave;

	assert_int_equal(grantpt(master), 0);
	assert_int_equal(unlockpt(master), 0);
	slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	for (int i = 0; i < 3; i++)
		list[i] = (struct child_descriptor){slave, i};
	plan.descriptors = list;
	plan.descriptor_count = 3;
	plan.group = CHILD_GROUP_SESSION;
	plan.terminal = true;
	told_start(&told, *state, &plan);
	assert_int_equal(loop_run(*state, &fault), 0);
	told_ended(&told, 0, false);
	assert_true(read(master, text, sizeof text - 1) > 0);
	assert_string_equal(text, "hello\r\n");
	close(slave);
	close(master);
}

static int limit_and_move(void *data)
{
	const struct rlimit none = {0, 0};

	if (setrlimit(RLIMIT_CORE, &none) != 0 || chdir(data) != 0)
		return errno;
	return 0;
}

/* The directory of the plan comes after `prepare`, and is relative to what that has made of it. */
static void prepare_comes_before_the_directory(void **state)
{
	struct child_plan plan = SHELL("ulimit -c; pwd");
	char folder[] = "/usr";

	plan.prepare = limit_and_move;
	plan.data = folder;
	plan.directory = "bin";
	assert_string_equal(output_of(*state, &plan), "0\n/usr/bin\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOOP_TEST(it_has_the_environment_directory_and_umask_of_its_plan),
		LOOP_TEST(its_signals_are_as_at_the_beginning_of_the_world),
		LOOP_TEST(no_descriptor_of_ours_reaches_it),
		LOOP_TEST(what_is_not_named_is_the_null_device),
		LOOP_TEST(descriptors_become_what_the_plan_says),
		LOOP_TEST(a_group_and_a_session_are_its_own),
		LOOP_TEST(a_terminal_is_its_own),
		LOOP_TEST(prepare_comes_before_the_directory),
	};

	int failed = cmocka_run_group_tests_name("child_plan", tests, NULL, NULL);

	in_our_memory = true;
	return failed + cmocka_run_group_tests_name("child_plan, in our memory", tests, NULL, NULL);
}
