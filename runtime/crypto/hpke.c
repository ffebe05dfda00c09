/* hpke: see hpke.h. The labels and the order of all that is hashed are the RFC's. */
#include "runtime/crypto/hpke.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdbool.h>
#include <string.h>

#define HASH_SIZE 32u
#define KEM       0x0020u /* DHKEM(X25519, HKDF-SHA256) */
#define KDF       0x0001u /* HKDF-SHA256 */
#define TEXT_MAX  256u    /* bytes that are hashed at once */

static int failed(struct fault *fault, const char *what)
{
	return fault_set(fault, "crypto", "libcrypto has failed: %s", what);
}

/* --- The schedule of keys --------------------------------------------------------------------- */

struct text {
	uint8_t bytes[TEXT_MAX];
	size_t used;
};

/* Everything that is put together here has a size of ours, so it fits. */
static void add(struct text *text, const void *bytes, size_t size)
{
	if (size > TEXT_MAX - text->used)
		return;
	memcpy(text->bytes + text->used, bytes, size);
	text->used += size;
}

static void add_number(struct text *text, unsigned number)
{
	const uint8_t bytes[2] = {(uint8_t)(number >> 8), (uint8_t)number};

	add(text, bytes, sizeof bytes);
}

struct suite {
	uint8_t bytes[10];
	size_t size;
};

/* The text may have a secret in it: it is gone afterwards. */
static int hash(const void *key, size_t key_size, struct text *text, uint8_t out[HASH_SIZE])
{
	unsigned size = 0;
	const uint8_t *done =
		HMAC(EVP_sha256(), key, (int)key_size, text->bytes, text->used, out, &size);

	OPENSSL_cleanse(text, sizeof *text);
	return done != NULL && size == HASH_SIZE ? 0 : -1;
}

static int extract(const struct suite *suite, struct hpke_bytes salt, const char *label,
	struct hpke_bytes input, uint8_t out[HASH_SIZE])
{
	struct text text = {.used = 0};

	add(&text, "HPKE-v1", 7);
	add(&text, suite->bytes, suite->size);
	add(&text, label, strlen(label));
	add(&text, input.bytes, input.size);
	return hash(salt.bytes, salt.size, &text, out);
}

/* At most one hash: nothing here is longer. */
static int expand(const struct suite *suite, const uint8_t secret[HASH_SIZE], const char *label,
	struct hpke_bytes info, uint8_t *out, size_t size)
{
	struct text text = {.used = 0};
	uint8_t whole[HASH_SIZE];

	add_number(&text, (unsigned)size);
	add(&text, "HPKE-v1", 7);
	add(&text, suite->bytes, suite->size);
	add(&text, label, strlen(label));
	add(&text, info.bytes, info.size);
	add(&text, "\x01", 1);
	if (hash(secret, HASH_SIZE, &text, whole) != 0)
		return -1;
	memcpy(out, whole, size);
	OPENSSL_cleanse(whole, sizeof whole);
	return 0;
}

static const struct hpke_bytes nothing = {.bytes = "", .size = 0};

/* The secret that both sides have, from what X25519 gave. */
static int share_secret(const uint8_t agreed[HPKE_KEY_SIZE], const uint8_t share[HPKE_KEY_SIZE],
	const uint8_t public[HPKE_KEY_SIZE], uint8_t secret[HASH_SIZE])
{
	struct suite suite = {.bytes = {'K', 'E', 'M', KEM >> 8, KEM & 0xffu}, .size = 5};
	uint8_t both[2 * HPKE_KEY_SIZE], early[HASH_SIZE];
	int result;

	memcpy(both, share, HPKE_KEY_SIZE);
	memcpy(both + HPKE_KEY_SIZE, public, HPKE_KEY_SIZE);
	result = extract(&suite, nothing, "eae_prk",
			 (struct hpke_bytes){.bytes = agreed, .size = HPKE_KEY_SIZE}, early) == 0 &&
				 expand(&suite, early, "shared_secret",
					 (struct hpke_bytes){.bytes = both, .size = sizeof both},
					 secret, HASH_SIZE) == 0
			 ? 0
			 : -1;
	OPENSSL_cleanse(early, sizeof early);
	return result;
}

