/* document: what goes into the request of an attestation document, and the file that it is kept
 * in. */
#ifndef CLOISTER_HOST_PIPELINE_DOCUMENT_H
#define CLOISTER_HOST_PIPELINE_DOCUMENT_H

#include "runtime/channel/fields.h"
#include "runtime/kernel/fault.h"

#define DOCUMENT_MAX       65536u /* bytes; the NSM's are at most 16 KiB */
#define DOCUMENT_NONCE_MAX 512u

/* A nonce given in hexadecimal digits; there is room for DOCUMENT_NONCE_MAX bytes.
 * Fault: "usage". */
int document_nonce(uint8_t *bytes, size_t *size, const char *digits, struct fault *fault);

/* Puts a field with all of a file, which has `most` bytes at most. Faults: "input", "usage" (it is
 * longer). */
int document_part(struct field_writer *fields, uint32_t tag, const char *name, size_t most,
	struct fault *fault);

/* Writes a file, which appears or is replaced when it is complete. Fault: "output". */
int document_write(const char *name, const uint8_t *bytes, size_t size, struct fault *fault);

#endif
