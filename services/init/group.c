/* group: see group.h. */
#include "services/init/group.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "runtime/kernel/log.h"

#define ROOT       "/sys/fs/cgroup"
#define CPU_PERIOD 100000u /* microseconds */

static void name_file(char path[GROUP_PATH_MAX], const struct unit_file *unit, const char *file)
{
	(void)snprintf(path, GROUP_PATH_MAX, ROOT "/%s" UNIT_SUFFIX "%s", unit->name, file);
}

/* 0, or an errno. */
static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW), error = 0;

	if (fd < 0)
		return errno;
	if (write(fd, text, strlen(text)) < 0)
		error = errno;
	(void)close(fd);
	return error;
}

/* One at a time: a controller that is not here must not keep the others away. */
bool groups_open(void)
{
	static const char *const controllers[] = {"+memory", "+pids", "+cpu"};
	struct statfs status;

	/* The root of all groups has no type: another one is a part of somebody else's. */
	if (statfs(ROOT, &status) != 0 || status.f_type != CGROUP2_SUPER_MAGIC ||
		access(ROOT "/cgroup.type", F_OK) == 0)
		return false;
	for (size_t i = 0; i < sizeof controllers / sizeof controllers[0]; i++)
		(void)write_file(ROOT "/cgroup.subtree_control", controllers[i]);
	return true;
}

static void limit(const struct unit_file *unit, const char *key, const char *file, const char *text)
{
	char path[GROUP_PATH_MAX];
	int error;

	name_file(path, unit, file);
	error = write_file(path, text);
	if (error != 0)
		LOG(LOG_WARNING, "a limit of a unit can't be set: it runs without",
			log_string("unit", unit->name), log_string("limit", key),
			log_string("fault",
				error == ENOENT ? "no such controller here" : strerror(error)));
}

void group_make(const struct unit_file *unit)
{
	char path[GROUP_PATH_MAX], text[64];

	name_file(path, unit, "");
	if (mkdir(path, 0755) != 0 && errno != EEXIST)
		LOG(LOG_WARNING, "a unit has no group of its own", log_string("unit", unit->name),
			log_string("fault", strerror(errno)));
	if (unit->memory_max != 0) {
		(void)snprintf(text, sizeof text, "%" PRIu64, unit->memory_max);
		limit(unit, "MemoryMax", "/memory.max", text);
	}
	if (unit->tasks_max != 0) {
		(void)snprintf(text, sizeof text, "%" PRIu32, unit->tasks_max);
		limit(unit, "TasksMax", "/pids.max", text);
	}
	if (unit->cpu_max != 0) {
		(void)snprintf(text, sizeof text, "%" PRIu64 " %u",
			(uint64_t)unit->cpu_max * (CPU_PERIOD / 100u), CPU_PERIOD);
		limit(unit, "CPUMax", "/cpu.max", text);
	}
}

int group_open(const struct unit_file *unit)
{
	char path[GROUP_PATH_MAX];

	name_file(path, unit, "/cgroup.procs");
	return open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
}

void group_kill(const struct unit_file *unit)
{
	char path[GROUP_PATH_MAX];

	name_file(path, unit, "/cgroup.kill");
	(void)write_file(path, "1");
}
