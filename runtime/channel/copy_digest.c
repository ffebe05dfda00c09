/* copy_digest: see copy_digest.h. */
#include "runtime/channel/copy_digest.h"

#include <stdbool.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

static int failed(struct fault *fault)
{
	return fault_set(fault, "internal", "OpenSSL computes no SHA-256");
}

int copy_digest_open(struct copy_digest *digest, struct fault *fault)
{
	*digest = (struct copy_digest){.context = NULL};
	if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1)
		return failed(fault);
	digest->kind = EVP_MD_fetch(NULL, "SHA256", NULL);
	digest->context = EVP_MD_CTX_new();
	if (digest->kind != NULL && digest->context != NULL)
		return 0;
	copy_digest_close(digest);
	return failed(fault);
}

void copy_digest_close(struct copy_digest *digest)
{
	EVP_MD_CTX_free(digest->context);
	EVP_MD_free(digest->kind);
	*digest = (struct copy_digest){.context = NULL};
}

int copy_digest_begin(struct copy_digest *digest, struct fault *fault)
{
	return EVP_DigestInit_ex2(digest->context, digest->kind, NULL) == 1 ? 0 : failed(fault);
}

int copy_digest_add(
	struct copy_digest *digest, const uint8_t *bytes, size_t size, struct fault *fault)
{
	return EVP_DigestUpdate(digest->context, bytes, size) == 1 ? 0 : failed(fault);
}

int copy_digest_end(
	struct copy_digest *digest, uint8_t value[COPY_DIGEST_SIZE], struct fault *fault)
{
	return EVP_DigestFinal_ex(digest->context, value, NULL) == 1 ? 0 : failed(fault);
}

int copy_digest_peek(
	const struct copy_digest *digest, uint8_t value[COPY_DIGEST_SIZE], struct fault *fault)
{
	EVP_MD_CTX *so_far = EVP_MD_CTX_new();
	bool is_done = so_far != NULL && EVP_MD_CTX_copy_ex(so_far, digest->context) == 1 &&
		       EVP_DigestFinal_ex(so_far, value, NULL) == 1;

	EVP_MD_CTX_free(so_far);
	return is_done ? 0 : failed(fault);
}
