/* ring: see ring.h. */
#include "runtime/eif/ring.h"

#include <stdlib.h>
#include <string.h>

int ring_open(struct ring *ring, unsigned consumers, struct fault *fault)
{
	memset(ring, 0, sizeof *ring);
	ring->memory = malloc((size_t)RING_BLOCKS * RING_BLOCK_SIZE);
	if (ring->memory == NULL)
		return fault_set(fault, "memory", "no memory for %d buffers of %d bytes",
			RING_BLOCKS, RING_BLOCK_SIZE);
	for (size_t i = 0; i < RING_BLOCKS; i++)
		ring->blocks[i].bytes = ring->memory + i * RING_BLOCK_SIZE;
	ring->consumers = consumers;
	pthread_mutex_init(&ring->lock, NULL);
	pthread_cond_init(&ring->filled, NULL);
	pthread_cond_init(&ring->freed, NULL);
	return 0;
}

void ring_free(struct ring *ring)
{
	if (ring->memory == NULL)
		return;
	pthread_cond_destroy(&ring->freed);
	pthread_cond_destroy(&ring->filled);
	pthread_mutex_destroy(&ring->lock);
	free(ring->memory);
	ring->memory = NULL;
}

static bool full(const struct ring *ring)
{
	for (unsigned i = 0; i < ring->consumers; i++) {
		if (ring->head - ring->tails[i] >= RING_BLOCKS)
			return true;
	}
	return false;
}

struct block *ring_claim(struct ring *ring)
{
	struct block *block;

	pthread_mutex_lock(&ring->lock);
	while (full(ring))
		pthread_cond_wait(&ring->freed, &ring->lock);
	block = &ring->blocks[ring->head % RING_BLOCKS];
	pthread_mutex_unlock(&ring->lock);
	block->size = 0;
	return block;
}

void ring_publish(struct ring *ring)
{
	pthread_mutex_lock(&ring->lock);
	ring->head++;
	pthread_cond_broadcast(&ring->filled);
	pthread_mutex_unlock(&ring->lock);
}

void ring_close(struct ring *ring)
{
	pthread_mutex_lock(&ring->lock);
	ring->closed = true;
	pthread_cond_broadcast(&ring->filled);
	pthread_mutex_unlock(&ring->lock);
}

const struct block *ring_take(struct ring *ring, unsigned consumer)
{
	const struct block *block = NULL;

	pthread_mutex_lock(&ring->lock);
	while (ring->tails[consumer] == ring->head && !ring->closed)
		pthread_cond_wait(&ring->filled, &ring->lock);
	if (ring->tails[consumer] != ring->head)
		block = &ring->blocks[ring->tails[consumer] % RING_BLOCKS];
	pthread_mutex_unlock(&ring->lock);
	return block;
}

void ring_release(struct ring *ring, unsigned consumer)
{
	pthread_mutex_lock(&ring->lock);
	ring->tails[consumer]++;
	pthread_cond_signal(&ring->freed);
	pthread_mutex_unlock(&ring->lock);
}