static int schedule(struct hpke *hpke, const uint8_t secret[HASH_SIZE], struct hpke_bytes info)
{
	struct suite suite = {.bytes = {'H', 'P', 'K', 'E', KEM >> 8, KEM & 0xffu, KDF >> 8,
				      KDF & 0xffu, 0, (uint8_t)hpke->aead},
		.size = 10};
	uint8_t context[1 + 2 * HASH_SIZE] = {0}, late[HASH_SIZE];
	const struct hpke_bytes all = {.bytes = context, .size = sizeof context};
	int result = -1;

	if (info.size <= HPKE_INFO_MAX &&
		extract(&suite, nothing, "psk_id_hash", nothing, context + 1) == 0 &&
		extract(&suite, nothing, "info_hash", info, context + 1 + HASH_SIZE) == 0 &&
		extract(&suite, (struct hpke_bytes){.bytes = secret, .size = HASH_SIZE}, "secret",
			nothing, late) == 0 &&
		expand(&suite, late, "key", all, hpke->key,
			hpke->aead == HPKE_AES_128_GCM ? 16 : 32) == 0 &&
		expand(&suite, late, "base_nonce", all, hpke->nonce, HPKE_NONCE_SIZE) == 0)
		result = 0;
	OPENSSL_cleanse(late, sizeof late);
	return result;
}

/* --- Beginning -------------------------------------------------------------------------------- */

/* What X25519 gives for a private key of ours and a public one of theirs. */
static int agree(EVP_PKEY *ours, const uint8_t theirs[HPKE_KEY_SIZE], uint8_t agreed[HPKE_KEY_SIZE])
{
	EVP_PKEY *peer = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, theirs, HPKE_KEY_SIZE);
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(ours, NULL);
	size_t size = HPKE_KEY_SIZE;
	int result = peer != NULL && context != NULL && EVP_PKEY_derive_init(context) == 1 &&
				     EVP_PKEY_derive_set_peer(context, peer) == 1 &&
				     EVP_PKEY_derive(context, agreed, &size) == 1 &&
				     size == HPKE_KEY_SIZE
			     ? 0
			     : -1;

	EVP_PKEY_CTX_free(context);
	EVP_PKEY_free(peer);
	return result;
}

static int begin(struct hpke *hpke, EVP_PKEY *ours, const uint8_t theirs[HPKE_KEY_SIZE],
	const uint8_t share[HPKE_KEY_SIZE], const uint8_t public[HPKE_KEY_SIZE],
	struct hpke_bytes info, struct fault *fault)
{
	uint8_t agreed[HPKE_KEY_SIZE], secret[HASH_SIZE];
	int result = 0;

	hpke->number = 0;
	if (agree(ours, theirs, agreed) != 0)
		result = fault_set(fault, "key", "no secret can be made with this key of X25519");
	else if (share_secret(agreed, share, public, secret) != 0 ||
		 schedule(hpke, secret, info) != 0)
		result = failed(fault, "the keys of a sealed stream");
	OPENSSL_cleanse(agreed, sizeof agreed);
	OPENSSL_cleanse(secret, sizeof secret);
	return result;
}

int hpke_sender(struct hpke *hpke, enum hpke_aead aead, const uint8_t public[HPKE_KEY_SIZE],
	struct hpke_bytes info, uint8_t share[HPKE_KEY_SIZE], struct fault *fault)
{
	EVP_PKEY *ours = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
	size_t size = HPKE_KEY_SIZE;
	int result;

	hpke->aead = aead;
	if (ours == NULL || EVP_PKEY_get_raw_public_key(ours, share, &size) != 1)
		result = failed(fault, "a new key of X25519");
	else
		result = begin(hpke, ours, public, share, public, info, fault);
	EVP_PKEY_free(ours);
	return result;
}

