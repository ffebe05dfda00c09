/* tls_stream: TLS 1.3 (tls.h) as a stream over a stream. See stream.h.
 *
 * It greets by itself: what is read or written before both ends have greeted has to wait. Each
 * direction ends by close_notify and then by the end of the stream below; one that ends without it
 * was cut, and is a failure. Nothing is sent twice or in another form: what was taken by a write is
 * encrypted at once, into a buffer of a few records, and the next write waits until that has gone.
 *
 * Words of faults: those of the stream below; "reset" (the peer's direction was cut), "tls" (the
 * peer does not speak TLS 1.3, or what came is not what it has sent), "memory".
 */
#ifndef CLOISTER_RUNTIME_NET_TLS_STREAM_H
#define CLOISTER_RUNTIME_NET_TLS_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/kernel/loop.h"
#include "runtime/net/stream.h"
#include "runtime/net/tls.h"

/* About the bytes that one takes, with the library's part of it. */
#define TLS_STREAM_MEMORY 160000u

struct tls_stream {
	struct stream stream; /* its `ready` and `user` are the owner's */

	/* To read. */
	bool is_up;         /* both ends have greeted */
	bool has_failed;    /* for the following reason, which the owner may have been told */
	struct fault fault; /* the first one */

	/* Its own. */
	struct loop *loop;
	struct stream *below;
	struct ssl_st *ssl;
	struct timer again; /* tells of readiness that the stream below knows nothing of */
	unsigned wanted;
	uint8_t *output; /* encrypted: bytes[sent..used) are on their way */
	size_t sent, used;
	unsigned reads;   /* of the stream below, since the owner has asked */
	bool has_more;    /* the library may hold what can be read */
	bool is_finished; /* our close_notify is in the output, or was */
	bool has_ended;   /* the stream below has */
};

/* Takes over a connected stream that stays in place, and closes it; the struct need not be zeroed.
 * Faults: "crypto", "memory"; the stream below then stays the caller's. */
int tls_stream_open(struct tls_stream *tls, const struct tls *context, struct loop *loop,
	struct stream *below, struct fault *fault);

/* What the two ends of this connection alone can know, of RFC 9266; the stream is up. The key of
 * the server, as both ends have it: its SubjectPublicKeyInfo in DER. Faults: "crypto". */
#define TLS_EXPORT_SIZE 32u
#define TLS_KEY_MAX     1024u
int tls_stream_export(struct tls_stream *tls, uint8_t bytes[TLS_EXPORT_SIZE], struct fault *fault);
int tls_stream_key(const struct tls_stream *tls, uint8_t bytes[TLS_KEY_MAX], size_t *size,
	struct fault *fault);

/* How the ends have agreed on keys: TLS's name of the group, as "x25519"; "" where it is not known.
 * The stream is up. */
#define TLS_GROUP_MAX 32u
void tls_stream_group(struct tls_stream *tls, char name[TLS_GROUP_MAX]);

/* For tls.c: how the library reads and writes. */
void tls_stream_describe(struct bio_method_st *method);

#endif
