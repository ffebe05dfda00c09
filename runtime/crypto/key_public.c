/* key_public: public keys that others hand us, and signatures made with them; see key.h. */
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <string.h>

#include "runtime/crypto/key_inside.h"

/* What stands in front of the point, for each kind the one spelling of it. */
static const struct form {
	const char *word;
	uint8_t head[27];
	size_t head_size, size;
} forms[] = {
	[KEY_ED25519] = {"ed25519",
		{0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00}, 12, 44},
	[KEY_P256] = {"p256",
		{0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
			0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
			0x04},
		27, 91},
};
#define FORMS (sizeof forms / sizeof forms[0])

static EVP_PKEY *pair_of(const struct key_public *public)
{
	const unsigned char *next = public->spki;

	return d2i_PUBKEY(NULL, &next, (long)public->size);
}

static bool point_ok(const struct key_public *public)
{
	EVP_PKEY *pair;
	EVP_PKEY_CTX *context;
	bool is_ok;

	if (public->type == KEY_ED25519)
		return key_point_ok(public->spki + forms[KEY_ED25519].head_size);
	pair = pair_of(public);
	context = pair == NULL ? NULL : EVP_PKEY_CTX_new(pair, NULL);
	is_ok = context != NULL && EVP_PKEY_public_check(context) == 1;
	EVP_PKEY_CTX_free(context);
	EVP_PKEY_free(pair);
	ERR_clear_error();
	return is_ok;
}

int key_public_read(struct key_public *public, const void *spki, size_t size, struct fault *fault)
{
	for (unsigned type = KEY_ED25519; type < FORMS; type++) {
		if (size != forms[type].size ||
			memcmp(spki, forms[type].head, forms[type].head_size) != 0)
			continue;
		*public = (struct key_public){.type = (enum key_type)type, .size = size};
		(void)memcpy(public->spki, spki, size);
		if (point_ok(public))
			return 0;
		return fault_set(fault, "key", "the key is no point of its curve that is a key");
	}
	return fault_set(fault, "key",
		"it is neither an Ed25519 nor a P-256 key in the form that `pipeline keygen` "
		"writes");
}

int key_public_base64(struct key_public *public, const char *text, struct fault *fault)
{
	uint8_t bytes[KEY_BASE64_MAX];
	char again[KEY_BASE64_MAX];
	size_t size = strlen(text);
	int decoded = -1;

	if (size < KEY_BASE64_MAX && size % 4 == 0 && size > 0)
		decoded = EVP_DecodeBlock(bytes, (const unsigned char *)text, (int)size);
	if (decoded > 0)
		decoded -= (text[size - 1] == '=') + (text[size - 2] == '=');
	if (decoded <= 0)
		return fault_set(fault, "key", "it is not the base64 of a public key");
	if (key_public_read(public, bytes, (size_t)decoded, fault) != 0)
		return -1;
	key_base64(public, again);
	if (strcmp(again, text) == 0)
		return 0;
	return fault_set(fault, "key", "its base64 is not in its one spelling");
}

const char *key_type_word(enum key_type type)
{
	return forms[type].word;
}

void key_base64(const struct key_public *public, char text[KEY_BASE64_MAX])
{
	(void)EVP_EncodeBlock((unsigned char *)text, public->spki, (int)public->size);
}

void key_fingerprint(const struct key_public *public, char text[KEY_FINGERPRINT_MAX])
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	unsigned char base64[45]; /* the last of its 44 digits is '=' */

	(void)SHA256(public->spki, public->size, digest);
	(void)EVP_EncodeBlock(base64, digest, sizeof digest);
	(void)snprintf(text, KEY_FINGERPRINT_MAX, "SHA256:%.43s", (const char *)base64);
}

bool key_public_same(const struct key_public *one, const struct key_public *other)
{
	return one->size == other->size && memcmp(one->spki, other->spki, one->size) == 0;
}

/* --- Signatures ------------------------------------------------------------------------------- */

/* The DER of r and s that libcrypto reads; libcrypto frees it. */
static unsigned char *der_of(const uint8_t *signature, int *size)
{
	ECDSA_SIG *pair = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(signature, KEY_SIGNATURE_SIZE / 2, NULL);
	BIGNUM *s = BN_bin2bn(signature + KEY_SIGNATURE_SIZE / 2, KEY_SIGNATURE_SIZE / 2, NULL);
	unsigned char *der = NULL;

	if (pair == NULL || r == NULL || s == NULL || ECDSA_SIG_set0(pair, r, s) != 1) {
		BN_free(r);
		BN_free(s);
	} else {
		*size = i2d_ECDSA_SIG(pair, &der);
	}
	ECDSA_SIG_free(pair);
	return der;
}

static bool verify(EVP_PKEY *pair, const EVP_MD *hash, const void *bytes, size_t size,
	const unsigned char *signature, size_t signature_size)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool is_good = context != NULL && pair != NULL && signature != NULL &&
		       EVP_DigestVerifyInit(context, NULL, hash, NULL, pair) == 1 &&
		       EVP_DigestVerify(context, signature, signature_size, bytes, size) == 1;

	EVP_MD_CTX_free(context);
	ERR_clear_error();
	return is_good;
}

bool key_verify(const struct key_public *public, const void *bytes, size_t size,
	const void *signature, size_t signature_size)
{
	EVP_PKEY *pair;
	unsigned char *der = NULL;
	int der_size = 0;
	bool is_good = false;

	if (signature_size != KEY_SIGNATURE_SIZE)
		return false;
	pair = pair_of(public);
	if (public->type == KEY_ED25519) {
		is_good = verify(pair, NULL, bytes, size, signature, signature_size);
	} else {
		der = der_of(signature, &der_size);
		is_good = der_size > 0 &&
			  verify(pair, EVP_sha256(), bytes, size, der, (size_t)der_size);
	}
	OPENSSL_free(der);
	EVP_PKEY_free(pair);
	return is_good;
}
