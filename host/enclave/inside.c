/* inside: what the first process of a sandbox does before it becomes the image's /init: a root of
 * its own in memory, the ramdisks in it, devices, limits.
 *
 * The kernel lets a user namespace mount proc and sysfs only while others of their kind are in
 * sight. So ours are mounted before the old root goes, and end up beneath /dev's own file system,
 * where nobody sees them and init's mounts find them.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/capability.h>

#include "host/enclave/command_line.h"
#include "host/enclave/keeper.h"
#include "host/enclave/unpack.h"
#include "runtime/kernel/confine.h"

#define PROCESSES_MAX 8192u         /* of a sandbox */
#define INODE_BYTES   1024u         /* of memory for each file that there may be */
#define UNPACKED_MORE (64ull << 20) /* what may come out of compression above twice the memory */

/* What the unpacker shares with us. */
struct unpacked {
	int status;
	struct fault fault;
	struct unpack_report report;
};

struct inside {
	const struct keeper *keeper;
	const struct sources *sources;
	char hidden[40]; /* a folder with a name that no ramdisk knows */
	struct unpacked *unpacked;
};

/* --- The root --------------------------------------------------------------------------------- */

static int mount_root(struct inside *inside, struct fault *fault)
{
	unsigned long long memory = inside->keeper->memory;
	uint64_t number;
	char options[96];

	(void)snprintf(options, sizeof options, "mode=0755,size=%llu,nr_inodes=%llu", memory,
		memory / INODE_BYTES);
	if (mount("cloister", "/proc", "tmpfs", MS_NODEV, options) < 0 || chdir("/proc") < 0)
		return fault_io(fault, errno, "cannot mount the sandbox's root");
	if (getrandom(&number, sizeof number, 0) != sizeof number)
		return fault_io(fault, errno, "no random number");
	(void)snprintf(inside->hidden, sizeof inside->hidden, ".cloister-%016llx",
		(unsigned long long)number);
	return 0;
}