int hpke_receiver(struct hpke *hpke, enum hpke_aead aead, const uint8_t private[HPKE_KEY_SIZE],
	struct hpke_bytes info, const uint8_t share[HPKE_KEY_SIZE], struct fault *fault)
{
	EVP_PKEY *ours =
		EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, private, HPKE_KEY_SIZE);
	uint8_t public[HPKE_KEY_SIZE];
	size_t size = sizeof public;
	int result;

	hpke->aead = aead;
	if (ours == NULL || EVP_PKEY_get_raw_public_key(ours, public, &size) != 1)
		result = failed(fault, "a private key of X25519");
	else
		result = begin(hpke, ours, share, share, public, info, fault);
	EVP_PKEY_free(ours);
	return result;
}

/* --- Messages --------------------------------------------------------------------------------- */

static void nonce_of(const struct hpke *hpke, uint8_t nonce[HPKE_NONCE_SIZE])
{
	memcpy(nonce, hpke->nonce, HPKE_NONCE_SIZE);
	for (unsigned i = 0; i < 8; i++)
		nonce[HPKE_NONCE_SIZE - 1u - i] ^= (uint8_t)(hpke->number >> (8u * i));
}

static EVP_CIPHER_CTX *cipher(const struct hpke *hpke, struct hpke_bytes also, int seals)
{
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	uint8_t nonce[HPKE_NONCE_SIZE];
	int some = 0;

	nonce_of(hpke, nonce);
	if (context != NULL &&
		EVP_CipherInit_ex(context,
			hpke->aead == HPKE_AES_128_GCM ? EVP_aes_128_gcm() : EVP_aes_256_gcm(),
			NULL, hpke->key, nonce, seals) == 1 &&
		(also.size == 0 ||
			EVP_CipherUpdate(context, NULL, &some, also.bytes, (int)also.size) == 1))
		return context;
	EVP_CIPHER_CTX_free(context);
	return NULL;
}

int hpke_seal(struct hpke *hpke, struct hpke_bytes also, const uint8_t *plain, size_t size,
	uint8_t *sealed, struct fault *fault)
{
	EVP_CIPHER_CTX *context = hpke->number == UINT64_MAX ? NULL : cipher(hpke, also, 1);
	int some = 0, rest = 0;
	bool done = context != NULL &&
		    EVP_CipherUpdate(context, sealed, &some, plain, (int)size) == 1 &&
		    EVP_CipherFinal_ex(context, sealed + some, &rest) == 1 &&
		    EVP_CIPHER_CTX_ctrl(
			    context, EVP_CTRL_AEAD_GET_TAG, HPKE_TAG_SIZE, sealed + size) == 1;

	EVP_CIPHER_CTX_free(context);
	if (!done)
		return failed(fault, "AES-GCM");
	hpke->number++;
	return 0;
}

int hpke_open(struct hpke *hpke, struct hpke_bytes also, const uint8_t *sealed, size_t size,
	uint8_t *plain, struct fault *fault)
{
	EVP_CIPHER_CTX *context =
		size < HPKE_TAG_SIZE || hpke->number == UINT64_MAX ? NULL : cipher(hpke, also, 0);
	size_t inside = size < HPKE_TAG_SIZE ? 0 : size - HPKE_TAG_SIZE;
	uint8_t tag[HPKE_TAG_SIZE];
	int some = 0, rest = 0;
	bool done = false;

	if (context != NULL) {
		memcpy(tag, sealed + inside, sizeof tag);
		done = EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, sizeof tag, tag) == 1 &&
		       EVP_CipherUpdate(context, plain, &some, sealed, (int)inside) == 1 &&
		       EVP_CipherFinal_ex(context, plain + some, &rest) == 1;
	}
	EVP_CIPHER_CTX_free(context);
	if (!done)
		return fault_set(fault, "sealed",
			"what comes next does not open: it was changed, left out, added or moved, "
			"or sealed to another key");
	hpke->number++;
	return 0;
}
