/* ring: one split virtqueue of the guest: chains of buffers are taken from it and given back.
 *
 * All that stands in the guest's memory may change at any time and have any value: each field is
 * read once, and vsock_chain judges what was read. A guest that forges its ring is not served by it
 * until it is set up anew. The parts of a chain may be used in the turn of the loop in which it was
 * taken, and not later: the memory may be unmapped then. */
#ifndef CLOISTER_HOST_VSOCKD_RING_H
#define CLOISTER_HOST_VSOCKD_RING_H

#include <linux/virtio_ring.h>
#include <stdbool.h>
#include <sys/uio.h>

#include "host/vsockd/memory.h"
#include "host/vsockd/vhost_message.h"
#include "runtime/kernel/loop.h"

#define RING_PARTS_MAX 64u /* buffers of one chain */

struct ring {
	/* Set by the owner before ring_open. */
	struct guest *guest; /* the owner */
	const struct memory *memory;
	bool is_written; /* we write into its buffers; else we read them */

	/* What the front-end says of it. */
	uint32_t size; /* 0: nothing yet */
	struct vhost_vring_addr place;
	bool has_events; /* VIRTIO_RING_F_EVENT_IDX */
	bool is_enabled;
	struct watch kick; /* of an eventfd that the guest rings; it is -1 where there is none */
	int call, error;   /* eventfds of the guest's, or -1 */

	bool is_broken; /* it was forged */
	bool is_found;  /* in memory: */
	const struct vring_desc *descriptors;
	struct vring_avail *available;
	struct vring_used *used;

	/* Chains, counted as the ring counts. */
	uint16_t seen;  /* that the guest has put in */
	uint16_t next;  /* taken */
	uint16_t given; /* given back */
	uint16_t told;  /* given back when the guest was last told */
};

struct chain {
	uint16_t head;
	unsigned count;
	uint32_t size; /* bytes of all parts */
	struct iovec parts[RING_PARTS_MAX];
};

enum ring_result { RING_TAKEN, RING_EMPTY, RING_BROKEN };

void ring_open(struct ring *ring);
void ring_close(struct ring *ring);

/* Replaces a descriptor of the ring's; -1 for none. No bell may make us wait. */
void ring_set(int *descriptor, int fd);

/* Finds the ring in memory, after either has changed. */
void ring_find(struct ring *ring);

/* Goes on at the chain with this number, as a driver has set it up. */
void ring_begin(struct ring *ring, uint16_t next);

/* Whether chains can be taken. */
bool ring_runs(const struct ring *ring);

/* Takes the next chain. RING_BROKEN is told once. */
enum ring_result ring_take(struct ring *ring, struct chain *chain);

/* The guest can't be trusted with this ring any more. Always returns RING_BROKEN. */
enum ring_result ring_give_up(struct ring *ring, const char *why);

/* The last `count` chains that were taken were not used: they are the next to be taken. */
void ring_put_back(struct ring *ring, unsigned count);

/* Gives a chain back with so many bytes written; the guest sees it after ring_tell. */
void ring_give(struct ring *ring, uint16_t head, uint32_t written);
void ring_tell(struct ring *ring);

/* Asks for a kick when the guest puts a chain in; true: there is one already. */
bool ring_ask(struct ring *ring);

/* No kick is needed until ring_ask. */
void ring_mute(struct ring *ring);

#endif
