/* group: see group.h. */
#include "services/init/group.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "runtime/kernel/log.h"

#define ROOT       "/sys/fs/cgroup"
#define OLD_ROOT   "/run/cloister/cgroup" /* a folder for each controller of v1 */
#define CPU_PERIOD UINT64_C(100000)       /* microseconds */

enum controller { MEMORY, PIDS, CPU, CONTROLLERS };

static const char *const names[] = {[MEMORY] = "memory", [PIDS] = "pids", [CPU] = "cpu"};
static const char *const limit_files[] = {
	[MEMORY] = "/memory.max", [PIDS] = "/pids.max", [CPU] = "/cpu.max"};
static const char *const old_limit_files[] = {
	[MEMORY] = "/memory.limit_in_bytes", [PIDS] = "/pids.max", [CPU] = "/cpu.cfs_quota_us"};
static bool is_old[CONTROLLERS]; /* cgroup2 does not have it */

static void name_file(char path[GROUP_PATH_MAX], const struct unit_file *unit, const char *file)
{
	(void)snprintf(path, GROUP_PATH_MAX, ROOT "/%s" UNIT_SUFFIX "%s", unit->name, file);
}

static void name_old_file(char path[GROUP_PATH_MAX], enum controller controller,
	const struct unit_file *unit, const char *file)
{
	(void)snprintf(path, GROUP_PATH_MAX, OLD_ROOT "/%s/%s" UNIT_SUFFIX "%s", names[controller],
		unit->name, file);
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
	struct statfs status;

	/* The root of all groups has no type: another one is a part of somebody else's. */
	if (statfs(ROOT, &status) != 0 || status.f_type != CGROUP2_SUPER_MAGIC ||
		access(ROOT "/cgroup.type", F_OK) == 0)
		return false;
	for (size_t i = 0; i < CONTROLLERS; i++) {
		char text[16];

		(void)snprintf(text, sizeof text, "+%s", names[i]);
		is_old[i] = write_file(ROOT "/cgroup.subtree_control", text) != 0;
	}
	return true;
}

/* --- Limits ----------------------------------------------------------------------------------- */

/* A controller's folder of v1 is mounted for the first unit that needs it. 0, or an errno. */
static int make_old(enum controller controller, const struct unit_file *unit)
{
	char folder[GROUP_PATH_MAX], path[GROUP_PATH_MAX];

	(void)snprintf(folder, sizeof folder, OLD_ROOT "/%s", names[controller]);
	(void)mkdir("/run/cloister", 0755);
	(void)mkdir(OLD_ROOT, 0700);
	if (mkdir(folder, 0700) == 0 &&
		mount("cgroup", folder, "cgroup", MS_NODEV | MS_NOSUID | MS_NOEXEC,
			names[controller]) != 0) {
		(void)rmdir(folder);
		return ENOENT;
	}
	name_old_file(path, controller, unit, "");
	return mkdir(path, 0755) == 0 || errno == EEXIST ? 0 : errno;
}

static int write_old(
	enum controller controller, const struct unit_file *unit, const char *file, uint64_t number)
{
	char path[GROUP_PATH_MAX], text[24];

	name_old_file(path, controller, unit, file);
	(void)snprintf(text, sizeof text, "%" PRIu64, number);
	return write_file(path, text);
}

static int set_old(const struct unit_file *unit, enum controller controller, uint64_t number)
{
	int error = make_old(controller, unit);

	if (error == 0 && controller == CPU)
		error = write_old(CPU, unit, "/cpu.cfs_period_us", CPU_PERIOD);
	return error != 0 ? error
			  : write_old(controller, unit, old_limit_files[controller], number);
}

static int set(const struct unit_file *unit, enum controller controller, uint64_t number)
{
	char path[GROUP_PATH_MAX], text[48];

	name_file(path, unit, limit_files[controller]);
	(void)snprintf(text, sizeof text, "%" PRIu64, number);
	if (controller == CPU)
		(void)snprintf(text, sizeof text, "%" PRIu64 " %" PRIu64, number, CPU_PERIOD);
	return write_file(path, text);
}

