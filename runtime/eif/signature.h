/* signature: the signature section of an image, and whether it holds.
 *
 * The section is CBOR: an array of one map with the certificate's PEM text and a COSE_Sign1, both
 * as arrays of integers (spec/eif.md). These bytes are foreign: definite lengths, minimal heads,
 * and nothing left over, or the section is refused.
 */
#ifndef CLOISTER_RUNTIME_EIF_SIGNATURE_H
#define CLOISTER_RUNTIME_EIF_SIGNATURE_H

#include <openssl/x509.h>
#include <stdbool.h>

#include "runtime/eif/layout.h"
#include "runtime/eif/measure.h"
#include "runtime/kernel/fault.h"

struct signature {
	uint8_t certificate[EIF_SIGNATURE_MAX]; /* PEM text */
	size_t certificate_size;
	uint8_t cose[EIF_SIGNATURE_MAX]; /* COSE_Sign1, untagged */
	size_t cose_size;
};

/* Takes the section apart. Word "signature-form". */
int signature_decode(
	const uint8_t *bytes, size_t size, struct signature *signature, struct fault *fault);

/* Tells whether the COSE_Sign1 was made by the certificate's key over exactly this PCR0. Fails only
 * with "signature-form", when it is no COSE_Sign1, or "memory". */
int signature_verify(const struct signature *signature, X509 *certificate,
	const uint8_t pcr0[MEASURE_SIZE], bool *good, struct fault *fault);

#endif
