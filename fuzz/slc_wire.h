/* slc_wire: one direction of a session, for fuzz/slc_pair.c: a list of frames, so that they can be
 * dropped, repeated and put in another order. Headers are real; of payloads only what decides
 * anything is kept, which is their first number, and HELLO. */
#ifndef CLOISTER_FUZZ_SLC_WIRE_H
#define CLOISTER_FUZZ_SLC_WIRE_H

#include "fuzz/input.h"
#include "gen/slc_frame.h"
#include "gen/slc_hello.h"

#define WIRE_MAX   256u /* frames on their way */
#define WIRE_OFFER 64u  /* from here on the owners of an end offer nothing new */

enum frame_type {
	HELLO = 1,
	AUTH,
	PING,
	PONG,
	GOODBYE,
	OPEN,
	ACCEPT,
	REFUSE,
	DATA,
	END,
	CREDIT,
	MESSAGE,
	STATUS,
	RESET
};

struct frame {
	uint8_t header[SLC_FRAME_SIZE];
	uint8_t payload[SLC_HELLO_SIZE];
};

struct wire {
	struct frame frames[WIRE_MAX];
	uint32_t count;
	int ended; /* nothing comes behind these frames */
};

static void put32(uint8_t *bytes, uint32_t value)
{
	for (int i = 3; i >= 0; i--, value /= 256)
		bytes[i] = (uint8_t)(value % 256);
}

static uint32_t get32(const uint8_t *bytes)
{
	return 16777216u * bytes[0] + 65536u * bytes[1] + 256u * bytes[2] + bytes[3];
}

/* Puts a frame at the end of a wire, without asking anybody. */
static struct frame *put_frame(struct wire *wire, uint32_t type, uint32_t stream, uint32_t channel,
	uint32_t length, uint32_t number)
{
	struct frame *frame = &wire->frames[wire->count];

	FUZZ_REQUIRE(wire->count + 1 < WIRE_MAX);
	wire->count += !wire->ended; /* what is written to a wire that was cut is lost */
	memset(frame, 0, sizeof *frame);
	frame->header[0] = (uint8_t)type;
	frame->header[1] = (uint8_t)stream;
	frame->header[2] = (uint8_t)(channel / 256);
	frame->header[3] = (uint8_t)(channel % 256);
	put32(frame->header + 4, length);
	put32(frame->payload, number);
	return frame;
}

/* Takes a frame out of a wire. */
static struct frame take_out(struct wire *wire, uint32_t at)
{
	struct frame frame = wire->frames[at];

	wire->count--;
	memmove(&wire->frames[at], &wire->frames[at + 1], (wire->count - at) * sizeof frame);
	return frame;
}

/* The bytes of DATA, or of CREDIT, of one channel that are on their way. */
static uint64_t on_its_way(const struct wire *wire, enum frame_type type, uint32_t channel)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < wire->count; i++) {
		const struct frame *frame = &wire->frames[i];

		if (frame->header[0] == type && frame->header[3] == channel)
			sum += get32(type == DATA ? frame->header + 4 : frame->payload);
	}
	return sum;
}

#endif
