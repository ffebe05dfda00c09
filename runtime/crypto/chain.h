/* chain: what certificates say of themselves and of each other, as facts for a verdict. */
#ifndef CLOISTER_RUNTIME_CRYPTO_CHAIN_H
#define CLOISTER_RUNTIME_CRYPTO_CHAIN_H

#include <openssl/x509.h>

#include "runtime/crypto/document.h"
#include "runtime/crypto/verdict.h"

/* Reads one certificate: DER to its last byte, and of it the facts but `is_issued`. Null: it is
 * none, and the facts are zero but for the size. The caller frees it. */
X509 *chain_read(const struct document_part *der, struct verdict_certificate *facts);

/* Whether `issuer` names and signed `certificate`. */
bool chain_is_issued(X509 *certificate, X509 *issuer);

#endif
