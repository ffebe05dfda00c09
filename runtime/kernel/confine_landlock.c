/* confine_landlock: confines what a process may do with files; see confine.h. There is no library
 * for it in the C library, so these are the three system calls of linux/landlock.h. */
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/kernel/confine.h"

/* Rights that are younger than some kernel headers we build with. */
#ifndef LANDLOCK_ACCESS_FS_REFER
#define LANDLOCK_ACCESS_FS_REFER (1ULL << 13)
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif
#ifndef LANDLOCK_ACCESS_FS_IOCTL_DEV
#define LANDLOCK_ACCESS_FS_IOCTL_DEV (1ULL << 15)
#endif

#define READ    ((uint64_t)LANDLOCK_ACCESS_FS_READ_FILE | (uint64_t)LANDLOCK_ACCESS_FS_READ_DIR)
#define EXECUTE (READ | (uint64_t)LANDLOCK_ACCESS_FS_EXECUTE)

/* All rights that a version knows; what is known and not granted is denied. */
static uint64_t rights_of(int version)
{
	uint64_t rights = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1u) - 1u;

	if (version >= 2)
		rights |= LANDLOCK_ACCESS_FS_REFER;
	if (version >= 3)
		rights |= LANDLOCK_ACCESS_FS_TRUNCATE;
	if (version >= 5)
		rights |= LANDLOCK_ACCESS_FS_IOCTL_DEV;
	return rights;
}

/* The rights that a file has; the others belong to folders. */
static uint64_t rights_of_files(void)
{
	return (uint64_t)LANDLOCK_ACCESS_FS_EXECUTE | (uint64_t)LANDLOCK_ACCESS_FS_READ_FILE |
	       (uint64_t)LANDLOCK_ACCESS_FS_WRITE_FILE | (uint64_t)LANDLOCK_ACCESS_FS_TRUNCATE |
	       (uint64_t)LANDLOCK_ACCESS_FS_IOCTL_DEV;
}

/* Grants `rights` on a path and on what is beneath it. */
static int grant(int ruleset, const char *path, uint64_t rights, struct fault *fault)
{
	int fd = open(path, O_PATH | O_CLOEXEC);
	struct landlock_path_beneath_attr rule = {.parent_fd = fd};
	struct stat status;
	int result = -1;

	if (fd < 0 || fstat(fd, &status) < 0) {
		if (fd >= 0)
			close(fd);
		return fault_set(fault, errno == ENOENT ? "not_found" : "io",
			"cannot open the path '%s' of the profile", path);
	}
	rule.allowed_access = S_ISDIR(status.st_mode) ? rights : rights & rights_of_files();
	result = (int)syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
	if (result < 0)
		(void)fault_io(fault, errno, "cannot grant the path '%s'", path);
	close(fd);
	return result;
}

static int grant_all(int ruleset, const char *const *paths, uint64_t rights, unsigned *count,
	struct fault *fault)
{
	for (; paths != NULL && *paths != NULL; paths++, (*count)++)
		if (grant(ruleset, *paths, rights, fault) < 0)
			return -1;
	return 0;
}

static int restrict_self(const struct confine_profile *profile, int version,
	struct confine_report *report, struct fault *fault)
{
	uint64_t all = rights_of(version);
	struct landlock_ruleset_attr handled = {.handled_access_fs = all};
	int ruleset = (int)syscall(SYS_landlock_create_ruleset, &handled, sizeof handled, 0);
	int result = -1;

	if (ruleset < 0)
		return fault_io(fault, errno, "cannot confine the file system");
	if (grant_all(ruleset, profile->readable, READ, &report->paths, fault) == 0 &&
		grant_all(ruleset, profile->executable, EXECUTE, &report->paths, fault) == 0 &&
		grant_all(ruleset, profile->writable, all & ~(uint64_t)LANDLOCK_ACCESS_FS_EXECUTE,
			&report->paths, fault) == 0) {
		result = (int)syscall(SYS_landlock_restrict_self, ruleset, 0);
		if (result < 0)
			(void)fault_io(fault, errno, "cannot confine the file system");
	}
	close(ruleset);
	return result;
}

int confine_landlock(
	const struct confine_profile *profile, struct confine_report *report, struct fault *fault)
{
	int version;

	if (profile->files == CONFINE_FILES_FREE)
		return 0;
	version =
		(int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	if (version < 0 && profile->files == CONFINE_FILES_REQUIRED)
		return fault_set(fault, "kernel",
			"profile '%s' confines the file system, and this kernel has no Landlock: "
			"Linux 5.13 or newer is needed, with 'landlock' in the list of lsm=",
			profile->name);
	if (version < 0)
		return 0;
	if (restrict_self(profile, version, report, fault) < 0)
		return -1;
	report->landlock = version;
	return 0;
}