static void mount_hidden(const struct inside *inside, const char *type)
{
	char path[64];

	(void)snprintf(path, sizeof path, "%s/%s", inside->hidden, type);
	if (mkdir(path, 0700) < 0 ||
		mount(type, path, type, MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
		keeper_note("the sandbox can't mount %s: %s", type, strerror(errno));
}

static int leave_host(struct inside *inside, struct fault *fault)
{
	if (mkdir(inside->hidden, 0700) < 0)
		return fault_io(fault, errno, "cannot make a folder");
	mount_hidden(inside, "proc");
	mount_hidden(inside, "sysfs");
	if (syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		return fault_io(fault, errno, "cannot leave the host's root");
	if (sethostname(inside->keeper->name, strlen(inside->keeper->name)) < 0)
		return fault_io(fault, errno, "cannot set the sandbox's host name");
	return 0;
}

/* --- The ramdisks ----------------------------------------------------------------------------- */

#define CAPABILITY(NAME) (UINT64_C(1) << (NAME))

static int confine_unpacker(struct fault *fault)
{
	static const char *const more[] = {"mknodat", "mknod", NULL};
	const struct confine_profile profile = {
		.name = "unpacker",
		.keep_user = true,
		.capabilities = CAPABILITY(CAP_CHOWN) | CAPABILITY(CAP_DAC_OVERRIDE) |
				CAPABILITY(CAP_FOWNER) | CAPABILITY(CAP_FSETID),
		.calls = CONFINE_BASE | CONFINE_FILES,
		.more_calls = more,
	};
	struct confine_report report;

	return confine(&profile, &report, fault);
}

static int run_unpacker(const struct inside *inside)
{
	struct unpacked *unpacked = inside->unpacked;
	const struct keeper *keeper = inside->keeper;
	int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	umask(0);
	if (root < 0)
		(void)fault_io(&unpacked->fault, errno, "cannot open the sandbox's root");
	else if (confine_unpacker(&unpacked->fault) == 0)
		unpacked->status = unpack_ramdisks(&keeper->image, root,
			2 * keeper->memory + UNPACKED_MORE, &unpacked->report, &unpacked->fault);
	return 0;
}

static int unpacker_fault(const struct inside *inside, int status, struct fault *fault)
{
	struct unpacked *unpacked = inside->unpacked;

	unpacked->fault.word[FAULT_WORD_MAX - 1] = '\0';
	unpacked->fault.text[FAULT_TEXT_MAX - 1] = '\0';
	if (status != 0 || unpacked->fault.word[0] == '\0')
		return fault_set(fault, "unpacker", "the process that unpacks ramdisks was killed");
	if (strcmp(unpacked->fault.word, "space") == 0)
		return fault_set(fault, "space",
			"the ramdisks do not fit into %llu MiB (--memory): %s",
			(unsigned long long)(inside->keeper->memory >> 20), unpacked->fault.text);
	*fault = unpacked->fault;
	return -1;
}

/* Returns what became of the members, or null. */
static struct unpack_report *unpack(struct inside *inside, struct fault *fault)
{
	struct unpacked *unpacked = mmap(
		NULL, sizeof *unpacked, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status = -1;
	pid_t pid;

	if (unpacked == MAP_FAILED) {
		(void)fault_set(fault, "memory", "no memory to unpack ramdisks");
		return NULL;
	}
	inside->unpacked = unpacked;
	unpacked->status = -1;
	pid = fork();
	if (pid < 0) {
		(void)fault_io(fault, errno, "cannot start the unpacker");
		return NULL;
	}
	if (pid == 0)
		_exit(run_unpacker(inside));
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (status == 0 && unpacked->status == 0)
		return &unpacked->report;
	(void)unpacker_fault(inside, status, fault);
	return NULL;
}

/* Says what became of the members; the unpacker's texts are bounded by us. */
static void tell_report(struct unpack_report *report)
{
	report->first_skipped[FAULT_TEXT_MAX - 1] = '\0';
	keeper_note("%llu members unpacked", (unsigned long long)report->members);
	if (report->skipped > 0)
		keeper_note("%llu members were passed over, the first: %.300s",
			(unsigned long long)report->skipped, report->first_skipped);
	if (report->unowned > 0)
		keeper_note("%llu members belong to the sandbox's root, for their owner has no "
			    "number here",
			(unsigned long long)report->unowned);
	if (report->devices_left > 0)
		keeper_note("%llu device nodes are more than there may be",
			(unsigned long long)report->devices_left);
}

/* --- Devices ---------------------------------------------------------------------------------- */

static int bury(const struct inside *inside, const char *type, struct fault *fault)
{
	char path[64];

	(void)snprintf(path, sizeof path, "/%s/%s", inside->hidden, type);
	if (mount(path, "/dev", NULL, MS_MOVE, NULL) < 0 && errno != EINVAL)
		return fault_io(fault, errno, "cannot move %s out of sight", type);
	(void)rmdir(path);
	return 0;
}

static int mount_devices(struct inside *inside, struct fault *fault)
{
	char path[64];

	if (mkdir("/dev", 0755) < 0 && errno != EEXIST)
		return fault_io(fault, errno, "cannot make the sandbox's /dev");
	if (bury(inside, "proc", fault) < 0 || bury(inside, "sysfs", fault) < 0)
		return -1;
	(void)snprintf(path, sizeof path, "/%s", inside->hidden);
	(void)rmdir(path);
	if (mount("dev", "/dev", "tmpfs", MS_NOSUID | MS_NOEXEC,
		    "mode=0755,size=1m,nr_inodes=1024") < 0)
		return fault_io(fault, errno, "cannot mount the sandbox's /dev");
	return inside_devices(inside->keeper, inside->sources, fault);
}

/* Binds a device where a ramdisk has its node, if it is one of ours. */
static void place_device(const struct unpack_device *device)
{
	int target, source = -1;
	struct stat found;
	char path[64];

	target = open(device->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (target < 0 || fstat(target, &found) < 0 || !S_ISREG(found.st_mode)) {
		if (target >= 0)
			close(target);
		return;
	}
	for (size_t i = 0; !device->is_block && sandbox_devices[i].name != NULL; i++)
		if (sandbox_devices[i].major == device->major &&
			sandbox_devices[i].minor == device->minor) {
			(void)snprintf(path, sizeof path, "/dev/%s", sandbox_devices[i].name);
			source = open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
		}
	if (source < 0 || move_mount(source, "", target, "",
				  MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		keeper_note(
			"no device %u:%u at %.200s", device->major, device->minor, device->name);
	close(target);
	if (source >= 0)
		close(source);
}

static void place_all_devices(struct unpack_report *report)
{
	for (unsigned i = 0; i < report->device_count && i < UNPACK_DEVICES_MAX; i++) {
		report->devices[i].name[PATH_NAME_MAX] = '\0';
		place_device(&report->devices[i]);
	}
}

/* --- The process ------------------------------------------------------------------------------ */

static int set_limits(struct fault *fault)
{
	const struct rlimit none = {0, 0}, processes = {PROCESSES_MAX, PROCESSES_MAX};

	if (setrlimit(RLIMIT_CORE, &none) < 0 || setrlimit(RLIMIT_NPROC, &processes) < 0)
		return fault_io(fault, errno, "cannot set the sandbox's limits");
	return 0;
}

static int take_console(struct fault *fault)
{
	int fd;

	(void)setsid();
	fd = open("/dev/console", O_RDWR | O_NOCTTY);
	if (fd < 0)
		return fault_io(fault, errno, "cannot open the sandbox's console");
	for (int i = 0; i < 3; i++)
		if (dup2(fd, i) < 0)
			return fault_io(fault, errno, "cannot use the sandbox's console");
	if (fd > 2)
		close(fd);
	return 0;
}

static int become_init(const struct command_line *line, struct fault *fault)
{
	(void)umask(022);
	(void)execve("/init", line->arguments, (char *const *)(const void *)line->environment);
	if (errno == ENOENT && access("/init", F_OK) < 0)
		return fault_set(fault, "init", "the ramdisks have no /init");
	return fault_set(fault, "init", "the image's /init can't be executed: %s", strerror(errno));
}

int inside_run(const struct keeper *keeper, const struct sources *sources, struct fault *fault)
{
	static const char *const ours[] = {
		"HOME=/", "TERM=linux", "CLOISTER_VSOCK_DIR=/dev/vsock.d", NULL};
	struct inside inside = {.keeper = keeper, .sources = sources};
	struct command_line line;
	struct unpack_report *report;

	if (command_line_read(&line, &keeper->image, ours, fault) < 0 ||
		mount_root(&inside, fault) < 0 || leave_host(&inside, fault) < 0)
		return -1;
	report = unpack(&inside, fault);
	if (report == NULL)
		return -1;
	tell_report(report);
	if (mount_devices(&inside, fault) < 0)
		return -1;
	place_all_devices(report);
	if (set_limits(fault) < 0 || take_console(fault) < 0 || inside_filter(fault) < 0)
		return -1;
	return become_init(&line, fault);
}
