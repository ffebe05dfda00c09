/* sources: what a sandbox is given of the host: a few devices, the folders in which Unix sockets
 * stand for vsock, the NSM's socket. Each is a mount of its own, cloned before the old root goes
 * away; nothing else of the host can be reached afterwards. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

#include "host/enclave/keeper.h"

const struct device sandbox_devices[] = {
	{"null", 1, 3},
	{"zero", 1, 5},
	{"full", 1, 7},
	{"random", 1, 8},
	{"urandom", 1, 9},
	{"tty", 5, 0},
	{0},
};

/* Private: what is mounted on it in the sandbox is mounted nowhere else. */
static int clone_mount(const char *path, int *fd)
{
	struct mount_attr attributes = {
		.attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC,
		.propagation = MS_PRIVATE,
	};

	*fd = open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW);
	return *fd < 0 ? -1 : mount_setattr(*fd, "", AT_EMPTY_PATH, &attributes, sizeof attributes);
}

static int clone_needed(const char *path, int *fd, struct fault *fault)
{
	if (clone_mount(path, fd) < 0)
		return fault_io(fault, errno, "cannot bring '%s' into the sandbox", path);
	return 0;
}

int sources_open(struct sources *sources, const struct keeper *keeper, struct fault *fault)
{
	char own[PATH_MAX], parent[PATH_MAX];

	for (size_t i = 0; sandbox_devices[i].name != NULL; i++) {
		char path[64];

		(void)snprintf(path, sizeof path, "/dev/%s", sandbox_devices[i].name);
		if (clone_mount(path, &sources->devices[i]) < 0)
			keeper_note("the sandbox has no %s: %s", path, strerror(errno));
	}
	(void)snprintf(own, sizeof own, "%s/vsock/%u", keeper->folder, keeper->cid);
	(void)snprintf(parent, sizeof parent, "%s/vsock/3", keeper->folder);
	if (clone_needed(own, &sources->own, fault) < 0 ||
		clone_needed(own, &sources->own_again, fault) < 0 ||
		clone_needed(parent, &sources->parent, fault) < 0)
		return -1;
	return keeper->nsm == NULL ? 0 : clone_needed(keeper->nsm, &sources->nsm, fault);
}
