/* ring: a bounded ring of blocks that one producer fills and several consumers each read in order.
 *
 * A block is free again when every consumer has released it, so the memory is fixed at start and
 * the producer waits for the slowest consumer. Filled blocks are shared, never copied.
 */
#ifndef CLOISTER_RUNTIME_EIF_RING_H
#define CLOISTER_RUNTIME_EIF_RING_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/kernel/fault.h"

#define RING_BLOCKS        16
#define RING_BLOCK_SIZE    262144 /* bytes; 16 of them stay in a processor's cache */
#define RING_CONSUMERS_MAX 2

/* A piece of one section's data. */
struct block {
	uint8_t *bytes; /* RING_BLOCK_SIZE of them, owned by the ring */
	size_t size;    /* bytes used, may be 0 in a section's last block */
	uint32_t section;
	uint16_t type;      /* EIF_TYPE_... of the section */
	bool first_ramdisk; /* the section is the first ramdisk of its image */
	bool begins_section;
	bool ends_section;
};

struct ring {
	pthread_mutex_t lock;
	pthread_cond_t filled;
	pthread_cond_t freed;
	struct block blocks[RING_BLOCKS];
	uint8_t *memory;
	uint64_t head;                      /* blocks published so far */
	uint64_t tails[RING_CONSUMERS_MAX]; /* blocks released so far, per consumer */
	unsigned consumers;
	bool closed;
};

/* Allocates the blocks. Word "memory" on failure. */
int ring_open(struct ring *ring, unsigned consumers, struct fault *fault);
void ring_free(struct ring *ring);

/* The producer: waits for a free block, fills it, and publishes it. The block stays readable to the
 * producer until its next claim. */
struct block *ring_claim(struct ring *ring);
void ring_publish(struct ring *ring);

/* No block will follow. */
void ring_close(struct ring *ring);

/* A consumer: the next block, or NULL when the ring was closed and all was read. */
const struct block *ring_take(struct ring *ring, unsigned consumer);
void ring_release(struct ring *ring, unsigned consumer);

#endif
