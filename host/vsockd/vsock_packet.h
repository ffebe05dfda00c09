/* vsock_packet: the header of a virtio-vsock packet: its 44 bytes, whether what a guest sent is to
 * be believed, and what event it is. Pure functions: verify/vsock_packet.acsl says what is proved.
 *
 * A header is the guest's memory: copy its bytes once, then decode and judge the copy. */
#ifndef CLOISTER_HOST_VSOCKD_VSOCK_PACKET_H
#define CLOISTER_HOST_VSOCKD_VSOCK_PACKET_H

#include <stdbool.h>
#include <stdint.h>

#include "fsm/vsock_connection_event.h"

#define VSOCK_HEADER_SIZE 44u
#define VSOCK_TYPE_STREAM 1u

enum vsock_op {
	VSOCK_OP_REQUEST = 1,
	VSOCK_OP_RESPONSE = 2,
	VSOCK_OP_RST = 3,
	VSOCK_OP_SHUTDOWN = 4,
	VSOCK_OP_RW = 5,
	VSOCK_OP_CREDIT_UPDATE = 6,
	VSOCK_OP_CREDIT_REQUEST = 7
};

/* Flags of VSOCK_OP_SHUTDOWN: one of them, or their sum. */
#define VSOCK_SHUTDOWN_RCV  1u
#define VSOCK_SHUTDOWN_SEND 2u
#define VSOCK_SHUTDOWN_BOTH 3u

struct vsock_packet {
	uint64_t src_cid, dst_cid;
	uint32_t src_port, dst_port;
	uint32_t len;       /* bytes of payload behind the header */
	uint16_t type, op;  /* VSOCK_TYPE_STREAM, enum vsock_op */
	uint32_t flags;     /* VSOCK_SHUTDOWN_... */
	uint32_t buf_alloc; /* the sender's window */
	uint32_t fwd_cnt;   /* bytes that the sender has handed on */
};

void vsock_packet_decode(const uint8_t bytes[VSOCK_HEADER_SIZE], struct vsock_packet *packet);
void vsock_packet_encode(const struct vsock_packet *packet, uint8_t bytes[VSOCK_HEADER_SIZE]);

enum vsock_verdict {
	VSOCK_DROP = 0,  /* not answered: not from this guest, or a malformed RST */
	VSOCK_RESET = 1, /* malformed: its connection gets VSOCK_CONNECTION_BAD; where there is
	                    none, the answer is vsock_packet_refuse */
	VSOCK_TAKE = 2   /* a packet, with vsock_packet_event as its event */
};

/* guest: the CID of the guest that sent it; room: bytes that its descriptor chain holds behind the
 * header. Says nothing about dst_cid: who routes must refuse (BAD) what leads nowhere, the guest
 * itself included. */
enum vsock_verdict vsock_packet_judge(
	const struct vsock_packet *packet, uint64_t guest, uint64_t room);

/* The event of a packet that was judged VSOCK_TAKE; of any other, VSOCK_CONNECTION_BAD or what its
 * op and flags say. */
enum vsock_connection_event vsock_packet_event(const struct vsock_packet *packet);

/* The RST that answers `packet`: its addresses swapped, its type, nothing else. */
void vsock_packet_refuse(const struct vsock_packet *packet, struct vsock_packet *rst);

#endif
