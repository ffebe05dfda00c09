/* session_frame: frames of channels: which event each one is, and what of it the owner gets. */
#include "runtime/channel/fields.h"
#include "runtime/channel/session_inside.h"

/* ACCEPT has no fields yet: one that comes must be one that may be skipped. */
static bool can_be_skipped(const struct hand *hand)
{
	struct fields fields = fields_of(hand->bytes, hand->size);
	enum fields_result result;
	struct field field;

	do {
		result = fields_next(&fields, &field);
	} while (result == FIELDS_NEXT && field.tag >= SLC_TAG_SKIPPED);
	return result == FIELDS_END;
}

/* The opener sends input, and the other end the rest. */
static enum slc_channel_event event_of_stream(const struct channel *channel,
	const struct hand *hand, enum slc_channel_event main, enum slc_channel_event error)
{
	if ((hand->stream == SLC_INPUT) == (channel->machine.opener == 1))
		return SLC_CHANNEL_VIOLATION;
	return hand->stream == SLC_ERROR ? error : main;
}

/* The numbers that come with an event are those in front of the payload, but for DATA. */
static enum slc_channel_event event_of(const struct channel *channel, const struct hand *hand)
{
	if (hand->is_misshaped)
		return SLC_CHANNEL_VIOLATION;
	switch (hand->type) {
	case SLC_FRAME_ACCEPT:
		return can_be_skipped(hand) ? SLC_CHANNEL_ACCEPTED : SLC_CHANNEL_VIOLATION;
	case SLC_FRAME_REFUSE:
		return SLC_CHANNEL_REFUSED;
	case SLC_FRAME_DATA:
		return event_of_stream(channel, hand, SLC_CHANNEL_DATA, SLC_CHANNEL_DATA_ERROR);
	case SLC_FRAME_END:
		return event_of_stream(channel, hand, SLC_CHANNEL_END, SLC_CHANNEL_END_ERROR);
	case SLC_FRAME_CREDIT:
		return SLC_CHANNEL_CREDIT;
	case SLC_FRAME_MESSAGE:
		return hand->size % 4 == 0 ? SLC_CHANNEL_MESSAGE : SLC_CHANNEL_VIOLATION;
	case SLC_FRAME_STATUS:
		return SLC_CHANNEL_STATUS;
	default:
		return SLC_CHANNEL_RESET;
	}
}

void channel_arrived(struct channel *channel, const struct hand *hand)
{
	(void)channel_feed(channel, event_of(channel, hand), hand->value, hand);
}

static void deliver_message(struct channel *channel, const struct hand *hand)
{
	uint32_t numbers[SLC_NUMBERS_MAX];
	unsigned count = (unsigned)hand->size / 4;

	if (channel->events->message == NULL)
		return;
	for (unsigned i = 0; i < count; i++)
		numbers[i] = wire_number(hand->bytes + 4 * (size_t)i);
	channel->events->message(channel, hand->value, numbers, count);
}

/* DATA is accepted by its header; its bytes go to the owner as they come. */
void channel_deliver(struct channel *channel, const struct hand *hand)
{
	const struct channel_events *events = channel->events;

	switch (hand->type) {
	case SLC_FRAME_DATA:
		channel->slc->in.target = channel;
		channel->slc->in.stream = (enum slc_stream)hand->stream;
		break;
	case SLC_FRAME_END:
		if (events->end != NULL)
			events->end(channel, (enum slc_stream)hand->stream);
		break;
	case SLC_FRAME_MESSAGE:
		deliver_message(channel, hand);
		break;
	default: /* STATUS: the peer wants nothing any more */
		write_cut(channel);
		if (events->status != NULL)
			events->status(channel, hand->value, hand->bytes, hand->size);
		break;
	}
}
