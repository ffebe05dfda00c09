/* binding: what ties a document to one connection (spec/slc.md, Authentication): SHA-384 over a
 * label and what TLS exports for it. */
#ifndef CLOISTER_RUNTIME_CHANNEL_BINDING_H
#define CLOISTER_RUNTIME_CHANNEL_BINDING_H

#include "runtime/net/tls_stream.h"

#define BINDING_SIZE 48u

/* Fault: "crypto". */
int binding_of(struct tls_stream *tls, uint8_t digest[BINDING_SIZE], struct fault *fault);

#endif
