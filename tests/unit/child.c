/* child: how processes end, and how they are signalled. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lib/child.h"
#include "tests/lib/loop.h"

static struct fault fault;

static void a_process_that_ended_is_there_until_it_is_reaped(void **state)
{
	struct child_plan plan = SHELL("exit 42");
	struct told told = {.is_kept = true};
	pid_t pid;

	plan.group = CHILD_GROUP_NEW;
	told_start(&told, *state, &plan);
	assert_int_equal(loop_run(*state, &fault), 0);
	told_ended(&told, 42, false);
	pid = told.child.pid;
	assert_int_equal(kill(pid, 0), 0);
	assert_int_equal(child_signal(&told.child, SIGTERM, &fault), 0);
	assert_int_equal(child_signal_group(&told.child, SIGKILL, &fault), 0);
	child_reap(&told.child);
	child_reap(&told.child);
	assert_int_equal(kill(pid, 0), -1);
	assert_int_equal(child_signal_group(&told.child, SIGKILL, &fault), -1);
	assert_string_equal(fault.word, "ended");
}

static void a_signal_ends_it(void **state)
{
	struct child_plan plan = SHELL("kill -STOP $$; exit 1");

	for (int i = 0; i < 2; i++) {
		int number = i == 0 ? SIGTERM : SIGKILL;
		struct told told = {0};

		told_start(&told, *state, &plan);
		AWAIT(*state, told.starts > 0);
		assert_int_equal(child_signal(&told.child, 1000, &fault), -1);
		assert_string_equal(fault.word, "io");
		assert_int_equal(child_signal(&told.child, number, &fault), 0);
		assert_int_equal(child_signal(&told.child, SIGCONT, &fault), 0);
		assert_int_equal(loop_run(*state, &fault), 0);
		told_ended(&told, number, true);
	}
}

static int wait_for_ever(void *data)
{
	(void)data;
	for (;;)
		(void)pause();
	return 0;
}

/* Its start hangs, and neither the loop nor a signal does. */
static void a_process_can_be_killed_before_it_has_become_the_program(void **state)
{
	struct child_plan plan = SHELL("exit 0");

	plan.prepare = wait_for_ever;
	for (int group = CHILD_GROUP_OURS; group <= CHILD_GROUP_SESSION; group++) {
		struct told told = {0};

		plan.group = (enum child_group)group;
		told_start(&told, *state, &plan);
		assert_int_equal(loop_turn(*state, 0, &fault), 0);
		assert_int_equal(told.starts, 0);
		assert_int_equal(child_signal_group(&told.child, SIGTERM, &fault), 0);
		assert_int_equal(loop_run(*state, &fault), 0);
		told_ended(&told, SIGTERM, true);
	}
}

/* The children of the child hold the pipe until they are killed with their group. */
static void a_group_is_signalled_as_a_whole(void **state)
{
	struct child_plan plan = SHELL("sleep 1000 & sleep 1000 & echo ready; wait");
	struct told told = {.is_kept = true};
	struct child_descriptor output = {.to = STDOUT_FILENO};
	char text[8];
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	output.from = ends[1];
	plan.path = SHELL_PATH;
	plan.descriptors = &output;
	plan.descriptor_count = 1;
	plan.group = CHILD_GROUP_NEW;
	told_start(&told, *state, &plan);
	close(ends[1]);
	assert_int_equal(read(ends[0], text, sizeof text), 6);
	assert_int_equal(child_signal_group(&told.child, SIGKILL, &fault), 0);
	assert_int_equal(loop_run(*state, &fault), 0);
	told_ended(&told, SIGKILL, true);
	assert_int_equal(read(ends[0], text, sizeof text), 0);
	child_reap(&told.child);
	close(ends[0]);
}

static int leave_somebody(void *data)
{
	(void)data;
	if (_Fork() == 0)
		for (;;)
			(void)pause();
	return 0;
}

/* Somebody holds the report open, so that only the end of the process tells of its start. */
static void a_start_is_told_before_the_end(void **state)
{
	struct child_plan plan = SHELL("exit 5");
	struct told told = {.is_kept = true};

	plan.prepare = leave_somebody;
	plan.group = CHILD_GROUP_NEW;
	told_start(&told, *state, &plan);
	assert_int_equal(loop_run(*state, &fault), 0);
	told_ended(&told, 5, false);
	assert_int_equal(child_signal_group(&told.child, SIGKILL, &fault), 0);
	child_reap(&told.child);
}

static void a_process_that_somebody_else_reaps_still_ends(void **state)
{
	struct child_plan plan = SHELL("exit 3");
	struct told told = {0};

	told_start(&told, *state, &plan);
	assert_int_equal(waitpid(told.child.pid, NULL, 0), told.child.pid);
	assert_int_equal(loop_run(*state, &fault), 0);
	told_ended(&told, SIGKILL, true);
}

static void two_hundred_at_once_end_each_with_its_code(void **state)
{
	enum { COUNT = 200 };
	struct told *told = calloc(COUNT, sizeof *told);
	struct child_plan plan = SHELL("exit $0");
	char code[8];

	plan.argv = (const char *const[]){"sh", "-c", "exit $0", code, NULL};
	for (unsigned i = 0; i < COUNT; i++) {
		(void)snprintf(code, sizeof code, "%u", i);
		told_start(&told[i], *state, &plan);
	}
	assert_int_equal(loop_run(*state, &fault), 0);
	for (unsigned i = 0; i < COUNT; i++)
		told_ended(&told[i], (int)i, false);
	free(told);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOOP_TEST(a_process_that_ended_is_there_until_it_is_reaped),
		LOOP_TEST(a_signal_ends_it),
		LOOP_TEST(a_process_can_be_killed_before_it_has_become_the_program),
		LOOP_TEST(a_group_is_signalled_as_a_whole),
		LOOP_TEST(a_start_is_told_before_the_end),
		LOOP_TEST(a_process_that_somebody_else_reaps_still_ends),
		LOOP_TEST(two_hundred_at_once_end_each_with_its_code),
	};

	return cmocka_run_group_tests_name("child", tests, NULL, NULL);
}
