/* sign1: the cryptographic half of COSE_Sign1 (RFC 9052, section 4.4) with ES256, ES384 and
 * ES512. */
#ifndef CLOISTER_RUNTIME_CRYPTO_SIGN1_H
#define CLOISTER_RUNTIME_CRYPTO_SIGN1_H

#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/kernel/fault.h"

/* The parts, in the bytes they came in. */
struct sign1 {
	const uint8_t *protected;
	size_t protected_size;
	const uint8_t *payload;
	size_t payload_size;
	const uint8_t *signature;
	size_t signature_size;
};

/* Tells whether `key` made the signature. Anything that does not fit (a key of another kind,
 * another algorithm, a length) makes it bad. Word "memory" when there is none. */
int sign1_verify(const struct sign1 *sign1, EVP_PKEY *key, bool *good, struct fault *fault);

/* Makes the signature of the other parts, as long as signature_size says, with a key that fits the
 * protected header as sign1_verify wants it. Words: "crypto" (it does not fit, or libcrypto
 * refuses). */
int sign1_sign(const struct sign1 *sign1, EVP_PKEY *key, uint8_t *signature, struct fault *fault);

#endif
