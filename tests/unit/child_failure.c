/* child_failure: processes that cannot be started, and what is said of them. */
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
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lib/child.h"
#include "tests/lib/loop.h"

static struct fault fault;
static bool in_our_memory;        /* all is as well either way */
static char said[FAULT_TEXT_MAX]; /* of the last failure */

static const char *word_of(struct loop *loop, struct child_plan *plan)
{
	static struct told told;

	memset(&told, 0, sizeof told);
	plan->in_our_memory = in_our_memory;
	told_start(&told, loop, plan);
	assert_int_equal(loop_run(loop, &fault), 0);
	assert_int_equal(told.failures, 1);
	assert_int_equal(told.starts + told.ends, 0);
	assert_int_equal(child_signal(&told.child, SIGTERM, &fault), -1);
	assert_string_equal(fault.word, "ended");
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nothing is left */
	(void)snprintf(said, sizeof said, "%s", told.fault.text);
	return told.fault.word;
}

static char folder[] = "/tmp/child-XXXXXX"; /* mkdtemp writes here */

static const char *path_to(const char *name)
{
	static char path[64];

	(void)snprintf(path, sizeof path, "%s/%s", folder, name);
	return path;
}

static void make_file(const char *name, const char *text, mode_t mode)
{
	int file = open(path_to(name), O_WRONLY | O_CREAT | O_CLOEXEC, mode);

	assert_true(file >= 0);
	assert_int_equal(write(file, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(file, mode), 0);
	close(file);
}

static int make_files(void **state)
{
	memcpy(folder + strlen("/tmp/child-"), "XXXXXX", 6);
	if (test_loop_open(state) != 0 || mkdtemp(folder) == NULL)
		return -1;
	make_file("plain", "exit 0\n", 0644);
	make_file("garbage", "\001\002\003", 0755);
	make_file("orphan", "#!/no/such/interpreter\n", 0755);
	make_file("script", "#!/bin/sh\nexit 7\n", 0755);
	return 0;
}

static int remove_files(void **state)
{
	const char *names[] = {"plain", "garbage", "orphan", "script"};

	for (unsigned i = 0; i < 4; i++)
		unlink(path_to(names[i]));
	rmdir(folder);
	return test_loop_close(state);
}

static void what_cannot_be_executed_says_why(void **state)
{
	const struct {
		const char *program, *word;
	} cases[] = {
		{"absent", "not_found"},
		{"plain/absent", "not_found"},
		{"orphan", "not_found"},
		{"plain", "not_executable"},
		{"garbage", "not_executable"},
		{".", "not_executable"},
	};
	struct child_plan plan = {.argv = (const char *const[]){"x", NULL}};

	for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		plan.program = path_to(cases[i].program);
		assert_string_equal(word_of(*state, &plan), cases[i].word);
	}
}

static void a_path_is_searched_to_its_end(void **state)
{
	struct child_plan plan = {.argv = (const char *const[]){"x", NULL}};
	char path[128];
	struct told told = {0};

	plan.program = "absent";
	assert_string_equal(word_of(*state, &plan), "not_found");
	(void)snprintf(path, sizeof path, ":/no/such/folder:%s::/bin:", folder);
	plan.path = path;
	assert_string_equal(word_of(*state, &plan), "not_found");
	plan.program = "plain";
	assert_string_equal(word_of(*state, &plan), "not_executable");
	plan.program = "script";
	told_start(&told, *state, &plan);
	assert_int_equal(loop_run(*state, &fault), 0);
	told_ended(&told, 7, false);
}

/* Whatever numbers the plan takes, the reason still comes through. */
static void a_reason_is_not_overwritten_by_descriptors(void **state)
{
	struct child_descriptor list[CHILD_DESCRIPTORS_MAX];
	struct child_plan plan = {
		.program = "/no/such/program",
		.argv = (const char *const[]){"x", NULL},
		.descriptors = list,
		.descriptor_count = CHILD_DESCRIPTORS_MAX,
	};

	for (int i = 0; i < (int)CHILD_DESCRIPTORS_MAX; i++)
		list[i] = (struct child_descriptor){STDERR_FILENO, i};
	assert_string_equal(word_of(*state, &plan), "not_found");
}

static int refuse(void *data)
{
	(void)data;
	return EACCES;
}

static int refuse_a_step(void *data)
{
	(void)data;
	return CHILD_AT(1, EACCES);
}

static void a_step_of_prepare_is_named(void **state)
{
	static const char *const steps[] = {"the first thing", "the second thing"};
	struct child_plan plan = SHELL("exit 0");

	plan.prepare = refuse_a_step;
	assert_string_equal(word_of(*state, &plan), "spawn");
	plan.steps = steps;
	assert_string_equal(word_of(*state, &plan), "spawn");
	assert_non_null(strstr(said, "the second thing failed: Permission denied"));
}

static void what_fails_before_the_exec_is_our_failure(void **state)
{
	struct child_plan plan = SHELL("exit 0");

	plan.prepare = refuse;
	assert_string_equal(word_of(*state, &plan), "spawn");
	plan.prepare = NULL;
	plan.directory = "/no/such/folder";
	assert_string_equal(word_of(*state, &plan), "directory");
	plan.directory = NULL;
	plan.terminal = true;
	assert_string_equal(word_of(*state, &plan), "spawn");
	plan.terminal = false;
	plan.descriptors = &(struct child_descriptor){999, 0};
	plan.descriptor_count = 1;
	assert_string_equal(word_of(*state, &plan), "spawn");
}

/* A folder that is no control group: the kernel makes no process there, and it can't go there. */
static void what_has_to_be_in_a_group_is_nowhere_else(void **state)
{
	struct child_plan plan = SHELL("exit 0");
	const int group = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	plan.cgroup = &group;
	assert_string_equal(word_of(*state, &plan), "spawn");
	close(group);
}

static void what_cannot_be_started_is_told_at_once(void **state)
{
	struct child_plan plan = SHELL("exit 0");
	struct rlimit before, none;
	struct told told = {0};
	int next = fcntl(0, F_DUPFD_CLOEXEC, 0);

	close(next);
	plan.descriptor_count = CHILD_DESCRIPTORS_MAX + 1;
	assert_int_equal(child_start(&told.child, *state, &plan, &fault), -1);
	assert_string_equal(fault.word, "limit");
	plan.descriptor_count = 0;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = (rlim_t)next + 1;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_int_equal(child_start(&told.child, *state, &plan, &fault), -1);
	assert_string_equal(fault.word, "spawn");
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(told.child.pid, 0);
	assert_int_equal(loop_run(*state, &fault), 0);
}

#define FILES_TEST(NAME) cmocka_unit_test_setup_teardown(NAME, make_files, remove_files)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FILES_TEST(what_cannot_be_executed_says_why),
		FILES_TEST(a_path_is_searched_to_its_end),
		LOOP_TEST(a_reason_is_not_overwritten_by_descriptors),
		LOOP_TEST(a_step_of_prepare_is_named),
		LOOP_TEST(what_fails_before_the_exec_is_our_failure),
		FILES_TEST(what_has_to_be_in_a_group_is_nowhere_else),
		LOOP_TEST(what_cannot_be_started_is_told_at_once),
	};

	int failed = cmocka_run_group_tests_name("child_failure", tests, NULL, NULL);

	in_our_memory = true;
	return failed +
	       cmocka_run_group_tests_name("child_failure, in our memory", tests, NULL, NULL);
}
