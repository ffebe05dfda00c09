/* empty: frees the memory of a ramdisk whose root was left: nobody can reach its files any more,
 * and they stay in memory as long as they have names. */
#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "services/init/init.h"

#define DEPTH_MAX 64u /* folders in folders; what is deeper stays */

/* One folder on its way out. */
struct emptying {
	dev_t device;            /* files of other file systems are left alone */
	const char *const *kept; /* names, to a null */
	unsigned depth;
};

static bool is_kept(const struct emptying *emptying, const char *name)
{
	for (const char *const *each = emptying->kept; *each != NULL; each++)
		if (strcmp(*each, name) == 0)
			return true;
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static void empty(int folder, const struct emptying *emptying);

/* What something is mounted on is busy, and stays. */
static void drop(int folder, const char *name, const struct emptying *emptying)
{
	static const char *const nothing[] = {NULL};
	const struct emptying inside = {emptying->device, nothing, emptying->depth + 1u};
	struct stat status;
	int inner;

	if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0 ||
		status.st_dev != emptying->device)
		return;
	if (!S_ISDIR(status.st_mode)) {
		(void)unlinkat(folder, name, 0);
		return;
	}
	inner = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (inner >= 0 && inside.depth < DEPTH_MAX)
		empty(inner, &inside);
	else if (inner >= 0)
		(void)close(inner);
	(void)unlinkat(folder, name, AT_REMOVEDIR);
}

/* Closes the folder. */
static void empty(int folder, const struct emptying *emptying)
{
	DIR *entries = fdopendir(folder);
	const struct dirent *entry;

	if (entries == NULL) {
		(void)close(folder);
		return;
	}
	while ((entry = readdir(entries)) != NULL)
		if (!is_kept(emptying, entry->d_name))
			drop(folder, entry->d_name, emptying);
	(void)closedir(entries);
}

void empty_ramdisk(int root, const char *const *kept)
{
	struct emptying emptying = {.kept = kept};
	struct statfs system;
	struct stat status;

	if (fstatfs(root, &system) != 0 || fstat(root, &status) != 0 ||
		(system.f_type != TMPFS_MAGIC && system.f_type != RAMFS_MAGIC)) {
		(void)close(root);
		return;
	}
	emptying.device = status.st_dev;
	empty(root, &emptying);
}
