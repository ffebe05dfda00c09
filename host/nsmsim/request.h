/* request: what is asked of a simulated NSM, decoded within limits (spec/nsm.md). */
#ifndef CLOISTER_HOST_NSMSIM_REQUEST_H
#define CLOISTER_HOST_NSMSIM_REQUEST_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/crypto/nsm_reply.h"

#define REQUEST_PART_MAX 1024u /* user data, nonce, key */

/* Bytes of the request; a null pointer: null, or not there. */
struct request_part {
	const uint8_t *bytes;
	size_t size;
};

/* What an operation does not have is zero. */
struct request {
	enum nsm_operation operation;
	uint64_t number; /* index or range */
	struct request_part data;
	struct request_part user_data, nonce, public_key;
};

/* Returns null, or the NSM's word for why not: InvalidOperation for what is unknown, incomplete or
 * no CBOR in shortest form; InvalidArgument for a part of a document that is too long. The parts
 * point into bytes[0..size). */
const char *request_read(struct request *request, const void *bytes, size_t size);

#endif
