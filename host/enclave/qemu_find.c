/* qemu_find: see qemu_find.h. */
#include "host/enclave/qemu_find.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM       "qemu-system-x86_64"
#define MACHINE       "\nnitro-enclave "
#define LIST_MAX      65536u /* bytes of a list */
#define LIST_PATIENCE 10000  /* ms for each part of it */

/* --- What it has, by its own lists ------------------------------------------------------------ */

static void read_list(int fd, char list[LIST_MAX])
{
	struct pollfd polled = {.fd = fd, .events = POLLIN};
	size_t size = 0;
	ssize_t got = 1;

	while (got > 0 && size < LIST_MAX - 1 && poll(&polled, 1, LIST_PATIENCE) > 0) {
		got = read(fd, list + size, LIST_MAX - 1 - size);
		size += got > 0 ? (size_t)got : 0;
	}
	list[size] = '\0';
}

/* Whether it prints that, asked so. */
static bool lists(const char *program, const char *const arguments[], const char *wanted)
{
	static char list[LIST_MAX];
	char *const environment[] = {NULL};
	posix_spawn_file_actions_t actions;
	int ends[2], error;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return false;
	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
	(void)posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	error = posix_spawn(&pid, program, &actions, NULL, (char *const *)arguments, environment);
	(void)posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	list[0] = '\0';
	if (error == 0)
		read_list(ends[0], list);
	close(ends[0]);
	if (error == 0) {
		(void)kill(pid, SIGKILL); /* one that hangs; others have ended */
		(void)waitpid(pid, NULL, 0);
	}
	return strstr(list, wanted) != NULL;
}

static bool has_machine(const char *program)
{
	static const char *const arguments[] = {PROGRAM, "-M", "help", NULL};

	return lists(program, arguments, MACHINE);
}

/* One without it refuses the option, before it lists anything. */
bool qemu_has_filter(const char *program)
{
	static const char *const arguments[] = {
		PROGRAM, "-sandbox", QEMU_FILTER, "-accel", "help", NULL};

	return lists(program, arguments, "Accelerators");
}

/* --- Where it is ------------------------------------------------------------------------------ */

static bool is_there(char program[PATH_MAX], const char *folder, const char *rest)
{
	int size = snprintf(program, PATH_MAX, "%s%s", folder, rest);

	return size > 0 && size < PATH_MAX && access(program, X_OK) == 0;
}

/* Where rbuilds/cache.sh keeps what `make qemu` has built. */
static bool is_in_cache(char program[PATH_MAX])
{
	static const char rest[] = "/qemu/bin/" PROGRAM;
	const char *own = getenv("CLOISTER_CACHE"), *all = getenv("XDG_CACHE_HOME");
	const char *home = getenv("HOME");
	char folder[PATH_MAX];

	if (own != NULL && *own != '\0')
		return is_there(program, own, rest);
	if (all != NULL && *all != '\0')
		(void)snprintf(folder, sizeof folder, "%s/cloister", all);
	else
		(void)snprintf(folder, sizeof folder, "%s/.cache/cloister",
			home != NULL && *home != '\0' ? home : "/var/tmp");
	return is_there(program, folder, rest);
}

static bool is_on_path(char program[PATH_MAX])
{
	const char *path = getenv("PATH");
	char folders[PATH_MAX], *rest = NULL;

	(void)snprintf(folders, sizeof folders, "%s", path != NULL ? path : "/usr/bin:/bin");
	for (char *folder = strtok_r(folders, ":", &rest); folder != NULL;
		folder = strtok_r(NULL, ":", &rest))
		if (is_there(program, folder, "/" PROGRAM))
			return has_machine(program);
	return false;
}

static int take_wanted(const char *wanted, char program[PATH_MAX], struct fault *fault)
{
	if (is_there(program, wanted, ""))
		return 0;
	return fault_set(fault, "qemu", "there is no QEMU '%.300s' that can be executed: %s",
		wanted, strerror(errno));
}

int qemu_find(const char *wanted, char program[PATH_MAX], struct fault *fault)
{
	const char *own = getenv("CLOISTER_QEMU");

	if (wanted != NULL)
		return take_wanted(wanted, program, fault);
	if (own != NULL && *own != '\0')
		return take_wanted(own, program, fault);
	if (is_in_cache(program) || is_on_path(program))
		return 0;
	return fault_set(fault, "qemu",
		"there is no QEMU with the machine nitro-enclave: `make qemu` builds one, "
		"--qemu or CLOISTER_QEMU names one");
}

/* --- KVM -------------------------------------------------------------------------------------- */

/* There are others than hardware's, which make machines that only kernels of their kind run on. */
static bool has_hardware(void)
{
	static char flags[65536];
	FILE *file = fopen("/proc/cpuinfo", "re");
	size_t size = file != NULL ? fread(flags, 1, sizeof flags - 1, file) : 0;

	if (file != NULL)
		(void)fclose(file);
	flags[size] = '\0';
	return strstr(flags, " vmx ") != NULL || strstr(flags, " svm ") != NULL;
}

bool qemu_has_kvm(void)
{
	int device = open("/dev/kvm", O_RDWR | O_CLOEXEC), machine, processor = -1;

	if (device < 0)
		return false;
	machine = ioctl(device, KVM_CREATE_VM, 0);
	if (machine >= 0) {
		processor = ioctl(machine, KVM_CREATE_VCPU, 0);
		close(machine);
	}
	if (processor >= 0)
		close(processor);
	close(device);
	return processor >= 0 && has_hardware();
}
