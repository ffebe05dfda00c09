/* splice: hands the bytes of one stream on to another, one direction of it.
 *
 * Between two sockets the bytes stay in the kernel: they go through a pipe. Where a stream has no
 * descriptor, where there is no pipe to be had, or where the kernel can't splice these sockets, the
 * bytes are copied instead.
 */
#ifndef CLOISTER_RUNTIME_NET_SPLICE_H
#define CLOISTER_RUNTIME_NET_SPLICE_H

#include <stdint.h>

#include "runtime/net/stream.h"

struct stream_splice {
	struct stream *from, *to; /* stay their owner's */
	unsigned waits; /* STREAM_READ of `from` or STREAM_WRITE of `to`: what is due next */
	uint64_t moved; /* bytes that `to` has taken */
	int pipe[2];    /* -1, -1: bytes are copied */
	uint8_t *buffer;
	size_t room;
	size_t begin; /* of held bytes in the buffer */
	size_t held;  /* bytes that `from` gave and `to` has not taken, in pipe or buffer */
};

/* buffer[0..room): the owner's, used by this splice alone until it is closed; `room` is 1 or more
 * and bounds what is held, also in the pipe. Never fails: without a pipe it copies. */
void stream_splice_open(struct stream_splice *splice, struct stream *from, struct stream *to,
	uint8_t *buffer, size_t room);

/* Moves what can be moved now, but no more than 16 times the room, so that others get their turn.
 * STREAM_DONE: call again in the next turn. STREAM_AGAIN: call again when `waits` is there.
 * STREAM_END: `from` has ended and `to` has taken everything; `to` is not finished by this. */
enum stream_result stream_splice_move(struct stream_splice *splice, struct fault *fault);

void stream_splice_close(struct stream_splice *splice); /* not the streams */

#endif
