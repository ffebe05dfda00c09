/* document: an attestation document, taken apart (spec/attestation.md): COSE_Sign1 over a map in
 * CBOR. Nothing is believed here: decoding says what is in it, verdict.h what that is worth.
 *
 * Nothing is allocated and nothing is copied: parts point into the document's bytes. It must be
 * CBOR in shortest form, without chunked strings, with each key once, and nothing behind it. The
 * payload's maps may be of either length form; unknown keys in it are skipped.
 *
 * Words of faults: those of cbor.h, "shape" (it is CBOR and no attestation document), "limit".
 */
#ifndef CLOISTER_RUNTIME_CRYPTO_DOCUMENT_H
#define CLOISTER_RUNTIME_CRYPTO_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/crypto/verdict.h"
#include "runtime/kernel/fault.h"

#define DOCUMENT_SIZE_MAX    16384u
#define DOCUMENT_UNKNOWN_MAX 16u /* unknown keys of the payload */

/* Bytes of a document; a null pointer is a part that is not there, or null. */
struct document_part {
	const uint8_t *bytes;
	size_t size;
};

struct document {
	bool is_tagged;        /* with 18, COSE_Sign1 */
	bool has_empty_header; /* the unprotected one is an empty map */
	int64_t algorithm;     /* COSE's number */
	struct document_part protected, payload, signature;

	/* Of the payload. */
	struct document_part module_id, digest; /* texts */
	uint64_t timestamp;                     /* milliseconds since 1970 */
	struct document_part pcrs[VERDICT_PCRS];
	struct document_part certificate;
	struct document_part bundle[VERDICT_BUNDLE_MAX]; /* the root first */
	uint32_t bundle_count;
	struct document_part public_key, user_data, nonce;
};

/* The parts point into bytes[0..size), which must outlive them. */
int document_read(struct document *document, const void *bytes, size_t size, struct fault *fault);

bool document_part_is(const struct document_part *part, const void *bytes, size_t size);

#define DOCUMENT_ENTERED 18u /* the register that says so: spec/pcr.md */

/* Whether somebody may have been inside: that register is listed, which only locked ones are, and
 * is not zero. */
bool document_is_entered(const struct document *document);

/* Whether it is there and all its bytes are 0. */
bool document_part_is_zero(const struct document_part *part);

#endif
