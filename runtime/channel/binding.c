/* binding: see binding.h. */
#include "runtime/channel/binding.h"

#include <string.h>

#include <openssl/evp.h>

#include "runtime/channel/wire.h"

#define LABEL  "cloister/slc/enclave/1" /* in front of what the enclave's document binds */
#define SIGNED "cloister/slc/client1"   /* and of what the client signs */
#define DATA   BINDING_MARK "slc/doc"   /* and of the user data of a document */
#define NUMBER (sizeof DATA - 1 + BINDING_SIZE)
#define HEAD   (NUMBER + 8)

_Static_assert(HEAD + BINDING_HEAD_SIZE == BINDING_DATA_SIZE, "the parts fill it");

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

void binding_write(uint8_t data[BINDING_DATA_SIZE], const uint8_t digest[BINDING_SIZE],
	uint64_t number, const uint8_t head[BINDING_HEAD_SIZE])
{
	(void)memcpy(data, DATA, sizeof DATA - 1);
	(void)memcpy(data + sizeof DATA - 1, digest, BINDING_SIZE);
	wire_put_long(data + NUMBER, number);
	(void)memcpy(data + HEAD, head, BINDING_HEAD_SIZE);
}

bool binding_read(const uint8_t *data, size_t size, const uint8_t digest[BINDING_SIZE],
	uint64_t *number, uint8_t head[BINDING_HEAD_SIZE])
{
	if (size != BINDING_DATA_SIZE || memcmp(data, DATA, sizeof DATA - 1) != 0 ||
		memcmp(data + sizeof DATA - 1, digest, BINDING_SIZE) != 0)
		return false;
	*number = wire_long(data + NUMBER);
	(void)memcpy(head, data + HEAD, BINDING_HEAD_SIZE);
	return true;
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
