/* hpke: hybrid public key encryption, RFC 9180, in base mode: DHKEM(X25519, HKDF-SHA256),
 * HKDF-SHA256 and AES-GCM. Who knows a public key seals messages that the private key alone opens,
 * in their order: each has the next number in its nonce, so one that was changed, left out, added
 * or put elsewhere does not open. It does not say who sealed.
 *
 * Words of faults: key (it is none of X25519, or one that no secret can be made with), sealed (the
 * message is none that comes next here), crypto. */
#ifndef CLOISTER_RUNTIME_CRYPTO_HPKE_H
#define CLOISTER_RUNTIME_CRYPTO_HPKE_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/kernel/fault.h"

#define HPKE_KEY_SIZE   32u /* of X25519, public and private */
#define HPKE_TAG_SIZE   16u /* that a sealed message is longer */
#define HPKE_NONCE_SIZE 12u
#define HPKE_INFO_MAX   64u

enum hpke_aead { HPKE_AES_128_GCM = 1, HPKE_AES_256_GCM = 2 }; /* the RFC's numbers */

/* One way of one stream of messages. */
struct hpke {
	enum hpke_aead aead;
	uint8_t key[32];
	uint8_t nonce[HPKE_NONCE_SIZE]; /* the base one */
	uint64_t number;                /* of the next message */
};

/* Bytes that are authenticated and not sealed, or that both sides know. */
struct hpke_bytes {
	const void *bytes;
	size_t size;
};

/* Begins to seal for `public`; `share` is what the receiver needs to begin. */
int hpke_sender(struct hpke *hpke, enum hpke_aead aead, const uint8_t public[HPKE_KEY_SIZE],
	struct hpke_bytes info, uint8_t share[HPKE_KEY_SIZE], struct fault *fault);

/* Begins to open with `private`. */
int hpke_receiver(struct hpke *hpke, enum hpke_aead aead, const uint8_t private[HPKE_KEY_SIZE],
	struct hpke_bytes info, const uint8_t share[HPKE_KEY_SIZE], struct fault *fault);

/* Seals plain[0..size) into sealed[0..size + HPKE_TAG_SIZE). */
int hpke_seal(struct hpke *hpke, struct hpke_bytes also, const uint8_t *plain, size_t size,
	uint8_t *sealed, struct fault *fault);

/* Opens sealed[0..size) into plain[0..size - HPKE_TAG_SIZE). After a fault the next message is the
 * same one. */
int hpke_open(struct hpke *hpke, struct hpke_bytes also, const uint8_t *sealed, size_t size,
	uint8_t *plain, struct fault *fault);

/* The raw key of a file in PEM form: SubjectPublicKeyInfo, or PKCS#8 that nobody but its owner may
 * use. More words: input, permission. */
int hpke_public_file(uint8_t key[HPKE_KEY_SIZE], const char *path, struct fault *fault);
int hpke_private_file(uint8_t key[HPKE_KEY_SIZE], const char *path, struct fault *fault);

#endif
