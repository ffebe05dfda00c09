/* vsock_credit: the credit of one connection, both ways: how much may be sent to the guest, whether
 * the guest kept to what it was told, and when it is to be told more. Pure functions:
 * verify/vsock_credit.acsl says what is proved. Whatever a guest claims to have taken, never more
 * than its window is in flight, and never more than ours waits here. */
#ifndef CLOISTER_HOST_VSOCKD_VSOCK_CREDIT_H
#define CLOISTER_HOST_VSOCKD_VSOCK_CREDIT_H

#include <stdbool.h>
#include <stdint.h>

#define VSOCK_CREDIT_SHARE 4u /* the guest is told when it misses this part of our window */

struct vsock_credit {
	/* To the guest. */
	uint32_t peer_alloc; /* its window, as it last said */
	uint32_t tx_cnt;     /* bytes sent since the beginning; runs around */
	uint32_t in_flight;  /* of those, what it has not taken as far as it said */
	/* From the guest. */
	uint32_t alloc;   /* our window; stays */
	uint32_t fwd_cnt; /* bytes handed on since the beginning; runs around */
	uint32_t waiting; /* received and not handed on yet */
	uint32_t untold;  /* handed on, and the guest was not told so yet */
};

/* alloc: our window, at least 1: what may wait here. The guest's is 0 until it is heard. */
void vsock_credit_init(struct vsock_credit *credit, uint32_t alloc);

/* What any packet of the guest says of its side: before anything else is done with the packet. A
 * fwd_cnt that takes back what was said, or what was never sent, counts as not said. */
void vsock_credit_heard(struct vsock_credit *credit, uint32_t buf_alloc, uint32_t fwd_cnt);

/* Bytes that may be sent now. */
uint32_t vsock_credit_room(const struct vsock_credit *credit);

/* n bytes are on their way to the guest: at most vsock_credit_room. */
void vsock_credit_sent(struct vsock_credit *credit, uint32_t n);

/* n bytes of payload have come. False if the guest has sent more than it may: nothing changes, and
 * the connection gets VSOCK_CONNECTION_BAD. */
bool vsock_credit_received(struct vsock_credit *credit, uint32_t n);

/* n bytes were written to the socket, or dropped: at most `waiting`. */
void vsock_credit_consumed(struct vsock_credit *credit, uint32_t n);

/* Whether the guest should be told (VSOCK_CONNECTION_CREDIT_DUE): after each `consumed`. */
bool vsock_credit_due(const struct vsock_credit *credit);

/* The guest is told now: the fwd_cnt of the packet that is being made, whichever it is; its
 * buf_alloc is `alloc`. */
uint32_t vsock_credit_tell(struct vsock_credit *credit);

#endif