static uint64_t limit_of(const struct unit_file *unit, enum controller controller)
{
	switch (controller) {
	case MEMORY:
		return unit->memory_max;
	case PIDS:
		return unit->tasks_max;
	default:
		return unit->cpu_max * (CPU_PERIOD / 100u);
	}
}

/* What a file that was changed does not limit any more. */
static void unlimit(const struct unit_file *unit, enum controller controller)
{
	char path[GROUP_PATH_MAX];

	name_file(path, unit, limit_files[controller]);
	(void)write_file(path, "max");
	name_old_file(path, controller, unit, old_limit_files[controller]);
	(void)write_file(path, controller == PIDS ? "max" : "-1");
}

static void limit(const struct unit_file *unit, enum controller controller)
{
	static const char *const keys[] = {
		[MEMORY] = "MemoryMax", [PIDS] = "TasksMax", [CPU] = "CPUMax"};
	uint64_t number = limit_of(unit, controller);
	int error = 0;

	if (number == 0)
		unlimit(unit, controller);
	else
		error = (is_old[controller] ? set_old : set)(unit, controller, number);
	if (error != 0)
		LOG(LOG_WARNING, "a limit of a unit can't be set: it runs without",
			log_string("unit", unit->name), log_string("limit", keys[controller]),
			log_string("fault",
				error == ENOENT ? "no such controller here" : strerror(error)));
}

void group_make(const struct unit_file *unit)
{
	char path[GROUP_PATH_MAX];

	name_file(path, unit, "");
	if (mkdir(path, 0755) != 0 && errno != EEXIST)
		LOG(LOG_WARNING, "a unit has no group of its own", log_string("unit", unit->name),
			log_string("fault", strerror(errno)));
	for (unsigned i = 0; i < CONTROLLERS; i++)
		limit(unit, (enum controller)i);
}

void group_drop(const struct unit_file *unit)
{
	char path[GROUP_PATH_MAX];

	for (unsigned i = 0; i < CONTROLLERS; i++) {
		name_old_file(path, (enum controller)i, unit, "");
		(void)rmdir(path);
	}
	name_file(path, unit, "");
	(void)rmdir(path);
}

/* --- Processes -------------------------------------------------------------------------------- */

/* What is missing was warned of when it could not be made. */
static int open_place(struct group_places *places, const char *path, struct fault *fault)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return errno == ENOENT ? 0 : fault_io(fault, errno, "cannot open %s", path);
	places->list[places->count++] = fd;
	return 0;
}

static int open_all(const struct unit_file *unit, struct group_places *places, struct fault *fault)
{
	char path[GROUP_PATH_MAX];

	name_file(path, unit, "/cgroup.procs");
	if (open_place(places, path, fault) != 0)
		return -1;
	for (unsigned i = 0; i < CONTROLLERS; i++) {
		if (!is_old[i] || limit_of(unit, (enum controller)i) == 0)
			continue;
		name_old_file(path, (enum controller)i, unit, "/cgroup.procs");
		if (open_place(places, path, fault) != 0)
			return -1;
	}
	return 0;
}

int group_open(const struct unit_file *unit, struct group_places *places, struct fault *fault)
{
	places->count = 0;
	if (open_all(unit, places, fault) == 0)
		return 0;
	group_leave(places);
	return -1;
}

void group_leave(struct group_places *places)
{
	while (places->count > 0)
		(void)close(places->list[--places->count]);
}

/* Whether it is known that nobody is in the group, nor in one below it. */
static bool is_empty(const struct unit_file *unit)
{
	char path[GROUP_PATH_MAX], text[64] = "";
	int fd;

	name_file(path, unit, "/cgroup.events");
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return false;
	if (read(fd, text, sizeof text - 1u) < 0)
		text[0] = '\0';
	(void)close(fd);
	return strstr(text, "populated 0") != NULL;
}

/* Linux ends whom a process of a group that was killed once makes in another group. */
void group_kill(const struct unit_file *unit)
{
	char path[GROUP_PATH_MAX];

	if (is_empty(unit))
		return;
	name_file(path, unit, "/cgroup.kill");
	(void)write_file(path, "1");
}
