/* copy_stream: the bytes of a copy between the thread that copies, which waits, and the loop that
 * has the channel, which does not. Memory is handed over instead of written through a pipe:
 *
 *   put:  the thread gives blocks --> the loop looks at the front one, and drops what it has sent
 *   get:  the loop puts bytes     --> the thread takes blocks
 *
 * One of them is the producer, in blocks of a fixed size; the other one gets the bytes in order.
 */
#ifndef CLOISTER_RUNTIME_CHANNEL_COPY_STREAM_H
#define CLOISTER_RUNTIME_CHANNEL_COPY_STREAM_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/channel/copy_outcome.h"
#include "runtime/kernel/loop.h"

#define COPY_STREAM_BLOCK  (COPY_PIECE + COPY_SPARE)
#define COPY_STREAM_BLOCKS 8u

/* What a get may have in the stream, for the thread may hold a block that is hardly filled. */
#define COPY_STREAM_ROOM ((COPY_STREAM_BLOCKS - 1) * COPY_STREAM_BLOCK)

struct copy_stream {
	/* The loop's, set before copy_stream_open. Called in the loop, once after it has asked in
	 * vain: the thread has given bytes (put) or has done with some (get). */
	void (*moved)(struct copy_stream *stream);

	struct loop *loop;
	uint8_t *memory;

	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t changed;
	size_t sizes[COPY_STREAM_BLOCKS]; /* bytes in each block */
	uint32_t given, dropped;          /* blocks, ever */
	size_t at;                        /* put: bytes of the front block that were dropped */
	size_t done;                      /* get: bytes that the loop was not told of yet */
	bool is_held;                     /* get: the thread has the front block */
	bool is_ended;
	bool is_wanted; /* the loop waits to be called */
	bool is_posted; /* and will be */
	struct post post;
};

/* Zeroed but for `moved`; stays in place until copy_stream_close. Fault: "memory". */
int copy_stream_open(struct copy_stream *stream, struct loop *loop, struct fault *fault);

/* When the thread has ended. A post that is still on its way does no harm. May be called again. */
void copy_stream_close(struct copy_stream *stream);

/* --- The thread ------------------------------------------------------------------------------- */

/* Gives the first `size` bytes of *block, which is null at first, and waits for another block of
 * COPY_STREAM_BLOCK bytes. With 0 it keeps the one that it has. False: the stream was ended. */
bool copy_stream_give(struct copy_stream *stream, uint8_t **block, size_t size);

/* Has done with what it took before, and waits for more. 0: the end. */
size_t copy_stream_take(struct copy_stream *stream, const uint8_t **bytes);

/* --- The loop --------------------------------------------------------------------------------- */

/* What comes next; 0: nothing is there, and `moved` is called when there is. */
size_t copy_stream_front(struct copy_stream *stream, const uint8_t **bytes);
void copy_stream_drop(struct copy_stream *stream, size_t size);

/* Puts bytes; those that were put and not told to be done are COPY_STREAM_ROOM at most. */
void copy_stream_put(struct copy_stream *stream, const uint8_t *bytes, size_t size);

/* How many bytes the thread has done with since this was asked last; 0: `moved` is called when
 * there are some. */
size_t copy_stream_done(struct copy_stream *stream);

/* Put: the thread gives in vain from now on. Get: the end is behind what is there. Does nothing
 * where the stream is not open. */
void copy_stream_end(struct copy_stream *stream);

#endif
