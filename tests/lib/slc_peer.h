/* slc_peer: one session, and a peer that says whatever a test wants, frame by frame. */
#ifndef CLOISTER_TESTS_LIB_SLC_PEER_H
#define CLOISTER_TESTS_LIB_SLC_PEER_H

#include "tests/lib/slc.h"

/* A frame that the session has written. */
struct heard {
	uint32_t type, stream, channel, size;
	uint32_t value; /* the first four bytes of the payload, 0 where there are fewer */
	uint8_t payload[70000];
};

/* Reads the next frame that the session has to write; false: there is none. */
bool peer_hear(struct slc *slc, struct heard *heard);

/* Reads frames until there is none; fails unless one is this. */
void peer_awaits(struct slc *slc, uint32_t type, uint32_t channel, uint32_t value);
void peer_hears_nothing(struct slc *slc);

/* What the peer says. Bytes go in as they are, in pieces of what the session has room for; returns
 * how many it took before it stopped reading. */
size_t peer_bytes(struct slc *slc, const void *bytes, size_t size);
void peer_frame(struct slc *slc, uint32_t type, uint32_t stream, uint32_t channel,
	const void *payload, size_t size);
void peer_number(struct slc *slc, uint32_t type, uint32_t channel, uint32_t number);
void peer_hello(struct slc *slc, const struct slc_hello *hello);

/* A HELLO that every end takes: frames of 64 KiB, 15 seconds, 256 KiB of credit. */
extern const struct slc_hello usual_hello;

#endif
