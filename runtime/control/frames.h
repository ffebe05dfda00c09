/* frames: frames of the control protocol, read from bytes that come cut anywhere. Headers are taken
 * apart by the machine slc_frame; a longer payload than ours is refused by it. */
#ifndef CLOISTER_RUNTIME_CONTROL_FRAMES_H
#define CLOISTER_RUNTIME_CONTROL_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fsm/slc_frame.h"
#include "runtime/channel/fields.h"
#include "runtime/control/protocol.h"

struct frames {
	struct slc_frame header; /* of the frame that is being read, or was read last */
	uint32_t got;            /* bytes of its payload */
	bool is_whole;
	uint8_t payload[CONTROL_PAYLOAD_MAX];
};

enum frames_result {
	FRAMES_MORE,  /* all bytes are used */
	FRAMES_WHOLE, /* header and payload, until the next call */
	FRAMES_BROKEN /* no frame of ours: sticky */
};

void frames_init(struct frames *frames);

/* Uses bytes from the front of bytes[0..*size), and moves both behind what it used. */
enum frames_result frames_next(struct frames *frames, const uint8_t **bytes, size_t *size);

/* Begins a frame in a buffer with room for it; the payload is written by `writer`, and frame_end
 * puts the header in front. Returns the bytes of the whole frame. */
struct field_writer frame_begin(uint8_t *room, size_t size);
size_t frame_end(uint8_t *room, const struct field_writer *writer, enum control_frame type,
	uint32_t channel);

#endif
