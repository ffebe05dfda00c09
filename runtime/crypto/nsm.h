/* nsm: a client of the Nitro Secure Module (spec/nsm.md): the device /dev/nsm, or a Unix socket at
 * the same path, behind which nsmsim stands.
 *
 * All calls block: the device may take 120 seconds, a socket NSM_SOCKET_SECONDS. Services call from
 * a worker or a process of its own. Nothing is allocated, and no library but libc is needed: PID 1
 * has this too. One caller at a time; the device serves one request at a time anyway.
 *
 * What a reply holds lies in the client's memory until its next call.
 *
 * Words of faults: the NSM's own (InvalidArgument, InvalidIndex, InvalidResponse, ReadOnlyIndex,
 * InvalidOperation, BufferTooSmall, InputTooLarge, InternalError), where InvalidResponse is also a
 * reply that can't be read; and not_found, denied, timeout, closed, io of the way there. After one
 * of the latter on a socket the client is of no use, but for nsm_close.
 */
#ifndef CLOISTER_RUNTIME_CRYPTO_NSM_H
#define CLOISTER_RUNTIME_CRYPTO_NSM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/crypto/nsm_reply.h"
#include "runtime/kernel/fault.h"

#define NSM_PATH           "/dev/nsm"
#define NSM_REQUEST_MAX    4096u  /* bytes */
#define NSM_REPLY_MAX      12288u /* bytes */
#define NSM_SOCKET_SECONDS 30

/* What we put into a document at most; documents of others may have 1,024 bytes of each. */
#define NSM_USER_DATA_MAX  512u
#define NSM_NONCE_MAX      512u
#define NSM_PUBLIC_KEY_MAX 1024u

struct nsm {
	int fd; /* -1: closed */
	bool is_socket;
	uint8_t request[NSM_REQUEST_MAX];
	uint8_t reply[NSM_REPLY_MAX];
};

/* What a document is to hold; a null pointer leaves a part out. */
struct nsm_wish {
	const uint8_t *user_data;
	size_t user_data_size;
	const uint8_t *nonce;
	size_t nonce_size;
	const uint8_t *public_key;
	size_t public_key_size;
};

/* path: a character device or a Unix socket (SOCK_SEQPACKET). */
int nsm_open(struct nsm *nsm, const char *path, struct fault *fault);
void nsm_close(struct nsm *nsm); /* one that failed to open included, and a closed one */

int nsm_describe(struct nsm *nsm, struct nsm_description *description, struct fault *fault);
int nsm_describe_pcr(struct nsm *nsm, uint32_t index, struct nsm_pcr *pcr, struct fault *fault);

/* The register becomes the digest of what it was and the bytes behind it; *pcr is what it is now,
 * and not locked. */
int nsm_extend_pcr(struct nsm *nsm, uint32_t index, const void *bytes, size_t size,
	struct nsm_pcr *pcr, struct fault *fault);

/* Fails for a register that is locked (ReadOnlyIndex). */
int nsm_lock_pcr(struct nsm *nsm, uint32_t index, struct fault *fault);

/* Locks the registers below `range`, those that are locked included. */
int nsm_lock_pcrs(struct nsm *nsm, uint32_t range, struct fault *fault);

/* A document (spec/attestation.md) with the locked registers. *document points into the client.
 * InvalidArgument, before anything is sent: a part is longer than we put into documents. */
int nsm_attest(struct nsm *nsm, const struct nsm_wish *wish, const uint8_t **document, size_t *size,
	struct fault *fault);

/* Fills a buffer of any size; the NSM gives 256 bytes at a time. */
int nsm_random(struct nsm *nsm, void *bytes, size_t size, struct fault *fault);

#endif
