/* document_show: an attestation document, as JSON for programs and as lines for people. It shows
 * what the document says; whether that is true is for the verdict. */
#ifndef CLOISTER_RUNTIME_CRYPTO_DOCUMENT_SHOW_H
#define CLOISTER_RUNTIME_CRYPTO_DOCUMENT_SHOW_H

#include <jansson.h>
#include <stdio.h>

#include "runtime/crypto/document.h"

/* {"module_id", "digest", "timestamp" (milliseconds), "time", "pcrs" {"0": hex}, "public_key",
 * "user_data", "nonce" (hex or null), "certificates" [{"subject", "issuer", "not_before",
 * "not_after", "sha256"}] from the root to the signer}. Null: no memory. */
json_t *document_json(const struct document *document);

/* The same, a line each. */
void document_print(FILE *file, const struct document *document);

#endif
