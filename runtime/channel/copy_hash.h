/* copy_hash: the digest of what a file has already, before any of it is copied. */
#ifndef CLOISTER_RUNTIME_CHANNEL_COPY_HASH_H
#define CLOISTER_RUNTIME_CHANNEL_COPY_HASH_H

#include "runtime/channel/copy_digest.h"
#include "runtime/channel/copy_outcome.h"

/* Begins the digest and adds the next bytes of the file, up to `most` of them or to its end; *size
 * says how many those were. `name` is for the fault: "io", "internal", or why the copy stops. */
int copy_hash(struct copy_digest *digest, int fd, const char *name, uint64_t most, uint64_t *size,
	const struct copy_watch *watch, struct fault *fault);

#endif
