/* session_read: bytes to frames, and frames to events: "every frame passes the session". */
#include <string.h>

#include "runtime/channel/session_inside.h"
#include "runtime/kernel/machine.h"

MACHINE_BYTES(slc_frame)
MACHINE_BYTES(slc_hello)

#define ANY SLC_FRAME_LIMIT_MAX

/* How long a payload may be, and what it begins with. */
static const struct shape {
	uint32_t least, most;
	bool has_value;  /* a number in front */
	bool has_text;   /* and then nothing but a text */
	bool has_stream; /* the header may name one that is not 0 */
} shapes[] = {
	[SLC_FRAME_HELLO] = {.least = 4, .most = ANY},
	[SLC_FRAME_AUTH] = {.least = 4, .most = ANY, .has_value = true},
	[SLC_FRAME_PING] = {.least = 4, .most = 4, .has_value = true},
	[SLC_FRAME_PONG] = {.least = 4, .most = 4, .has_value = true},
	[SLC_FRAME_GOODBYE] = {.least = 4,
		.most = REASON_SIZE,
		.has_value = true,
		.has_text = true},
	[SLC_FRAME_OPEN] = {.least = 4, .most = ANY, .has_value = true},
	[SLC_FRAME_ACCEPT] = {.most = ANY},
	[SLC_FRAME_REFUSE] = {.least = 4, .most = REASON_SIZE, .has_value = true, .has_text = true},
	[SLC_FRAME_DATA] = {.least = 1, .most = ANY, .has_stream = true},
	[SLC_FRAME_END] = {.has_stream = true},
	[SLC_FRAME_CREDIT] = {.least = 4, .most = 4, .has_value = true},
	[SLC_FRAME_MESSAGE] = {.least = 4, .most = SLC_MESSAGE_MAX, .has_value = true},
	[SLC_FRAME_STATUS] = {.least = 4, .most = ANY, .has_value = true},
	[SLC_FRAME_RESET] = {.least = 4, .most = REASON_SIZE, .has_value = true, .has_text = true},
};

void reading_next(struct slc *slc)
{
	slc_frame_init(&slc->in.frame, slc->in.limit);
}

/* --- Frames of the session -------------------------------------------------------------------- */

static void greeted(struct slc *slc, const struct hand *hand)
{
	struct slc_hello *hello = &slc->greeting;
	size_t used;

	slc_hello_init(hello);
	used = slc_hello_drive(hello, slc->options.instance, hand->bytes, hand->size);
	if ((hello->cs == SLC_HELLO_IN_DONE && used == hand->size) ||
		hello->cs == SLC_HELLO_IN_OTHER_VERSION)
		(void)session_feed(slc, SLC_SESSION_PEER_HELLO, hello->version, hand);
	else
		session_bad(slc, SLC_REASON_PROTOCOL, "the HELLO can't be read");
}

/* A NUL in a text ends it. */
static const char *text_of(struct slc *slc, const struct hand *hand)
{
	if (hand->size > 0)
		memcpy(slc->in.text, hand->bytes, hand->size);
	slc->in.text[hand->size] = '\0';
	return slc->in.text;
}

static void session_arrived(struct slc *slc, const struct hand *hand)
{
	switch (hand->type) {
	case SLC_FRAME_HELLO:
		greeted(slc, hand);
		break;
	case SLC_FRAME_AUTH:
		(void)session_feed(slc, SLC_SESSION_AUTH, 0, hand);
		break;
	case SLC_FRAME_PING:
		(void)session_feed(slc, SLC_SESSION_PING, 0, hand);
		break;
	case SLC_FRAME_PONG:
		(void)session_feed(slc, SLC_SESSION_PONG, 0, hand);
		break;
	default:
		(void)session_feed(slc, SLC_SESSION_GOODBYE, hand->value, hand);
		break;
	}
}

/* --- Frames of channels ----------------------------------------------------------------------- */

static bool is_ours(const struct slc *slc, uint32_t number)
{
	return (number % 2 == 1) == slc->options.is_client;
}

/* A frame with a number that no channel has is late where the peer opens such numbers. */
static void frame_arrived(struct slc *slc, const struct hand *hand)
{
	bool is_used = channel_find(slc, hand->channel) != NULL;

	if (hand->type == SLC_FRAME_OPEN && is_ours(slc, hand->channel))
		session_bad(slc, SLC_REASON_PROTOCOL, "an OPEN has a number of the other end's");
	else if (hand->type == SLC_FRAME_OPEN && is_used)
		session_bad(slc, SLC_REASON_PROTOCOL, "an OPEN has a number that is in use");
	else if (hand->type == SLC_FRAME_OPEN)
		(void)session_feed(slc, SLC_SESSION_OPEN, 0, hand);
	else if (!is_used && is_ours(slc, hand->channel))
		session_bad(slc, SLC_REASON_PROTOCOL, "a frame has a number that is not in use");
	else
		(void)session_feed(slc, SLC_SESSION_FRAME, 0, hand);
}

