/* slc_peer: see slc_peer.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "tests/lib/slc_peer.h"

const struct slc_hello usual_hello = {
	.version = SLC_VERSION,
	.features = SLC_FEATURE_NONE,
	.limit = 65536,
	.keepalive = 15,
	.credit = 262144,
};

/* Takes exactly `size` bytes of what the session writes, or none. */
static bool take(struct slc *slc, uint8_t *bytes, size_t size)
{
	struct iovec parts[64];
	size_t got = 0;

	while (got < size) {
		unsigned count = slc_output(slc, parts, 64);
		size_t before = got;

		for (unsigned i = 0; i < count && got < size; i++) {
			size_t part = parts[i].iov_len < size - got ? parts[i].iov_len : size - got;

			memcpy(bytes + got, parts[i].iov_base, part);
			got += part;
		}
		slc_written(slc, got - before);
		if (got == before)
			break;
	}
	assert_true(got == 0 || got == size);
	return got == size;
}

bool peer_hear(struct slc *slc, struct heard *heard)
{
	uint8_t header[SLC_FRAME_SIZE];
	struct slc_frame frame;

	if (!take(slc, header, sizeof header))
		return false;
	slc_frame_init(&frame, SLC_FRAME_LIMIT_MAX);
	assert_int_equal(slc_frame_feed(&frame, header, sizeof header), sizeof header);
	assert_int_equal(frame.cs, SLC_FRAME_IN_DONE);
	assert_true(frame.length <= sizeof heard->payload);
	heard->type = frame.type;
	heard->stream = frame.stream;
	heard->channel = frame.channel;
	heard->size = frame.length;
	if (frame.length > 0)
		assert_true(take(slc, heard->payload, frame.length));
	heard->value = frame.length >= 4 ? wire_number(heard->payload) : 0;
	return true;
}

void peer_awaits(struct slc *slc, uint32_t type, uint32_t channel, uint32_t value)
{
	static struct heard heard;
	bool is_there = false;

	while (peer_hear(slc, &heard))
		is_there = is_there ||
			   (heard.type == type && heard.channel == channel && heard.value == value);
	if (!is_there)
		fail_msg("no frame of type %u with %u on channel %u", type, value, channel);
}

void peer_hears_nothing(struct slc *slc)
{
	static struct heard heard;

	if (peer_hear(slc, &heard))
		fail_msg("a frame of type %u with %u on channel %u", heard.type, heard.value,
			heard.channel);
}

size_t peer_bytes(struct slc *slc, const void *bytes, size_t size)
{
	size_t done = 0;

	while (done < size) {
		uint8_t *to;
		size_t room = slc_room(slc, &to);

		if (room == 0)
			break;
		if (room > size - done)
			room = size - done;
		memcpy(to, (const uint8_t *)bytes + done, room);
		slc_arrived(slc, room);
		done += room;
	}
	return done;
}

void peer_frame(struct slc *slc, uint32_t type, uint32_t stream, uint32_t channel,
	const void *payload, size_t size)
{
	uint8_t header[SLC_FRAME_SIZE];

	wire_put_frame(header, type, stream, channel, (uint32_t)size);
	assert_int_equal(peer_bytes(slc, header, sizeof header), sizeof header);
	assert_int_equal(peer_bytes(slc, payload, size), size);
}

void peer_number(struct slc *slc, uint32_t type, uint32_t channel, uint32_t number)
{
	uint8_t payload[4];

	wire_put_number(payload, number);
	peer_frame(slc, type, 0, channel, payload, sizeof payload);
}

void peer_hello(struct slc *slc, const struct slc_hello *hello)
{
	uint8_t payload[SLC_HELLO_SIZE];

	wire_put_hello(payload, hello);
	peer_frame(slc, SLC_FRAME_HELLO, 0, 0, payload, sizeof payload);
}
