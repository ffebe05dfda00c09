/* certificate: what describe says about the certificate that an image is signed with. */
#ifndef CLOISTER_RUNTIME_EIF_CERTIFICATE_H
#define CLOISTER_RUNTIME_EIF_CERTIFICATE_H

#include <openssl/x509.h>

#include "runtime/eif/emit.h"
#include "runtime/eif/measure.h"
#include "runtime/kernel/fault.h"

/* Reads the first certificate of a PEM text. The caller frees it with X509_free. Word
 * "certificate". */
X509 *certificate_read(const uint8_t *pem, size_t size, struct fault *fault);

/* Computes PCR8: the SHA-384 of the certificate's DER, extended from zero. */
int certificate_measure(X509 *certificate, uint8_t pcr[MEASURE_SIZE], struct fault *fault);

/* Prints the member SigningCertificate. */
void certificate_emit(struct emit *emit, X509 *certificate);

#endif
