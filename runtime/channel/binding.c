/* binding: see binding.h. */
#include "runtime/channel/binding.h"

#include <string.h>

#include <openssl/evp.h>

#define LABEL "cloister/slc/enclave/1"

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
