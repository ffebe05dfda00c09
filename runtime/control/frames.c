/* frames: see frames.h. */
#include "runtime/control/frames.h"

#include <string.h>

#include "gen/slc_frame.h"
#include "runtime/channel/wire.h"
#include "runtime/kernel/machine.h"

MACHINE_BYTES(slc_frame)

void frames_init(struct frames *frames)
{
	slc_frame_init(&frames->header, CONTROL_PAYLOAD_MAX);
	frames->got = 0;
	frames->is_whole = false;
}

enum frames_result frames_next(struct frames *frames, const uint8_t **bytes, size_t *size)
{
	struct slc_frame *header = &frames->header;
	size_t used, left;

	if (frames->is_whole)
		frames_init(frames);
	if (!slc_frame_ended(header)) {
		used = slc_frame_drive(header, 0, *bytes, *size);
		*bytes += used;
		*size -= used;
		if (!slc_frame_ended(header))
			return FRAMES_MORE;
	}
	if (header->cs != SLC_FRAME_IN_DONE)
		return FRAMES_BROKEN;
	left = header->length - frames->got;
	used = left < *size ? left : *size;
	if (used > 0)
		memcpy(frames->payload + frames->got, *bytes, used);
	frames->got += (uint32_t)used;
	*bytes += used;
	*size -= used;
	if (frames->got < header->length)
		return FRAMES_MORE;
	frames->is_whole = true;
	return FRAMES_WHOLE;
}

struct field_writer frame_begin(uint8_t *room, size_t size)
{
	size_t payload = size - SLC_FRAME_SIZE;

	return field_writer_of(room + SLC_FRAME_SIZE,
		payload < CONTROL_PAYLOAD_MAX ? payload : CONTROL_PAYLOAD_MAX);
}

size_t frame_end(
	uint8_t *room, const struct field_writer *writer, enum control_frame type, uint32_t channel)
{
	wire_put_frame(room, (uint32_t)type, 0, channel, (uint32_t)writer->used);
	return SLC_FRAME_SIZE + writer->used;
}
