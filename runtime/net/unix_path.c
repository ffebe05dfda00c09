/* unix_path: see unix_path.h. */
#include "runtime/net/unix_path.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "runtime/net/socket.h"

bool unix_path_is(const struct address *address)
{
	return address->kind == ADDRESS_UNIX || address->kind == ADDRESS_HYBRID ||
	       address->kind == ADDRESS_STAND_IN;
}

int unix_path_name(struct endpoint *endpoint, const char *path)
{
	struct sockaddr_un *name = (struct sockaddr_un *)&endpoint->name;
	size_t length = strlen(path);

	memset(endpoint, 0, sizeof *endpoint);
	if (length >= sizeof name->sun_path)
		return -1;
	name->sun_family = AF_UNIX;
	memcpy(name->sun_path, path, length);
	endpoint->size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + 1);
	return 0;
}

void unix_path_behind(struct endpoint *endpoint, int fd, const char *leaf)
{
	char path[sizeof "/proc/self/fd/2147483647/" + UNIX_PATH_LEAF_MAX];

	if (leaf == NULL)
		(void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	else
		(void)snprintf(path, sizeof path, "/proc/self/fd/%d/%s", fd, leaf);
	(void)unix_path_name(endpoint, path);
}

int unix_path_stand_in(const struct address *address, int flags, struct fault *fault)
{
	int outer = open(address->text, O_PATH | O_DIRECTORY | O_CLOEXEC), inner, error;
	char cid[16] = "any";

	if (outer < 0)
		return socket_fault(
			fault, errno, "the folder of stand-ins for vsock, '%.200s'", address->text);
	if (address->cid != ADDRESS_TEXT_CID_ANY)
		(void)snprintf(cid, sizeof cid, "%" PRIu32, address->cid);
	inner = openat(outer, cid, flags | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	error = errno;
	close(outer);
	if (inner < 0)
		return socket_fault(fault, error,
			"the folder '%s' of stand-ins for vsock in '%.200s'", cid, address->text);
	return inner;
}

/* The socket itself, opened: what its name is afterwards doesn't matter. */
static int open_stand_in(const struct address *address, struct fault *fault)
{
	int folder = unix_path_stand_in(address, O_PATH, fault), fd, error;
	struct stat stat;
	char leaf[16];

	if (folder < 0)
		return -1;
	(void)snprintf(leaf, sizeof leaf, "%" PRIu32, address->port);
	fd = openat(folder, leaf, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	error = errno;
	close(folder);
	if (fd < 0)
		return socket_fault(fault, error, "the stand-in '%s' for vsock", leaf);
	if (fstat(fd, &stat) == 0 && S_ISSOCK(stat.st_mode))
		return fd;
	close(fd);
	return socket_fault(fault, ECONNREFUSED, "the stand-in '%s' for vsock is no socket", leaf);
}

static int open_path(const char *path, struct fault *fault)
{
	int fd = open(path, O_PATH | O_CLOEXEC);

	return fd >= 0 ? fd : socket_fault(fault, errno, "open");
}

int unix_path_target(
	const struct address *address, struct endpoint *endpoint, int *held, struct fault *fault)
{
	*held = -1;
	if (address->kind == ADDRESS_STAND_IN)
		*held = open_stand_in(address, fault);
	else if (unix_path_name(endpoint, address->text) == 0)
		return 0;
	else
		*held = open_path(address->text, fault);
	if (*held < 0)
		return -1;
	unix_path_behind(endpoint, *held, NULL);
	return 0;
}
