/* root: makes /rootfs of the ramdisk the root, as AWS's init does. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "services/init/init.h"

#define NEW_ROOT "/rootfs"

/* Moved over the old root rather than pivoted to: the root of a ramdisk can't be left. */
static int change_root(struct fault *fault)
{
	if (mount(NEW_ROOT, NEW_ROOT, NULL, MS_BIND | MS_REC, NULL) != 0)
		return fault_io(fault, errno, "cannot mount " NEW_ROOT " on itself");
	if (chdir(NEW_ROOT) != 0)
		return fault_io(fault, errno, "cannot enter " NEW_ROOT);
	if (mount(".", "/", NULL, MS_MOVE, NULL) != 0)
		return fault_io(fault, errno, "cannot move " NEW_ROOT " to /");
	if (chroot(".") != 0 || chdir("/") != 0)
		return fault_io(fault, errno, "cannot make " NEW_ROOT " the root");
	return 0;
}

/* The new root lies in the old one, and what was carried over, devices and stand-ins for vsock, may
 * too. */
static void leave(int old, const char *stand_ins)
{
	char carried[ADDRESS_TEXT_PATH_MAX + 1u] = "dev";
	const char *const kept[] = {&NEW_ROOT[1], "dev", carried, NULL};

	if (stand_ins != NULL)
		(void)snprintf(carried, sizeof carried, "%.*s", (int)strcspn(stand_ins + 1, "/"),
			stand_ins + 1);
	empty_ramdisk(old, kept);
}

static int replace_root(const struct init *init, struct fault *fault)
{
	int old = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC), failed;

	if (old < 0)
		return fault_io(fault, errno, "cannot open the old root");
	failed = change_root(fault);
	if (failed == 0)
		leave(old, init->stand_ins);
	else
		(void)close(old);
	return failed;
}

/* A ramdisk that names units in its own /etc is a root itself; one of AWS's kind is not. */
void step_root(struct init *init)
{
	carried_take(&init->devices, "/dev");
	init->sockets.fd = -1;
	if (init->stand_ins != NULL)
		carried_take(&init->sockets, init->stand_ins);
	if (!init->has_rootfs && init->has_units) {
		boot_answer(init, BOOT_DONE);
	} else if (!init->has_rootfs) {
		(void)fault_set(&init->fault, "missing",
			"the ramdisk has no " NEW_ROOT ", and no units of its own");
		boot_answer(init, BOOT_ABSENT);
	} else {
		boot_answer(init, replace_root(init, &init->fault) == 0 ? BOOT_DONE : BOOT_FAILED);
	}
}
