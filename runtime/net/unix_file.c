/* unix_file: see unix_file.h. */
#include "runtime/net/unix_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "runtime/net/socket.h"
#include "runtime/net/unix_path.h"

#define LOCK_TRIES 100
#define LOCK_PAUSE 10000000L /* nanoseconds */

/* A file in the making. */
struct place {
	struct unix_file file;
	struct endpoint endpoint; /* what to bind to */
	bool locked;
};

/* Opens a folder; for reading if possible, since only then it can be locked. */
static int open_folder(const char *path, struct fault *fault)
{
	int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (folder < 0 && errno == EACCES)
		folder = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return folder >= 0 ? folder
			   : socket_fault(fault, errno, "the folder '%.200s' of a socket", path);
}

static int find_stand_in(struct place *place, const struct address *address, struct fault *fault)
{
	(void)snprintf(place->file.leaf, sizeof place->file.leaf, "%" PRIu32, address->port);
	place->file.folder = unix_path_stand_in(address, O_RDONLY, fault);
	if (place->file.folder < 0)
		return -1;
	unix_path_behind(&place->endpoint, place->file.folder, place->file.leaf);
	return 0;
}

static int find_path(struct place *place, char *path, struct fault *fault)
{
	bool fits = unix_path_name(&place->endpoint, path) == 0;
	char *slash = strrchr(path, '/');
	const char *leaf = slash == NULL ? path : slash + 1;

	if (*leaf == '\0' || (!fits && strlen(leaf) > UNIX_PATH_LEAF_MAX))
		return fault_set(fault, "address",
			"a path to listen on must end in a name, and one of more than 107 bytes in "
			"a name of at most %u",
			UNIX_PATH_LEAF_MAX);
	(void)snprintf(place->file.leaf, sizeof place->file.leaf, "%.*s", NAME_MAX, leaf);
	if (slash == NULL)
		path = ".";
	else
		slash[slash == path] = '\0'; /* the root keeps its slash */
	place->file.folder = open_folder(path, fault);
	if (place->file.folder < 0)
		return -1;
	if (!fits)
		unix_path_behind(&place->endpoint, place->file.folder, place->file.leaf);
	return 0;
}

static int find(struct place *place, const struct address *address, struct fault *fault)
{
	char path[ADDRESS_TEXT_MAX];

	if (address->kind == ADDRESS_STAND_IN)
		return find_stand_in(place, address, fault);
	if (address->kind == ADDRESS_HYBRID)
		(void)snprintf(path, sizeof path, "%s_%" PRIu32, address->text, address->port);
	else
		(void)snprintf(path, sizeof path, "%s", address->text);
	return find_path(place, path, fault);
}

/* Locks the folder. One that can't be locked is used without, but then nothing is replaced. */
static void lock(struct place *place, bool waits)
{
	const struct timespec pause = {.tv_nsec = LOCK_PAUSE};

	for (int tries = 0; tries < LOCK_TRIES; tries++) {
		place->locked = flock(place->file.folder, LOCK_EX | LOCK_NB) == 0;
		if (place->locked || errno != EWOULDBLOCK || !waits)
			return;
		(void)nanosleep(&pause, NULL);
	}
}

static int try_bind(const struct place *place, int fd)
{
	return bind(fd, (const struct sockaddr *)&place->endpoint.name, place->endpoint.size);
}

/* Whether there is a socket that nobody is behind: connect tells. */
static bool is_stale(const struct place *place, int type)
{
	struct stat stat;
	bool refused;
	int probe;

	if (fstatat(place->file.folder, place->file.leaf, &stat, AT_SYMLINK_NOFOLLOW) != 0 ||
		!S_ISSOCK(stat.st_mode))
		return false;
	probe = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (probe < 0)
		return false;
	refused = connect(probe, (const struct sockaddr *)&place->endpoint.name,
			  place->endpoint.size) != 0 &&
		  errno == ECONNREFUSED;
	close(probe);
	return refused;
}

static int bind_here(const struct place *place, int fd, struct fault *fault)
{
	int type = SOCK_STREAM, error;
	socklen_t size = sizeof type;

	if (try_bind(place, fd) == 0)
		return 0;
	error = errno;
	(void)getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size);
	if (error != EADDRINUSE || !place->locked || !is_stale(place, type))
		return socket_fault(fault, error, "bind");
	if (unlinkat(place->file.folder, place->file.leaf, 0) != 0)
		return socket_fault(fault, errno, "a socket that nobody listens on: unlink");
	return try_bind(place, fd) == 0 ? 0 : socket_fault(fault, errno, "bind");
}

/* Notes which file it is, and gives it the bits of its mode that the umask took. */
static int settle(struct place *place, mode_t mode, struct fault *fault)
{
	int file = openat(place->file.folder, place->file.leaf, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	char path[sizeof "/proc/self/fd/2147483647"];
	struct stat stat;
	int failed;

	if (file < 0)
		return socket_fault(fault, errno, "open");
	failed = fstat(file, &stat);
	if (failed == 0 && (!S_ISSOCK(stat.st_mode) || stat.st_nlink != 1)) {
		close(file);
		return fault_set(
			fault, "io", "somebody has put another file in the socket's place");
	}
	if (failed == 0) {
		place->file.device = stat.st_dev;
		place->file.inode = stat.st_ino;
	}
	if (failed == 0 && (stat.st_mode & 07777u) != mode) {
		(void)snprintf(path, sizeof path, "/proc/self/fd/%d", file);
		failed = chmod(path, mode);
	}
	if (failed != 0)
		socket_fault(fault, errno, "chmod");
	close(file);
	return failed;
}

/* The file is born with the mode that the socket has, less the umask. It listens at once: there are
 * programs that wait for the file and then connect. */
static int make(struct place *place, int fd, mode_t mode, int backlog, struct fault *fault)
{
	int error = 0;

	if (fchmod(fd, mode) != 0)
		return socket_fault(fault, errno, "fchmod");
	if (bind_here(place, fd, fault) != 0)
		return -1;
	if (backlog > 0 && listen(fd, backlog) != 0)
		error = errno;
	if (settle(place, mode, fault) != 0)
		return -1;
	return error == 0 ? 0 : socket_fault(fault, error, "listen");
}

int unix_file_bind(struct unix_file *file, int fd, const struct address *address, mode_t mode,
	int backlog, bool waits, struct fault *fault)
{
	struct place place = {.file.folder = -1};
	int failed;

	file->folder = -1;
	if (find(&place, address, fault) != 0)
		return -1;
	lock(&place, waits);
	failed = make(&place, fd, mode, backlog, fault);
	if (place.locked)
		(void)flock(place.file.folder, LOCK_UN);
	if (failed != 0)
		unix_file_remove(&place.file);
	else
		*file = place.file;
	return failed;
}

void unix_file_remove(struct unix_file *file)
{
	struct stat stat;

	if (file->folder < 0)
		return;
	if (fstatat(file->folder, file->leaf, &stat, AT_SYMLINK_NOFOLLOW) == 0 &&
		stat.st_dev == file->device && stat.st_ino == file->inode)
		(void)unlinkat(file->folder, file->leaf, 0);
	close(file->folder);
	file->folder = -1;
}
