/* copy_digest: SHA-256 of a file's bytes as they pass, by OpenSSL. No file of OpenSSL's is read for
 * it, so it can be begun in a process that may open none. */
#ifndef CLOISTER_RUNTIME_CHANNEL_COPY_DIGEST_H
#define CLOISTER_RUNTIME_CHANNEL_COPY_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/channel/copy_member.h"
#include "runtime/kernel/fault.h"

struct copy_digest {
	struct evp_md_ctx_st *context;
	struct evp_md_st *kind;
};

/* -1 with "internal". The digest is the caller's to close. */
int copy_digest_open(struct copy_digest *digest, struct fault *fault);
void copy_digest_close(struct copy_digest *digest); /* null members are allowed */

/* For each file: begin, add, end. -1 with "internal". */
int copy_digest_begin(struct copy_digest *digest, struct fault *fault);
int copy_digest_add(
	struct copy_digest *digest, const uint8_t *bytes, size_t size, struct fault *fault);
int copy_digest_end(
	struct copy_digest *digest, uint8_t value[COPY_DIGEST_SIZE], struct fault *fault);

/* Adds so many zeros. */
int copy_digest_zeros(struct copy_digest *digest, uint64_t size, struct fault *fault);

/* The digest of what was added so far; it goes on. */
int copy_digest_peek(
	const struct copy_digest *digest, uint8_t value[COPY_DIGEST_SIZE], struct fault *fault);

#endif
