/* copy_open: see copy_open.h. */
#include "runtime/channel/copy_open.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/channel/copy_member.h"

/* Opens for reading what `seen` was when it was looked at; something else may be there by now. */
static int open_again(int root, const char *path, size_t n, const struct stat *seen, int *source,
	struct fault *fault)
{
	struct stat status;

	if (path_open(root, path, n, O_RDONLY, 0, source, fault) < 0)
		return -1;
	if (fstat(*source, &status) == 0 && status.st_dev == seen->st_dev &&
		status.st_ino == seen->st_ino)
		return 0;
	close(*source);
	*source = -1;
	return fault_set(
		fault, "io", "'%.*s' was exchanged while it was opened; try again", (int)n, path);
}

int copy_open_source(
	int root, const char *path, size_t n, bool follow, int *source, struct fault *fault)
{
	int flags = follow ? O_PATH : O_PATH | O_NOFOLLOW;
	struct stat status;

	if (path_open(root, path, n, flags, 0, source, fault) < 0)
		return -1;
	if (fstat(*source, &status) < 0) {
		path_fault(fault, errno, "look at", path, n);
		close(*source);
		*source = -1;
		return -1;
	}
	if (S_ISLNK(status.st_mode))
		return 0;
	close(*source);
	*source = -1;
	if (copy_kind_of(status.st_mode) == 0)
		return fault_set(fault, "request",
			"cannot copy '%.*s': it is no file, folder or symbolic link", (int)n, path);
	return open_again(root, path, n, &status, source, fault);
}

int copy_open_target(int root, const char *path, size_t n, bool into, struct path_place *target,
	struct fault *fault)
{
	if (!into)
		return path_locate(root, path, n, target, fault);
	target->last[0] = '\0';
	return path_open(root, path, n, O_PATH | O_DIRECTORY, 0, &target->folder, fault);
}

int copy_open_check(const struct path_place *target, struct fault *fault)
{
	struct stat status;

	if (fstatat(target->folder, target->last, &status, AT_SYMLINK_NOFOLLOW) != 0 ||
		copy_kind_of(status.st_mode) != 0)
		return 0;
	return fault_set(fault, "output",
		"can't copy to %s: it is no file and no folder, and would be replaced",
		target->last);
}
