/* inside_devices: what is in a sandbox's /dev. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/enclave/keeper.h"

#define PATH_SIZE 64

/* An empty file, for something to be mounted on. */
static int make_file(const char *path, struct fault *fault)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return fault_io(fault, errno, "cannot make '%s'", path);
	close(fd);
	return 0;
}

static int make_folder(const char *path, struct fault *fault)
{
	if (mkdir(path, 0755) < 0)
		return fault_io(fault, errno, "cannot make '%s'", path);
	return 0;
}

static int hang(int source, const char *path, struct fault *fault)
{
	if (move_mount(source, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return fault_io(fault, errno, "cannot bind '%s'", path);
	return 0;
}

static int bind_devices(const struct sources *sources, struct fault *fault)
{
	char path[PATH_SIZE];

	for (size_t i = 0; sandbox_devices[i].name != NULL; i++) {
		if (sources->devices[i] < 0)
			continue;
		(void)snprintf(path, sizeof path, "/dev/%s", sandbox_devices[i].name);
		if (make_file(path, fault) < 0 || hang(sources->devices[i], path, fault) < 0)
			return -1;
	}
	return 0;
}

static int bind_folder(int source, const char *name, struct fault *fault)
{
	char path[PATH_SIZE];

	(void)snprintf(path, sizeof path, "/dev/vsock.d/%s", name);
	return make_folder(path, fault) < 0 ? -1 : hang(source, path, fault);
}

/* The sandbox listens in the folder of its CID, under the name `any` too, and finds its parent in
 * that of CID 3. */
static int bind_vsock(
	const struct keeper *keeper, const struct sources *sources, struct fault *fault)
{
	char cid[16];

	(void)snprintf(cid, sizeof cid, "%u", keeper->cid);
	if (make_folder("/dev/vsock.d", fault) < 0 || bind_folder(sources->own, cid, fault) < 0 ||
		bind_folder(sources->own_again, "any", fault) < 0 ||
		bind_folder(sources->parent, "3", fault) < 0)
		return -1;
	if (keeper->nsm == NULL)
		return 0;
	return make_file("/dev/nsm", fault) < 0 ? -1 : hang(sources->nsm, "/dev/nsm", fault);
}

static int make_terminals(struct fault *fault)
{
	if (make_folder("/dev/pts", fault) < 0)
		return -1;
	if (mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
		    "newinstance,ptmxmode=0666,mode=0620") < 0)
		return fault_io(fault, errno, "cannot mount the sandbox's terminals");
	if (symlink("pts/ptmx", "/dev/ptmx") < 0)
		return fault_io(fault, errno, "cannot make '/dev/ptmx'");
	return 0;
}

/* The console is a terminal of the sandbox, whose other end the supervisor holds. */
static int make_console(struct fault *fault)
{
	int terminal = open("/dev/pts/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
	int locked = 0;
	unsigned number = 0;
	char path[PATH_SIZE];

	if (terminal < 0 || ioctl(terminal, TIOCSPTLCK, &locked) < 0 ||
		ioctl(terminal, TIOCGPTN, &number) < 0)
		return fault_io(fault, errno, "cannot make the sandbox's console");
	(void)snprintf(path, sizeof path, "/dev/pts/%u", number);
	if (make_file("/dev/console", fault) < 0)
		return -1;
	if (mount(path, "/dev/console", NULL, MS_BIND, NULL) < 0)
		return fault_io(fault, errno, "cannot bind '/dev/console'");
	keeper_send(KEEPER_CONSOLE, NULL, terminal);
	close(terminal);
	return 0;
}

int inside_devices(const struct keeper *keeper, const struct sources *sources, struct fault *fault)
{
	if (bind_devices(sources, fault) < 0 || bind_vsock(keeper, sources, fault) < 0 ||
		make_terminals(fault) < 0)
		return -1;
	return make_console(fault);
}
