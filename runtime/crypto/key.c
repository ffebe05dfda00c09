/* key: see key.h. Files are in key_file.c, providers in key_provider.c. */
#include "runtime/crypto/key.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/provider.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/crypto/key_inside.h"

#define QUERY_MAX 64u /* bytes that name a provider */

/* The pair's public half, as strictly as a stranger's. */
static int note_public(struct key_public *public, EVP_PKEY *pair, struct fault *fault)
{
	unsigned char *spki = NULL;
	int size, status;

	if (EVP_PKEY_is_a(pair, "EC"))
		(void)EVP_PKEY_set_utf8_string_param(
			pair, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "uncompressed");
	size = i2d_PUBKEY(pair, &spki);
	if (size <= 0)
		return fault_set(fault, "key", "it does not tell its public half");
	status = key_public_read(public, spki, (size_t)size, fault);
	OPENSSL_free(spki);
	return status;
}

int key_of_pair(struct key **key, EVP_PKEY *pair, const char *what, struct fault *fault)
{
	struct key *made = pair == NULL ? NULL : calloc(1, sizeof *made);
	struct fault inner;

	*key = NULL;
	ERR_clear_error();
	if (made == NULL) {
		EVP_PKEY_free(pair);
		return fault_set(fault, pair == NULL ? "key" : "memory", "%s: %s", what,
			pair == NULL ? "there is no private key in it" : "no memory");
	}
	made->pair = pair;
	if (note_public(&made->public, pair, &inner) != 0) {
		key_free(made);
		return fault_set(fault, inner.word, "%s: %s", what, inner.text);
	}
	*key = made;
	return 0;
}

void key_free(struct key *key)
{
	if (key == NULL)
		return;
	EVP_PKEY_free(key->pair);
	free(key);
}

int key_make(struct key **key, enum key_type type, struct fault *fault)
{
	EVP_PKEY *pair = type == KEY_ED25519 ? EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")
					     : EVP_EC_gen("P-256");

	*key = NULL;
	if (pair == NULL)
		return fault_set(
			fault, "crypto", "libcrypto makes no key of type %s", key_type_word(type));
	return key_of_pair(key, pair, "the new key", fault);
}

const struct key_public *key_public(const struct key *key)
{
	return &key->public;
}

/* DER into r and s of fixed width. */
static bool from_der(const unsigned char *der, size_t size, uint8_t *signature)
{
	const int half = KEY_SIGNATURE_SIZE / 2;
	ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &der, (long)size);
	bool is_done = pair != NULL &&
		       BN_bn2binpad(ECDSA_SIG_get0_r(pair), signature, half) == half &&
		       BN_bn2binpad(ECDSA_SIG_get0_s(pair), signature + half, half) == half;

	ECDSA_SIG_free(pair);
	return is_done;
}

/* The key of a token or a TPM can be used by its provider alone, and libcrypto prefers its own. */
static void prefer_holder(const EVP_PKEY *pair, char query[QUERY_MAX])
{
	const OSSL_PROVIDER *holder = EVP_PKEY_get0_provider(pair);

	(void)snprintf(query, QUERY_MAX, "?provider=%s",
		holder != NULL ? OSSL_PROVIDER_get0_name(holder) : "default");
}

int key_sign(const struct key *key, const void *bytes, size_t size,
	uint8_t signature[KEY_SIGNATURE_SIZE], struct fault *fault)
{
	const bool is_ed25519 = key->public.type == KEY_ED25519;
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned char made[128];
	size_t made_size = sizeof made;
	char query[QUERY_MAX];
	bool is_done = false;

	prefer_holder(key->pair, query);
	if (context != NULL &&
		EVP_DigestSignInit_ex(context, NULL, is_ed25519 ? NULL : "SHA256", NULL, query,
			key->pair, NULL) == 1 &&
		EVP_DigestSign(context, made, &made_size, bytes, size) == 1) {
		is_done = is_ed25519 ? made_size == KEY_SIGNATURE_SIZE
				     : from_der(made, made_size, signature);
		if (is_done && is_ed25519)
			(void)memcpy(signature, made, KEY_SIGNATURE_SIZE);
	}
	EVP_MD_CTX_free(context);
	if (is_done)
		return 0;
	ERR_clear_error();
	return fault_set(fault, "crypto", "the key does not sign: %s",
		strcmp(query, "?provider=default") == 0
			? "libcrypto refuses"
			: "what holds it refuses, as for want of a PIN or password, "
			  "or locked after wrong ones");
}
