/* sign1: see sign1.h. */
#include "runtime/crypto/sign1.h"

#include <openssl/ecdsa.h>
#include <stdlib.h>
#include <string.h>

/* What belongs together: the curve, the protected header, the hash, the length of r and of s. */
struct algorithm {
	const char *curve;
	const char *protected;
	size_t protected_size;
	const EVP_MD *(*hash)(void);
	size_t half;
};

static const struct algorithm algorithms[] = {
	{"prime256v1", "\xa1\x01\x26", 3, EVP_sha256, 32},
	{"secp384r1", "\xa1\x01\x38\x22", 4, EVP_sha384, 48},
	{"secp521r1", "\xa1\x01\x38\x23", 4, EVP_sha512, 66},
};

static const struct algorithm *algorithm_of(EVP_PKEY *key, const struct sign1 *sign1)
{
	char curve[64];
	size_t length;

	if (key == NULL || EVP_PKEY_get_group_name(key, curve, sizeof curve, &length) != 1)
		return NULL;
	for (size_t i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++) {
		const struct algorithm *algorithm = &algorithms[i];

		if (strcmp(curve, algorithm->curve) == 0 &&
			sign1->protected_size == algorithm->protected_size &&
			memcmp(sign1->protected, algorithm->protected, sign1->protected_size) ==
				0 &&
			sign1->signature_size == 2 * algorithm->half)
			return algorithm;
	}
	return NULL;
}

/* Writes the head of a byte string of less than 64 KiB in its shortest form. */
static size_t put_bytes_head(uint8_t *to, size_t size)
{
	if (size < 24) {
		to[0] = (uint8_t)(0x40 + size);
		return 1;
	}
	if (size < 256) {
		to[0] = 0x58;
		to[1] = (uint8_t)size;
		return 2;
	}
	to[0] = 0x59;
	to[1] = (uint8_t)(size / 256);
	to[2] = (uint8_t)(size % 256);
	return 3;
}

/* Writes what is signed: ["Signature1", protected, h'', payload]. The caller frees it. */
static uint8_t *to_be_signed(const struct sign1 *sign1, size_t *size)
{
	static const char front[] = "\x84\x6aSignature1";
	uint8_t *bytes = malloc(sizeof front + sign1->protected_size + sign1->payload_size + 8);
	size_t used = sizeof front - 1;

	if (bytes == NULL || sign1->payload_size > UINT16_MAX) {
		free(bytes);
		return NULL;
	}
	memcpy(bytes, front, used);
	used += put_bytes_head(bytes + used, sign1->protected_size);
	memcpy(bytes + used, sign1->protected, sign1->protected_size);
	used += sign1->protected_size;
	bytes[used++] = 0x40;
	used += put_bytes_head(bytes + used, sign1->payload_size);
	memcpy(bytes + used, sign1->payload, sign1->payload_size);
	*size = used + sign1->payload_size;
	return bytes;
}

/* Turns r and s of fixed width into the DER that libcrypto reads. libcrypto frees it. */
static unsigned char *to_der(const struct sign1 *sign1, size_t half, int *size)
{
	ECDSA_SIG *pair = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(sign1->signature, (int)half, NULL);
	BIGNUM *s = BN_bin2bn(sign1->signature + half, (int)half, NULL);
	unsigned char *der = NULL;

	if (pair == NULL || r == NULL || s == NULL || ECDSA_SIG_set0(pair, r, s) != 1) {
		BN_free(r);
		BN_free(s);
		ECDSA_SIG_free(pair);
		return NULL;
	}
	*size = i2d_ECDSA_SIG(pair, &der);
	ECDSA_SIG_free(pair);
	return der;
}

int sign1_verify(const struct sign1 *sign1, EVP_PKEY *key, bool *good, struct fault *fault)
{
	const struct algorithm *algorithm = algorithm_of(key, sign1);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	uint8_t *message = NULL;
	unsigned char *der = NULL;
	size_t message_size = 0;
	int der_size = 0;
	int status = 0;

	*good = false;
	if (algorithm == NULL) {
		EVP_MD_CTX_free(context);
		return 0;
	}
	message = to_be_signed(sign1, &message_size);
	der = to_der(sign1, algorithm->half, &der_size);
	if (context != NULL && message != NULL && der != NULL && der_size > 0)
		*good = EVP_DigestVerifyInit(context, NULL, algorithm->hash(), NULL, key) == 1 &&
			EVP_DigestVerify(context, der, (size_t)der_size, message, message_size) ==
				1;
	else
		status = fault_set(fault, "memory", "no memory to check the signature");
	OPENSSL_free(der);
	free(message);
	EVP_MD_CTX_free(context);
	return status;
}

/* DER into r and s of fixed width. */
static int from_der(const unsigned char *der, size_t size, size_t half, uint8_t *signature)
{
	ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &der, (long)size);
	int status = -1;

	if (pair != NULL &&
		BN_bn2binpad(ECDSA_SIG_get0_r(pair), signature, (int)half) == (int)half &&
		BN_bn2binpad(ECDSA_SIG_get0_s(pair), signature + half, (int)half) == (int)half)
		status = 0;
	ECDSA_SIG_free(pair);
	return status;
}

int sign1_sign(const struct sign1 *sign1, EVP_PKEY *key, uint8_t *signature, struct fault *fault)
{
	const struct algorithm *algorithm = algorithm_of(key, sign1);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	size_t message_size = 0;
	uint8_t *message = algorithm == NULL ? NULL : to_be_signed(sign1, &message_size);
	unsigned char der[256];
	size_t der_size = sizeof der;
	int status = -1;

	if (context != NULL && message != NULL &&
		EVP_DigestSignInit(context, NULL, algorithm->hash(), NULL, key) == 1 &&
		EVP_DigestSign(context, der, &der_size, message, message_size) == 1)
		status = from_der(der, der_size, algorithm->half, signature);
	free(message);
	EVP_MD_CTX_free(context);
	return status == 0 ? 0 : fault_set(fault, "crypto", "libcrypto refuses to sign");
}
