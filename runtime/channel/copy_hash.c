/* copy_hash: see copy_hash.h. */
#include "runtime/channel/copy_hash.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "runtime/kernel/path.h"

#define PIECE 65536u

/* 1: there may be more; 0: that was the end; or -1. */
static int hash_piece(struct copy_digest *digest, int fd, const char *name, uint64_t most,
	uint64_t *size, struct fault *fault)
{
	uint8_t bytes[PIECE];
	uint64_t left = most - *size;
	ssize_t n = read(fd, bytes, left < sizeof bytes ? (size_t)left : sizeof bytes);

	if (n < 0 && errno == EINTR)
		return 1;
	if (n < 0)
		return path_fault(fault, errno, "read", name, strlen(name));
	*size += (uint64_t)n;
	if (copy_digest_add(digest, bytes, (size_t)n, fault) < 0)
		return -1;
	return n > 0 && *size < most;
}

int copy_hash(struct copy_digest *digest, int fd, const char *name, uint64_t most, uint64_t *size,
	const struct copy_watch *watch, struct fault *fault)
{
	int more = most > 0;

	*size = 0;
	if (copy_digest_begin(digest, fault) < 0)
		return -1;
	while (more > 0) {
		if (copy_go_on(watch, fault) < 0)
			return -1;
		more = hash_piece(digest, fd, name, most, size, fault);
	}
	return more;
}
