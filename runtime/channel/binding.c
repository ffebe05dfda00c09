/* binding: see binding.h. */
#include "runtime/channel/binding.h"

#include <string.h>

#include <openssl/evp.h>

#define LABEL  "cloister/slc/enclave/1" /* in front of what the enclave's document binds */
#define SIGNED "cloister/slc/client1"   /* and of what the client signs */

_Static_assert(sizeof SIGNED - 1 == BINDING_LABEL_SIZE, "the label has the size that is said");

int binding_of(struct tls_stream *tls, uint8_t digest[BINDING_SIZE], struct fault *fault)
{
	uint8_t bytes[sizeof LABEL - 1 + TLS_EXPORT_SIZE];

	memcpy(bytes, LABEL, sizeof LABEL - 1);
	if (tls_stream_export(tls, bytes + sizeof LABEL - 1, fault) != 0)
		return -1;
	if (EVP_Digest(bytes, sizeof bytes, digest, NULL, EVP_sha384(), NULL) != 1)
		return fault_set(fault, "crypto", "SHA-384 can't be computed");
	return 0;
}

int binding_digest(
	const uint8_t *document, size_t size, uint8_t digest[BINDING_SIZE], struct fault *fault)
{
	if (EVP_Digest(document, size, digest, NULL, EVP_sha384(), NULL) != 1)
		return fault_set(fault, "crypto", "SHA-384 can't be computed");
	return 0;
}

int binding_signed(struct tls_stream *tls, const uint8_t digest[BINDING_SIZE],
	uint8_t bytes[BINDING_SIGNED_SIZE], struct fault *fault)
{
	for (size_t i = 0; i < BINDING_LABEL_SIZE; i++)
		bytes[i] = (uint8_t)SIGNED[i];
	memcpy(bytes + BINDING_LABEL_SIZE + TLS_EXPORT_SIZE, digest, BINDING_SIZE);
	return tls_stream_export(tls, bytes + BINDING_LABEL_SIZE, fault);
}
