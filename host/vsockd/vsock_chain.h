/* vsock_chain: one step over the descriptors of a split virtqueue, and how many of its chains are
 * waiting. Pure functions: verify/vsock_chain.acsl says what is proved: a walk ends after at most
 * as many steps as the queue has descriptors, whatever the guest has linked.
 *
 * Descriptors and indices are the guest's memory: read each once into a copy, and use the copy. */
#ifndef CLOISTER_HOST_VSOCKD_VSOCK_CHAIN_H
#define CLOISTER_HOST_VSOCKD_VSOCK_CHAIN_H

#include <stdbool.h>
#include <stdint.h>

#define VSOCK_QUEUE_SIZE_MAX  1024u    /* descriptors of a queue: vhost_vring_num_right */
#define VSOCK_CHAIN_BYTES_MAX 1048576u /* of one chain, both parts together */
#define VSOCK_DESCRIPTOR_SIZE 16u

/* Flags of a descriptor: any sum of these. */
#define VSOCK_DESCRIPTOR_NEXT     1u
#define VSOCK_DESCRIPTOR_WRITE    2u
#define VSOCK_DESCRIPTOR_INDIRECT 4u

struct vsock_descriptor {
	uint64_t address; /* of the guest: vhost_memory_guest says where that is */
	uint32_t len;
	uint16_t flags, next;
};

void vsock_descriptor_decode(
	const uint8_t bytes[VSOCK_DESCRIPTOR_SIZE], struct vsock_descriptor *descriptor);

enum vsock_chain_status {
	VSOCK_CHAIN_MORE = 0,    /* read descriptor `next` and step again */
	VSOCK_CHAIN_END = 1,     /* that was the last one */
	VSOCK_CHAIN_INDEX = 2,   /* refused, here and below: an index outside of the queue */
	VSOCK_CHAIN_LOOP = 3,    /* more descriptors than the queue has */
	VSOCK_CHAIN_FLAGS = 4,   /* indirect, or a flag that nobody knows */
	VSOCK_CHAIN_ORDER = 5,   /* readable behind writable */
	VSOCK_CHAIN_TOO_LONG = 6 /* more than VSOCK_CHAIN_BYTES_MAX */
};

struct vsock_chain {
	uint32_t size;     /* descriptors of the queue: 1..VSOCK_QUEUE_SIZE_MAX */
	uint32_t count;    /* descriptors taken so far: the last step's has the number count - 1 */
	uint32_t next;     /* after VSOCK_CHAIN_MORE: which to read now; below size */
	uint32_t readable; /* bytes for us to read: the first ones */
	uint32_t writable; /* bytes for us to write */
};

/* head: from the available ring. VSOCK_CHAIN_MORE or VSOCK_CHAIN_INDEX. */
enum vsock_chain_status vsock_chain_begin(struct vsock_chain *chain, uint32_t size, uint32_t head);

/* Takes a copy of descriptor `next`: its whole len, or it is refused and nothing changes. A queue
 * whose chain is refused can't be trusted any more. */
enum vsock_chain_status vsock_chain_step(
	struct vsock_chain *chain, const struct vsock_descriptor *descriptor);

/* Chains that the guest has made available beyond the `seen` ones (its index and ours run around at
 * 65536): 0..size, or size + 1 if the index is forged. */
uint32_t vsock_chain_waiting(uint32_t size, uint16_t available, uint16_t seen);

#endif
