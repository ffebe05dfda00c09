/* issuer: the certificates of a simulated NSM and the key that signs its documents: a development
 * root that is kept, an intermediate authority and a signer that are made at each start. */
#ifndef CLOISTER_HOST_NSMSIM_ISSUER_H
#define CLOISTER_HOST_NSMSIM_ISSUER_H

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdint.h>

#include "host/nsmsim/root.h"

#define ISSUER_DER_MAX        1024u
#define ISSUER_SIGNATURE_SIZE 96u
#define ISSUER_BUNDLE         2u /* root and intermediate */

struct issuer {
	const char *name; /* borrowed: the module's */
	EVP_PKEY *authority_key, *key;
	X509 *authority;
	int64_t until; /* when the signer's certificate is to be renewed */
	uint8_t bundle[ISSUER_BUNDLE][ISSUER_DER_MAX];
	size_t bundle_sizes[ISSUER_BUNDLE];
	uint8_t certificate[ISSUER_DER_MAX];
	size_t certificate_size;
};

/* Makes an intermediate authority, under the root, and a signer. The root's key is not kept.
 * Fault: "crypto". */
int issuer_open(struct issuer *issuer, const struct root *root, const char *name, int64_t now,
	struct fault *fault);
void issuer_close(struct issuer *issuer);

/* Renews the signer's certificate if it would soon end. Fault: "crypto". */
int issuer_renew(struct issuer *issuer, int64_t now, struct fault *fault);

#endif
