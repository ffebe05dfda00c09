/* session_wish: what an owner wants of its channels: the functions of session.h. */
#include "runtime/channel/session_inside.h"

/* --- The opener ------------------------------------------------------------------------------- */

/* The next number of this end's own that is free; there are more of them than channels. */
static uint32_t next_number(struct slc *slc)
{
	do {
		slc->newest = (slc->newest + 2) % 65536;
	} while (slc->newest == 0 || slc->index[slc->newest] != 0);
	return slc->newest;
}

int channel_open(struct slc *slc, struct channel **channel, const struct channel_events *events,
	void *owner, uint32_t type, const uint8_t *fields, size_t size, struct fault *fault)
{
	const struct hand hand = {.value = type, .bytes = fields, .size = size};
	const uint32_t longest =
		slc->peer.limit < slc->options.output ? slc->peer.limit : slc->options.output;

	if (size > longest - 4)
		return fault_set(fault, "request",
			"the request has %zu bytes, and can have %u at most; make it shorter", size,
			longest - 4);
	if (slc->machine.channels >= slc->machine.limit)
		return fault_set(fault, "limit",
			"the session has %u channels, its limit; wait until one ends",
			slc->machine.channels);
	if ((session_feed(slc, SLC_SESSION_WANT, 0, &nothing) & SLC_SESSION_DO_OPEN_CHANNEL) == 0)
		return fault_set(fault, "closing",
			"the session takes no new channel: it is "
			"not open yet, or closing");
	*channel = channel_make(slc, next_number(slc));
	channel_own(*channel, events, owner);
	(void)channel_feed(*channel, SLC_CHANNEL_OPEN, 0, &hand);
	return 0;
}

/* --- The accepter ----------------------------------------------------------------------------- */

void channel_own(struct channel *channel, const struct channel_events *events, void *owner)
{
	channel->events = events;
	channel->owner = owner;
}

void channel_accept(struct channel *channel)
{
	(void)channel_feed(channel, SLC_CHANNEL_ACCEPT, 0, &nothing);
}

void channel_refuse(struct channel *channel, uint32_t reason, const char *text)
{
	const struct hand hand = {.text = text};

	(void)channel_feed(channel, SLC_CHANNEL_REFUSE, reason, &hand);
}

bool channel_conclude(struct channel *channel, uint32_t status, const uint8_t *fields, size_t size)
{
	const struct hand hand = {.value = status, .bytes = fields, .size = size};

	if (size > SLC_STATUS_FIELDS_MAX)
		return false;
	channel_finish(channel, SLC_OUTPUT);
	channel_finish(channel, SLC_ERROR);
	return (channel_feed(channel, SLC_CHANNEL_CONCLUDE, 0, &hand) &
		       SLC_CHANNEL_DO_SEND_STATUS) != 0;
}

/* --- Both ------------------------------------------------------------------------------------- */

void *channel_owner(const struct channel *channel)
{
	return channel->owner;
}

struct slc *channel_session(const struct channel *channel)
{
	return channel->slc;
}

uint32_t channel_number(const struct channel *channel)
{
	return channel->number;
}

static bool is_own(const struct channel *channel, enum slc_stream stream)
{
	return (stream == SLC_INPUT) == (channel->machine.opener == 1);
}

size_t channel_send(
	struct channel *channel, enum slc_stream stream, const uint8_t *bytes, size_t size)
{
	const enum slc_channel_event event =
		stream == SLC_ERROR ? SLC_CHANNEL_SEND_ERROR : SLC_CHANNEL_SEND;
	struct hand hand = {.stream = stream};
	size_t sent = 0;

	while (sent < size && is_own(channel, stream)) {
		hand.bytes = bytes + sent;
		hand.size = channel_space(channel);
		if (hand.size > size - sent)
			hand.size = size - sent;
		if (hand.size == 0 || channel_feed(channel, event, (uint32_t)hand.size, &hand) == 0)
			break;
		sent += hand.size;
	}
	if (sent < size)
		channel->wants_room = true;
	return sent;
}

size_t channel_room(struct channel *channel)
{
	size_t room = channel_space(channel);

	if (room == 0)
		channel->wants_room = true;
	return room;
}

void channel_finish(struct channel *channel, enum slc_stream stream)
{
	const struct hand hand = {.stream = stream};

	if (is_own(channel, stream))
		(void)channel_feed(channel,
			stream == SLC_ERROR ? SLC_CHANNEL_FINISH_ERROR : SLC_CHANNEL_FINISH, 0,
			&hand);
}

void channel_consumed(struct channel *channel, size_t size)
{
	if (0 < size && size <= SLC_CHANNEL_CREDIT_MAX)
		(void)channel_feed(channel, SLC_CHANNEL_CONSUMED, (uint32_t)size, &nothing);
}

bool channel_message(
	struct channel *channel, uint32_t kind, const uint32_t *numbers, unsigned count)
{
	uint8_t payload[SLC_MESSAGE_MAX];
	struct hand hand = {.bytes = payload, .size = 4 + 4 * (size_t)count};

	if (count > SLC_NUMBERS_MAX || !control_fits(channel->slc, SLC_FRAME_SIZE + hand.size))
		return false;
	wire_put_number(payload, kind);
	for (unsigned i = 0; i < count; i++)
		wire_put_number(payload + 4 + 4 * (size_t)i, numbers[i]);
	return (channel_feed(channel, SLC_CHANNEL_TELL, 0, &hand) & SLC_CHANNEL_DO_SEND_MESSAGE) !=
	       0;
}

void channel_abort(struct channel *channel, uint32_t reason, const char *text)
{
	const struct hand hand = {.text = text};

	(void)channel_feed(channel, SLC_CHANNEL_ABORT, reason, &hand);
}
