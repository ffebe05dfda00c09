/* make: certificates of the simulator's chain: version 3, P-384, ECDSA with SHA-384. */
#ifndef CLOISTER_HOST_NSMSIM_MAKE_H
#define CLOISTER_HOST_NSMSIM_MAKE_H

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdint.h>

struct make_plan {
	const char *name;        /* the common name */
	const char *constraints; /* as OpenSSL's configuration says it: "critical,CA:TRUE" */
	const char *usage;
	int64_t from, until; /* seconds since 1970 */
	EVP_PKEY *subject;
	EVP_PKEY *signer;
	X509 *issuer; /* null: it signs itself */
};

/* Null: libcrypto refuses. */
EVP_PKEY *make_key(void);
X509 *make_certificate(const struct make_plan *plan);

#endif
