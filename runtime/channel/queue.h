/* queue: bytes that wait, in memory of a fixed size: put in at the end, taken from the front. What
 * waits to be written in a channel is one, and what an owner keeps of a window may be one. */
#ifndef CLOISTER_RUNTIME_CHANNEL_QUEUE_H
#define CLOISTER_RUNTIME_CHANNEL_QUEUE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

struct queue {
	uint8_t *memory; /* the caller's */
	size_t size;
	size_t begin; /* of the first byte that waits */
	size_t used;
};

void queue_init(struct queue *queue, uint8_t *memory, size_t size);

static inline size_t queue_free(const struct queue *queue)
{
	return queue->size - queue->used;
}

/* All of the bytes. That they fit is the caller's to know: if they don't, the process ends. */
void queue_put(struct queue *queue, const void *bytes, size_t size);

/* The bytes [at .. at + size), which must be there, in one part or two; returns how many parts.
 * `size` 0 has none. They stay in place until they are dropped. */
unsigned queue_parts(const struct queue *queue, size_t at, size_t size, struct iovec parts[2]);

/* Copies those bytes. */
void queue_copy(const struct queue *queue, size_t at, void *bytes, size_t size);

void queue_drop(struct queue *queue, size_t size); /* from the front */
void queue_keep(struct queue *queue, size_t size); /* drops all but the first `size` */

#endif
