/* carried: mounts that the old root has and the new one needs. A sandbox has bound its devices and
 * its stand-ins for vsock in before init began, and init can't make them anew. */
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "services/init/init.h"

void make_folders(const char *path, unsigned mode)
{
	char part[ADDRESS_TEXT_PATH_MAX + 1u];

	for (size_t i = 1; path[0] != '\0' && i < sizeof part; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		(void)mkdir(part, mode);
		if (path[i] == '\0')
			return;
	}
}

void carried_take(struct carried *carried, const char *path)
{
	carried->fd = (int)syscall(
		SYS_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
}

int carried_put(struct carried *carried, const char *path, struct fault *fault)
{
	if (carried->fd < 0)
		return fault_set(fault, "absent", "nothing was held that '%.200s' could be", path);
	if (syscall(SYS_move_mount, carried->fd, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH) != 0)
		return fault_io(fault, errno, "cannot mount '%.200s' again", path);
	carried_drop(carried);
	return 0;
}

void carried_drop(struct carried *carried)
{
	if (carried->fd >= 0)
		(void)close(carried->fd);
	carried->fd = -1;
}
