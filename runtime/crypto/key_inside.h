/* key_inside: what the parts of key.h share. Not for users of key.h. */
#ifndef CLOISTER_RUNTIME_CRYPTO_KEY_INSIDE_H
#define CLOISTER_RUNTIME_CRYPTO_KEY_INSIDE_H

#include <openssl/evp.h>

#include "runtime/crypto/key.h"

struct key {
	EVP_PKEY *pair;
	struct key_public public;
};

/* Takes the pair along, also where it is refused; null is refused too, with `what` in the text. */
int key_of_pair(struct key **key, EVP_PKEY *pair, const char *what, struct fault *fault);

/* A private key that a provider of OpenSSL's holds: key_provider.c. */
int key_open_held(struct key **key, const char *uri, struct fault *fault);

/* Whether 32 bytes are a point of Ed25519 in its one spelling, and of large order: key_point.c. */
bool key_point_ok(const uint8_t point[32]);

#endif
