/* slc_frame: decoder of the 8-byte frame header of the secure local channel.
 * Page: spec/slc_frame.md; the protocol around it: spec/slc.md. */
#ifndef CLOISTER_FSM_SLC_FRAME_H
#define CLOISTER_FSM_SLC_FRAME_H

#include <stddef.h>
#include <stdint.h>

#define SLC_FRAME_SIZE         8u       /* bytes of a header on the wire */
#define SLC_FRAME_LIMIT_MAX    1048576u /* no session may agree on longer payloads */
#define SLC_FRAME_SESSION_LAST 5u       /* types up to this one belong to channel 0 */

struct slc_frame {
	int cs;
	uint32_t type;    /* 1..14, enum slc_frame_type of spec/slc.md */
	uint32_t stream;  /* 0 input, 1 output, 2 error output */
	uint32_t channel; /* 0 is the session itself */
	uint32_t length;  /* bytes of payload that follow the header */
	uint32_t limit;   /* longest payload that this end accepts */
};

/* limit: 0..SLC_FRAME_LIMIT_MAX. */
void slc_frame_init(struct slc_frame *m, uint32_t limit);

/* One byte. A machine that has ended (slc_frame_ended) stays as it is. */
void slc_frame_step(struct slc_frame *m, uint8_t c);

/* Steps over bytes[0..n) until they are used up or the machine has ended. Returns bytes used. */
size_t slc_frame_feed(struct slc_frame *m, const uint8_t *bytes, size_t n);

#endif
