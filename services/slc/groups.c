/* groups: see groups.h. */
#include "services/slc/groups.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runtime/kernel/log.h"

#define PATIENCE 200 /* times 10 ms, for what was killed to be gone */

static const char *const mounts[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};

/* The path of our group below the mount, "/..."; false: we are in none. */
static bool read_own(char *path, size_t size)
{
	FILE *file = fopen("/proc/self/cgroup", "re");
	char line[4096];
	bool found = false;

	while (file != NULL && !found && fgets(line, sizeof line, file) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		found = strncmp(line, "0::/", 4) == 0 && strlen(line) - 3 < size;
		if (found)
			(void)snprintf(path, size, "%s", line + 3);
	}
	if (file != NULL)
		(void)fclose(file);
	return found;
}

static int open_own(void)
{
	char own[4096], path[4096 + 64];

	for (size_t i = 0; read_own(own, sizeof own) && i < sizeof mounts / sizeof mounts[0]; i++) {
		struct statfs status;
		int folder;

		(void)snprintf(path, sizeof path, "%s%s", mounts[i], own);
		folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (folder >= 0 && fstatfs(folder, &status) == 0 &&
			status.f_type == CGROUP2_SUPER_MAGIC)
			return folder;
		if (folder >= 0)
			(void)close(folder);
	}
	return -1;
}

static bool put(int folder, const char *file, const char *text)
{
	int fd = openat(folder, file, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	bool done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		(void)close(fd);
	return done;
}

/* We go there and come back. */
static bool works(const struct groups *groups)
{
	return faccessat(groups->folder, "cgroup.kill", W_OK, 0) == 0 &&
	       put(groups->folder, "cgroup.procs", "0") && put(groups->parent, "cgroup.procs", "0");
}

/* Linux compares how often the maker's group was killed with how often the new one was: where that
 * of the service was, before the service came to it, all that is made in others is killed. */
static bool is_killed_there(int folder)
{
	struct clone_args args = {.flags = CLONE_INTO_CGROUP, .cgroup = (unsigned)folder};
	long child = syscall(SYS_clone3, &args, sizeof args);
	int status = 0;

	if (child == 0)
		(void)syscall(SYS_exit_group, 0);
	while (child > 0 && waitpid((pid_t)child, &status, __WALL) < 0 && errno == EINTR)
		;
	if (child < 0) /* not to be known; where there is no such call, none can be made so */
		return errno != ENOSYS;
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

void groups_leave(struct groups *groups)
{
	if (groups->folder >= 0)
		(void)close(groups->folder);
	if (groups->parent >= 0)
		(void)close(groups->parent);
	groups->parent = groups->folder = -1;
}

static void give_up(struct groups *groups)
{
	if (groups->folder >= 0)
		(void)unlinkat(groups->parent, groups->name, AT_REMOVEDIR);
	groups_leave(groups);
}

void groups_open(struct groups *groups)
{
	uint32_t number = 0;

	(void)!getrandom(&number, sizeof number, 0);
	(void)snprintf(
		groups->name, sizeof groups->name, "slc.%d.%08" PRIx32, (int)getpid(), number);
	groups->folder = -1;
	groups->parent = open_own();
	if (groups->parent >= 0 && mkdirat(groups->parent, groups->name, 0755) == 0)
		groups->folder =
			openat(groups->parent, groups->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (groups->folder < 0 || !works(groups))
		give_up(groups);
	groups->are_moved = groups->folder >= 0 && is_killed_there(groups->folder);
	LOG(LOG_INFO, groups->folder >= 0
			      ? "jobs have control groups"
			      : "no control groups can be made: what leaves its session "
				"outlives its job");
}

static void name_of(char *text, size_t size, uint32_t job)
{
	(void)snprintf(text, size, "%" PRIu32, job);
}

/* What is left of one that could not be removed may be gone by now. */
enum group groups_make(const struct groups *groups, uint32_t job)
{
	char name[16];

	if (groups->folder < 0)
		return GROUP_NONE;
	name_of(name, sizeof name, job);
	for (unsigned i = 0; i < 2; i++) {
		if (mkdirat(groups->folder, name, 0755) == 0)
			return GROUP_NEW;
		if (errno != EEXIST)
			return GROUP_NONE;
		(void)unlinkat(groups->folder, name, AT_REMOVEDIR);
	}
	return GROUP_USED;
}

int groups_folder(const struct groups *groups, uint32_t job)
{
	char name[16];

	name_of(name, sizeof name, job);
	return openat(groups->folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
}

void groups_end(const struct groups *groups, uint32_t job)
{
	char name[16], path[64];

	if (groups->folder < 0)
		return;
	name_of(name, sizeof name, job);
	(void)snprintf(path, sizeof path, "%s/cgroup.kill", name);
	if (unlinkat(groups->folder, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return;
	(void)put(groups->folder, path, "1");
	(void)unlinkat(groups->folder, name, AT_REMOVEDIR);
}

void groups_close(struct groups *groups, uint32_t jobs)
{
	const struct timespec moment = {.tv_nsec = 10000000};

	if (groups->folder < 0)
		return;
	(void)put(groups->folder, "cgroup.kill", "1");
	for (unsigned i = 0; i < PATIENCE; i++) {
		for (uint32_t job = 0; job < jobs; job++)
			groups_end(groups, job);
		if (unlinkat(groups->parent, groups->name, AT_REMOVEDIR) == 0 || errno != EBUSY)
			break;
		(void)nanosleep(&moment, NULL);
	}
	give_up(groups);
}
