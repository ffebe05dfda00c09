/* mounts: the file systems of the kernel: /dev first of all, and all of them in the new root. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "runtime/kernel/log.h"
#include "services/init/init.h"

/* Those in memory have sizes: who fills one must not take all of it. */
static const struct file_system {
	const char *type, *target, *options;
	unsigned long flags;
	unsigned mode; /* of the folder */
	bool is_critical;
} file_systems[] = {
	{"proc", "/proc", "hidepid=2", MS_NODEV | MS_NOSUID | MS_NOEXEC, 0555, true},
	{"sysfs", "/sys", NULL, MS_NODEV | MS_NOSUID | MS_NOEXEC, 0555, false},
	{"cgroup2", "/sys/fs/cgroup", NULL, MS_NODEV | MS_NOSUID | MS_NOEXEC, 0755, false},
	{"tmpfs", "/run", "mode=0755,size=20%", MS_NODEV | MS_NOSUID, 0755, false},
	{"tmpfs", "/tmp", "mode=1777,size=50%", MS_NODEV | MS_NOSUID, 01777, false},
	{"tmpfs", "/dev/shm", "mode=1777,size=20%", MS_NODEV | MS_NOSUID | MS_NOEXEC, 01777, false},
	{"devpts", "/dev/pts", "newinstance,ptmxmode=0666,mode=0620", MS_NOSUID | MS_NOEXEC, 0755,
		false},
};

/* --- /dev ------------------------------------------------------------------------------------- */

/* The devices without which programs do not run, by their numbers. */
static const struct {
	const char *path;
	unsigned number; /* minor; the major is 1 */
} memory_devices[] = {{"/dev/null", 3}, {"/dev/zero", 5}, {"/dev/random", 8}, {"/dev/urandom", 9}};

static bool has_devices(void)
{
	struct stat status;

	for (size_t i = 0; i < sizeof memory_devices / sizeof memory_devices[0]; i++)
		if (stat(memory_devices[i].path, &status) != 0 || !S_ISCHR(status.st_mode) ||
			status.st_rdev != makedev(1, memory_devices[i].number))
			return false;
	return true;
}

/* In a user namespace devtmpfs can't be mounted; who made the namespace has bound devices in. */
static enum boot_event mount_devices(struct fault *fault)
{
	(void)mkdir("/dev", 0755);
	if (mount("dev", "/dev", "devtmpfs", MS_NOSUID | MS_NOEXEC, "mode=0755,size=4m") == 0)
		return BOOT_DONE;
	if (errno == EBUSY || has_devices())
		return BOOT_ABSENT;
	(void)fault_io(
		fault, errno, "devtmpfs can't be mounted on /dev, and devices are not there");
	return BOOT_FAILED;
}

/* Stand-ins for vsock are reached through /proc, and the heartbeat comes before other mounts. */
static void mount_early_proc(const struct init *init)
{
	if (init->stand_ins == NULL || access("/proc/self/fd", F_OK) == 0)
		return;
	(void)mkdir("/proc", 0555);
	(void)mount("proc", "/proc", "proc", MS_NODEV | MS_NOSUID | MS_NOEXEC, NULL);
}

void step_devices(struct init *init)
{
	enum boot_event answer = mount_devices(&init->fault);

	mount_early_proc(init);
	boot_answer(init, answer);
}

/* In the new root: the old root's devices, where they can't be mounted anew. */
static int renew_devices(struct init *init)
{
	struct fault fault = {0};

	if (mount_devices(&init->fault) == BOOT_FAILED &&
		(carried_put(&init->devices, "/dev", &fault) != 0 || !has_devices()))
		return -1;
	carried_drop(&init->devices);
	return 0;
}

static void link_devices(void)
{
	(void)symlink("/proc/self/fd", "/dev/fd");
	(void)symlink("/proc/self/fd/0", "/dev/stdin");
	(void)symlink("/proc/self/fd/1", "/dev/stdout");
	(void)symlink("/proc/self/fd/2", "/dev/stderr");
	(void)symlink("pts/ptmx", "/dev/ptmx");
}

/* --- The rest --------------------------------------------------------------------------------- */

/* A /proc that was there has other options. */
static void hide_processes(const struct file_system *one)
{
	if (one->is_critical &&
		mount(NULL, one->target, NULL, MS_REMOUNT | one->flags, one->options) != 0)
		LOG(LOG_WARNING, "processes of others can be seen by all users",
			log_string("fault", strerror(errno)));
}

/* 0 where it is mounted now, by us or by who came before us. */
static int mount_one(const struct file_system *one, struct fault *fault)
{
	make_folders(one->target, one->mode);
	if (mount(one->type, one->target, one->type, one->flags, one->options) == 0)
		return 0;
	if (errno == EBUSY) {
		hide_processes(one);
		return 0;
	}
	(void)fault_io(fault, errno, "cannot mount %s on %s", one->type, one->target);
	if (one->is_critical && access("/proc/self/fd", F_OK) == 0)
		return 0;
	if (one->is_critical)
		return -1;
	log_fault(LOG_WARNING, "a file system is missing: going on", fault);
	return 0;
}

/* What stands in for vsock is where it was, though /run may be another one now. */
static void renew_sockets(struct init *init)
{
	struct fault fault = {0};
	char parent[ADDRESS_TEXT_PATH_MAX + 16u];

	if (init->stand_ins == NULL)
		return;
	(void)snprintf(parent, sizeof parent, "%s/%u", init->stand_ins, CID_PARENT);
	if (access(parent, F_OK) == 0) { /* it came with the devices, or the root has stayed */
		carried_drop(&init->sockets);
		return;
	}
	make_folders(init->stand_ins, 0755);
	if (carried_put(&init->sockets, init->stand_ins, &fault) != 0)
		log_fault(LOG_WARNING, "the stand-ins for vsock are lost", &fault);
}

void step_mounts(struct init *init)
{
	if (renew_devices(init) != 0) {
		boot_answer(init, BOOT_FAILED);
		return;
	}
	link_devices();
	for (size_t i = 0; i < sizeof file_systems / sizeof file_systems[0]; i++)
		if (mount_one(&file_systems[i], &init->fault) != 0) {
			boot_answer(init, BOOT_FAILED);
			return;
		}
	renew_sockets(init);
	entropy_check();
	console_log();
	boot_answer(init, BOOT_DONE);
}
