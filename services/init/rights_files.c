/* rights_files: the files that a unit may use, as rules of Landlock. They are made by us, so that a
 * path that is missing has a name; the process takes them on. There is nothing for it in the C
 * library, so these are the system calls of linux/landlock.h. */
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "services/init/rights.h"

/* Rights that are younger than some kernel headers we build with. */
#define REFER     (UINT64_C(1) << 13) /* version 2 */
#define TRUNCATE  (UINT64_C(1) << 14) /* version 3 */
#define IOCTL_DEV (UINT64_C(1) << 15) /* version 5 */

#define READ                                                                                       \
	((uint64_t)LANDLOCK_ACCESS_FS_READ_FILE | (uint64_t)LANDLOCK_ACCESS_FS_READ_DIR |          \
		(uint64_t)LANDLOCK_ACCESS_FS_EXECUTE)
/* What files have; the others belong to folders. */
#define OF_FILES                                                                                   \
	((uint64_t)LANDLOCK_ACCESS_FS_EXECUTE | (uint64_t)LANDLOCK_ACCESS_FS_READ_FILE |           \
		(uint64_t)LANDLOCK_ACCESS_FS_WRITE_FILE | TRUNCATE | IOCTL_DEV)

/* All rights that a version knows; what is known and not granted is denied. */
static uint64_t rights_of(long version)
{
	uint64_t rights = ((uint64_t)LANDLOCK_ACCESS_FS_MAKE_SYM << 1u) - 1u;

	rights |= version >= 2 ? REFER : 0;
	rights |= version >= 3 ? TRUNCATE : 0;
	return rights | (version >= 5 ? IOCTL_DEV : 0);
}

/* Grants rights on a path and on what is beneath it. One behind a minus may be missing. */
static int grant(int rules, const char *path, uint64_t rights, struct fault *fault)
{
	const char *name = path[0] == '-' ? path + 1 : path;
	struct landlock_path_beneath_attr rule = {.parent_fd = open(name, O_PATH | O_CLOEXEC)};
	struct stat status;
	long failed = -1;

	if (rule.parent_fd < 0 && errno == ENOENT && path[0] == '-')
		return 0;
	if (rule.parent_fd < 0)
		return fault_set(fault, "landlock", "its path %.200s can't be opened: %s", name,
			strerror(errno));
	if (fstat(rule.parent_fd, &status) == 0) {
		rule.allowed_access = S_ISDIR(status.st_mode) ? rights : rights & OF_FILES;
		failed =
			syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
	}
	if (failed != 0)
		(void)fault_set(fault, "landlock", "its path %.200s can't be granted: %s", name,
			strerror(errno));
	(void)close(rule.parent_fd);
	return failed != 0 ? -1 : 0;
}

static int grant_all(
	int rules, const struct unit_paths *paths, uint64_t rights, struct fault *fault)
{
	for (uint32_t i = 0; i < paths->count; i++)
		if (grant(rules, paths->list[i], rights, fault) != 0)
			return -1;
	return 0;
}

int rights_files(const struct unit_rights *rights, struct fault *fault)
{
	long version =
		syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	struct landlock_ruleset_attr handled = {.handled_access_fs = rights_of(version)};
	int rules = version < 0 ? -1
				: (int)syscall(
					  SYS_landlock_create_ruleset, &handled, sizeof handled, 0);

	if (rules < 0)
		return fault_set(fault, "landlock",
			"its files can't be confined: this kernel has no Landlock (%s); have one "
			"with it, or leave LandlockRead and LandlockWrite out",
			strerror(errno));
	if (grant_all(rules, &rights->readable, READ, fault) == 0 &&
		grant_all(rules, &rights->writable,
			handled.handled_access_fs & ~(uint64_t)LANDLOCK_ACCESS_FS_EXECUTE,
			fault) == 0)
		return rules;
	(void)close(rules);
	return -1;
}
