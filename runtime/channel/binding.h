/* binding: what ties a document to one connection (spec/slc.md, Authentication): SHA-384 over a
 * label and what TLS exports for it. */
#ifndef CLOISTER_RUNTIME_CHANNEL_BINDING_H
#define CLOISTER_RUNTIME_CHANNEL_BINDING_H

#include "runtime/net/tls_stream.h"

#define BINDING_SIZE 48u

/* Fault: "crypto". */
int binding_of(struct tls_stream *tls, uint8_t digest[BINDING_SIZE], struct fault *fault);

/* What the user data of a session's document are: a label, which nobody else's may begin with, the
 * digest above, and how far the enclave's log has come (record.h): a number and a head. */
#define BINDING_MARK      "cloister/"
#define BINDING_DATA_SIZE 120u
#define BINDING_HEAD_SIZE 48u
void binding_write(uint8_t data[BINDING_DATA_SIZE], const uint8_t digest[BINDING_SIZE],
	uint64_t number, const uint8_t head[BINDING_HEAD_SIZE]);

/* Whether these are the user data of the connection with that digest; and what they say then. */
bool binding_read(const uint8_t *data, size_t size, const uint8_t digest[BINDING_SIZE],
	uint64_t *number, uint8_t head[BINDING_HEAD_SIZE]);

/* What a client's key signs: a label, what TLS exports for the connection, and the SHA-384 of the
 * enclave's document. So a signature is good for one connection to one enclave. */
#define BINDING_LABEL_SIZE  20u
#define BINDING_SIGNED_SIZE (BINDING_LABEL_SIZE + TLS_EXPORT_SIZE + BINDING_SIZE)

/* Faults: "crypto". */
int binding_digest(
	const uint8_t *document, size_t size, uint8_t digest[BINDING_SIZE], struct fault *fault);
int binding_signed(struct tls_stream *tls, const uint8_t digest[BINDING_SIZE],
	uint8_t bytes[BINDING_SIGNED_SIZE], struct fault *fault);

#endif
