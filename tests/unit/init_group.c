/* init_group: limits of control groups, of cgroup2 or of v1, wherever a controller is: a bomb of
 * forks goes no further than its limit, and ends with its group. Wants to be root. */
#include "services/init/group.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TASKS    6u
#define PATIENCE 6000 /* hundredths of a second */

static struct unit_file unit;
static struct fault fault;

static void rest(void)
{
	const struct timespec moment = {0, 10000000};

	(void)nanosleep(&moment, NULL);
}

/* A place of our own for file systems, with a cgroup2 where init expects it. */
static bool has_groups(void)
{
	static bool is_made;

	is_made = is_made || (unshare(CLONE_NEWNS) == 0 &&
				     mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
				     mount("tmpfs", "/run", "tmpfs", 0, NULL) == 0 &&
				     mount("cgroup2", "/sys/fs/cgroup", "cgroup2", 0, NULL) == 0);
	return is_made && groups_open();
}

/* The folder of the unit's group that has the file; of v1 where cgroup2 has it not. */
static const char *folder_of(const char *controller, const char *file)
{
	static char folder[128];
	char path[GROUP_PATH_MAX];

	(void)snprintf(folder, sizeof folder, "/sys/fs/cgroup/%s.service", unit.name);
	(void)snprintf(path, sizeof path, "%s/%s", folder, file);
	if (access(path, F_OK) != 0)
		(void)snprintf(folder, sizeof folder, "/run/cloister/cgroup/%s/%s.service",
			controller, unit.name);
	return folder;
}

/* The text of a file up to the end of its first line; "" where there is none. */
static const char *read_line(const char *controller, const char *new, const char *old)
{
	static char text[64];
	char path[GROUP_PATH_MAX];
	const char *folder = folder_of(controller, new);
	FILE *file;

	(void)snprintf(
		path, sizeof path, "%s/%s", folder, strncmp(folder, "/sys/", 5) == 0 ? new : old);
	file = fopen(path, "re");
	if (file == NULL || fgets(text, sizeof text, file) == NULL)
		text[0] = '\0';
	if (file != NULL)
		(void)fclose(file);
	text[strcspn(text, "\n")] = '\0';
	return text;
}

static bool has_controller(const char *controller)
{
	char path[GROUP_PATH_MAX];

	(void)snprintf(
		path, sizeof path, "/sys/fs/cgroup/%s.service/%s.max", unit.name, controller);
	if (access(path, F_OK) == 0)
		return true;
	(void)snprintf(
		path, sizeof path, "/run/cloister/cgroup/%s/%s.service", controller, unit.name);
	return access(path, F_OK) == 0;
}

_Noreturn static void explode(const struct group_places *places)
{
	for (uint32_t i = 0; i < places->count; i++)
		if (write(places->list[i], "0", 1) != 1)
			_exit(1);
	for (int i = 0; i < 2 * PATIENCE; i++) /* an end of its own, should nobody make one */
		if (fork() < 0)
			rest();
	_exit(0);
}

/* A group is removed when nobody is in it any more. */
static bool is_removed(const char *folder)
{
	for (int i = 0; i < PATIENCE; i++) {
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		if (rmdir(folder) == 0 || access(folder, F_OK) != 0)
			return true;
		rest();
	}
	return false;
}

static bool all_are_removed(void)
{
	static const char *const controllers[] = {"memory", "pids", "cpu"};
	char path[GROUP_PATH_MAX];
	bool removed;

	(void)snprintf(path, sizeof path, "/sys/fs/cgroup/%s.service", unit.name);
	removed = is_removed(path);
	for (size_t i = 0; i < sizeof controllers / sizeof controllers[0]; i++) {
		(void)snprintf(path, sizeof path, "/run/cloister/cgroup/%s/%s.service",
			controllers[i], unit.name);
		removed = is_removed(path) && removed;
	}
	return removed;
}

static bool comes_to(const char *wanted)
{
	for (int i = 0; i < PATIENCE; i++) {
		if (strcmp(read_line("pids", "pids.current", "pids.current"), wanted) == 0)
			return true;
		rest();
	}
	return false;
}

static void limits_are_kept(void **state)
{
	struct group_places places;
	char tasks[16];

	(void)state;
	if (!has_groups()) {
		print_message("# skipped: no control groups can be made here\n");
		return;
	}
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	(void)snprintf(unit.name, sizeof unit.name, "cloister-test-%d", (int)getpid());
	unit.memory_max = 64u << 20;
	unit.tasks_max = TASKS;
	unit.cpu_max = 20;
	group_make(&unit);
	if (has_controller("memory"))
		assert_string_equal(
			read_line("memory", "memory.max", "memory.limit_in_bytes"), "67108864");
	if (has_controller("cpu"))
		assert_int_equal(
			strtol(read_line("cpu", "cpu.max", "cpu.cfs_quota_us"), NULL, 10), 20000);
	if (has_controller("pids")) {
		pid_t bomb;

		(void)snprintf(tasks, sizeof tasks, "%u", TASKS);
		assert_string_equal(read_line("pids", "pids.max", "pids.max"), tasks);
		assert_int_equal(group_open(&unit, &places, &fault), 0);
		bomb = fork();
		if (bomb == 0)
			explode(&places);
		group_leave(&places);
		assert_true(bomb > 0);
		assert_true(comes_to(tasks));
		group_kill(&unit);
	}
	assert_true(all_are_removed());
}

/* In the unit's group: makes a process in one below it. What it ends with; -1: there is none. */
static int make_below(const struct group_places *places, const char *below)
{
	struct clone_args arguments = {.flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD};
	int folder = open(below, O_RDONLY | O_DIRECTORY), status = -1;
	long made;

	if (folder < 0 || places->count == 0 || write(places->list[0], "0", 1) != 1)
		return -1;
	arguments.cgroup = (__u64)(unsigned)folder;
	made = syscall(SYS_clone3, &arguments, sizeof arguments);
	if (made == 0)
		_exit(0);
	if (made > 0)
		(void)waitpid((pid_t)made, &status, 0);
	return status;
}

/* The end of a process that has left nobody does not mark the group for the next one. */
static void an_empty_group_is_not_killed(void **state)
{
	struct group_places places;
	char below[GROUP_PATH_MAX];
	int status = -1;
	pid_t child;

	(void)state;
	if (!has_groups()) {
		print_message("# skipped: no control groups can be made here\n");
		return;
	}
	unit = (struct unit_file){0};
	(void)snprintf(unit.name, sizeof unit.name, "cloister-test-%d-empty", (int)getpid());
	group_make(&unit);
	group_kill(&unit);
	(void)snprintf(below, sizeof below, "/sys/fs/cgroup/%s.service/below", unit.name);
	assert_int_equal(mkdir(below, 0755), 0);
	assert_int_equal(group_open(&unit, &places, &fault), 0);
	child = fork();
	if (child == 0)
		_exit(make_below(&places, below) == 0 ? 0 : 1);
	group_leave(&places);
	assert_true(child > 0 && waitpid(child, &status, 0) == child);
	assert_true(is_removed(below));
	assert_true(all_are_removed());
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits_are_kept), cmocka_unit_test(an_empty_group_is_not_killed)};

	return cmocka_run_group_tests_name("init_group", tests, NULL, NULL);
}
