/* key: the pairs of keys that operators prove themselves with. Two kinds and no others: Ed25519
 * (RFC 8032) and ECDSA on P-256 with SHA-256. A public key is its SubjectPublicKeyInfo in DER, in
 * the one spelling that each kind has, so that two keys are the same exactly if their bytes are. A
 * signature has 64 bytes: Ed25519's own, or r and s of 32 bytes each.
 *
 * A private key is named by a URI (spec/keys.md):
 *   file:PATH, or PATH   PKCS#8 in PEM form, that nobody but its owner may read
 *   pkcs11:...           RFC 7512, through OpenSSL's provider "pkcs11"
 *   tpm:HANDLE           a persistent handle such as 0x81000001, through the provider "tpm2"
 * What a provider holds never comes into our memory.
 *
 * Words of faults: input (it can't be read), permission (others may read it), key (it is none, or
 * of another kind, or no point of its curve), provider (it is not installed, or does not find the
 * key), crypto, memory, output, exists. */
#ifndef CLOISTER_RUNTIME_CRYPTO_KEY_H
#define CLOISTER_RUNTIME_CRYPTO_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/kernel/fault.h"

#define KEY_SPKI_MAX        91u /* bytes: Ed25519 has 44, P-256 91 */
#define KEY_SIGNATURE_SIZE  64u
#define KEY_FINGERPRINT_MAX 51u  /* bytes with the NUL: "SHA256:" and base64 without "=" */
#define KEY_BASE64_MAX      125u /* bytes with the NUL: the SPKI as authorized_keys has it */

enum key_type { KEY_ED25519 = 1, KEY_P256 };

/* A public key that was found to be one. */
struct key_public {
	enum key_type type;
	size_t size;
	uint8_t spki[KEY_SPKI_MAX];
};

/* A private key, wherever it is. */
struct key;

/* --- Private keys ----------------------------------------------------------------------------- */

/* Opens the one that `uri` names. key_free takes it away, and may be given a null. */
int key_open(struct key **key, const char *uri, struct fault *fault);
void key_free(struct key *key);

/* Makes a new one. */
int key_make(struct key **key, enum key_type type, struct fault *fault);

/* Its public half, which lives as long as it does. */
const struct key_public *key_public(const struct key *key);

int key_sign(const struct key *key, const void *bytes, size_t size,
	uint8_t signature[KEY_SIGNATURE_SIZE], struct fault *fault);

/* Writes PKCS#8 in PEM form, mode 0600. Where `path` is there already, it is a fault ("exists"),
 * or with `replace` is replaced in one go. */
int key_write(const struct key *key, const char *path, bool replace, struct fault *fault);

/* Writes the public half in PEM form, mode 0644; a line with the comment, where there is one,
 * stands in front. `replace` as above. */
int key_public_write(const struct key_public *public, const char *comment, const char *path,
	bool replace, struct fault *fault);

/* --- Public keys: what others hand us --------------------------------------------------------- */

/* Takes spki[0..size) if it is a key of the two kinds, in its one spelling, a point of its curve
 * and none of small order. */
int key_public_read(struct key_public *public, const void *spki, size_t size, struct fault *fault);

/* The same of base64, as authorized_keys has it, and of a file in PEM form. */
int key_public_base64(struct key_public *public, const char *text, struct fault *fault);
int key_public_file(struct key_public *public, const char *path, struct fault *fault);

/* Whether the key made the signature of bytes[0..size). A signature of another size is bad. */
bool key_verify(const struct key_public *public, const void *bytes, size_t size,
	const void *signature, size_t signature_size);

bool key_public_same(const struct key_public *one, const struct key_public *other);

/* "SHA256:" and the base64 of the SPKI's hash; the SPKI's base64; "ed25519" or "p256". */
void key_fingerprint(const struct key_public *public, char text[KEY_FINGERPRINT_MAX]);
void key_base64(const struct key_public *public, char text[KEY_BASE64_MAX]);
const char *key_type_word(enum key_type type);

#endif
