/* queue: see queue.h. */
#include "runtime/channel/queue.h"

#include <stdlib.h>
#include <string.h>

void queue_init(struct queue *queue, uint8_t *memory, size_t size)
{
	*queue = (struct queue){.memory = memory, .size = size};
}

/* Where byte `at` of those that wait is, or will be. */
static size_t place_of(const struct queue *queue, size_t at)
{
	size_t place = queue->begin + at;

	return place < queue->size ? place : place - queue->size;
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

void queue_put(struct queue *queue, const void *bytes, size_t size)
{
	size_t place = place_of(queue, queue->used);
	size_t first = smaller(size, queue->size - place);

	if (size > queue_free(queue))
		abort();
	if (size == 0)
		return;
	memcpy(queue->memory + place, bytes, first);
	memcpy(queue->memory, (const uint8_t *)bytes + first, size - first);
	queue->used += size;
}

unsigned queue_parts(const struct queue *queue, size_t at, size_t size, struct iovec parts[2])
{
	size_t place = place_of(queue, at);
	size_t first = smaller(size, queue->size - place);

	if (size == 0)
		return 0;
	parts[0] = (struct iovec){.iov_base = queue->memory + place, .iov_len = first};
	if (first == size)
		return 1;
	parts[1] = (struct iovec){.iov_base = queue->memory, .iov_len = size - first};
	return 2;
}

void queue_copy(const struct queue *queue, size_t at, void *bytes, size_t size)
{
	struct iovec parts[2];
	unsigned count = queue_parts(queue, at, size, parts);
	uint8_t *to = bytes;

	for (unsigned i = 0; i < count; i++) {
		memcpy(to, parts[i].iov_base, parts[i].iov_len);
		to += parts[i].iov_len;
	}
}

void queue_drop(struct queue *queue, size_t size)
{
	queue->begin = place_of(queue, size);
	queue->used -= size;
	if (queue->used == 0)
		queue->begin = 0; /* so that little traffic touches little memory */
}

void queue_keep(struct queue *queue, size_t size)
{
	queue->used = size;
	if (size == 0)
		queue->begin = 0;
}