/* --- Bytes ------------------------------------------------------------------------------------ */

static bool is_misshaped(const struct slc_frame *frame)
{
	const struct shape *shape = &shapes[frame->type];

	return frame->length < shape->least || frame->length > shape->most ||
	       (frame->stream != 0 && !shape->has_stream);
}

static void frame_came(struct slc *slc, struct hand *hand)
{
	if (shapes[hand->type].has_text && !hand->is_misshaped) {
		hand->text = text_of(slc, hand);
		hand->is_foreign = true;
	}
	if (hand->channel != 0)
		frame_arrived(slc, hand);
	else if (hand->is_misshaped)
		session_bad(slc, SLC_REASON_PROTOCOL, "a frame has not the length of its type");
	else
		session_arrived(slc, hand);
	reading_next(slc);
}

/* A whole header is there. DATA is acted on before its bytes are here, and what can't be right too,
 * of which the payload is dropped; of the other frames, once they are whole. */
static bool take_frame(struct slc *slc)
{
	struct reading *in = &slc->in;
	struct hand hand = {
		.type = in->frame.type,
		.channel = in->frame.channel,
		.stream = in->frame.stream,
		.is_misshaped = is_misshaped(&in->frame),
	};

	if (hand.is_misshaped || hand.type == SLC_FRAME_DATA) {
		in->left = in->frame.length;
		in->target = NULL;
		hand.value = in->left;
	} else if (in->end - in->begin < in->frame.length) {
		return false;
	} else {
		hand.bytes = in->memory + in->begin;
		hand.size = in->frame.length;
		in->begin += hand.size;
	}
	if (hand.size > 0 && shapes[hand.type].has_value) {
		hand.value = wire_number(hand.bytes);
		hand.bytes += 4;
		hand.size -= 4;
	}
	frame_came(slc, &hand);
	return true;
}

/* The next bytes of DATA, as far as they are here. */
static bool pass_on(struct slc *slc)
{
	struct reading *in = &slc->in;
	const uint8_t *bytes = in->memory + in->begin;
	struct channel *target = in->target;
	size_t size = in->end - in->begin;

	if (size > in->left)
		size = in->left;
	in->begin += size;
	in->left -= (uint32_t)size;
	if (target == NULL || size == 0)
		return size > 0;
	if (target->events->data != NULL)
		target->events->data(target, in->stream, bytes, size);
	else
		channel_consumed(target, size);
	return true;
}

static void refuse_header(struct slc *slc)
{
	static const char *const faults[] = {
		[SLC_FRAME_IN_BAD_TYPE] = "a frame is of no known type",
		[SLC_FRAME_IN_BAD_STREAM] = "a frame names no known stream",
		[SLC_FRAME_IN_BAD_CHANNEL] = "a frame's number does not fit its type",
		[SLC_FRAME_IN_BAD_LENGTH] = "a frame is longer than this end accepts",
	};

	slc->in.is_discarding = true;
	session_bad(slc, SLC_REASON_PROTOCOL, faults[slc->in.frame.cs]);
}

/* One step; whether there may be another one. */
static bool read_on(struct slc *slc)
{
	struct reading *in = &slc->in;

	if (in->is_discarding) {
		in->begin = in->end;
		return false;
	}
	if (in->left > 0)
		return pass_on(slc);
	if (!slc_frame_ended(&in->frame)) {
		if (in->begin == in->end || !control_fits(slc, REFUSE_SIZE))
			return false;
		in->begin += slc_frame_drive(&in->frame, slc->options.instance,
			in->memory + in->begin, in->end - in->begin);
		if (!slc_frame_ended(&in->frame))
			return false;
	}
	if (in->frame.cs == SLC_FRAME_IN_DONE)
		return take_frame(slc);
	refuse_header(slc);
	return true;
}

void reading_run(struct slc *slc)
{
	if (slc->in.is_running)
		return;
	slc->in.is_running = true;
	while (read_on(slc)) {
	}
	slc->in.is_running = false;
}

/* --- The transport ---------------------------------------------------------------------------- */

size_t slc_room(struct slc *slc, uint8_t **bytes)
{
	struct reading *in = &slc->in;
	size_t waiting = in->is_discarding ? 0 : in->end - in->begin;

	if (waiting == 0 || in->size - in->end < in->size / 2) {
		memmove(in->memory, in->memory + in->begin, waiting);
		in->begin = 0;
		in->end = waiting;
	}
	*bytes = in->memory + in->end;
	return in->size - in->end;
}

void slc_arrived(struct slc *slc, size_t size)
{
	slc->in.end += size;
	reading_run(slc);
}
