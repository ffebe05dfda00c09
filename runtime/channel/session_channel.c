/* session_channel: channels: made, forgotten, and what their machines make this end do. */
#include "runtime/channel/session_inside.h"
#include "runtime/kernel/machine.h"

MACHINE_EVENTS(slc_channel)

static const struct channel_events nobody; /* has a channel that is not owned */

struct channel *channel_find(struct slc *slc, uint32_t number)
{
	return slc->index[number] != 0 ? &slc->places[slc->index[number] - 1] : NULL;
}

struct channel *channel_make(struct slc *slc, uint32_t number)
{
	struct channel *channel = TAILQ_FIRST(&slc->unused);

	TAILQ_REMOVE(&slc->unused, channel, crediting);
	slc->index[number] = (uint16_t)(channel - slc->places + 1);
	channel->number = number;
	channel->events = &nobody;
	channel->owner = NULL;
	channel->wants_room = false;
	channel->is_released = false;
	slc_channel_init(&channel->machine, slc->peer.credit, slc->options.window);
	return channel;
}

void channel_forget_if_done(struct channel *channel)
{
	struct slc *slc = channel->slc;

	if (!channel->is_released || channel->output.used > 0)
		return;
	if (channel->is_waking)
		TAILQ_REMOVE(&slc->out.wakes, channel, waking);
	channel->is_waking = false;
	channel->alarm.at = NEVER;
	slc->index[channel->number] = 0;
	channel->number = 0;
	TAILQ_INSERT_HEAD(&slc->unused, channel, crediting);
	(void)session_feed(slc, SLC_SESSION_CHANNEL_ENDED, 0, &nothing);
}

/* Its number stays taken, and it counts, until its last frame is written: a peer that does not read
 * can't have more channels for it, and GOODBYE comes behind that frame. */
static void release(struct channel *channel)
{
	channel->is_released = true;
	channel_forget_if_done(channel);
}

/* --- What is said to the peer ----------------------------------------------------------------- */

static void send_reason(struct channel *channel, uint32_t type, const char *text)
{
	uint8_t payload[REASON_SIZE];
	size_t size = put_reason(payload, channel->machine.reason, text);

	write_cut(channel);
	write_frame(channel, type, 0, payload, size);
}

static void send_message(struct channel *channel, const struct hand *hand)
{
	if (session_lets_send(channel->slc))
		write_control(
			channel->slc, SLC_FRAME_MESSAGE, channel->number, hand->bytes, hand->size);
}

static void send_accept(struct channel *channel)
{
	if (session_lets_send(channel->slc))
		write_control(channel->slc, SLC_FRAME_ACCEPT, channel->number, NULL, 0);
}

/* --- What is said to the owner ---------------------------------------------------------------- */

static void ask(struct channel *channel, const struct hand *hand)
{
	struct slc *slc = channel->slc;

	if (hand->is_misshaped)
		(void)channel_feed(channel, SLC_CHANNEL_REFUSE, SLC_REASON_REQUEST, &nothing);
	else if (slc->events->asked != NULL)
		slc->events->asked(slc, channel, hand->value, hand->bytes, hand->size);
	if (channel->events == &nobody) /* ignored if it was refused */
		(void)channel_feed(channel, SLC_CHANNEL_REFUSE, SLC_REASON_UNKNOWN, &nothing);
}

static void report(struct channel *channel, const struct hand *hand)
{
	static const enum channel_outcome outcomes[] = {
		[SLC_CHANNEL_IN_DONE] = CHANNEL_DONE,
		[SLC_CHANNEL_IN_REFUSED] = CHANNEL_REFUSED,
		[SLC_CHANNEL_IN_ABORTING] = CHANNEL_RESET,
		[SLC_CHANNEL_IN_RESET] = CHANNEL_RESET,
		[SLC_CHANNEL_IN_LOST] = CHANNEL_LOST,
	};
	const struct channel_events *events = channel->events;

	if (channel->slc->in.target == channel)
		channel->slc->in.target = NULL;
	channel->wants_room = false;
	if (events->ended != NULL)
		events->ended(channel, outcomes[channel->machine.cs], channel->machine.reason,
			hand->text != NULL ? hand->text : "");
}

static void arm(struct channel *channel)
{
	const struct slc_options *options = &channel->slc->options;
	const uint64_t durations[] = {
		[SLC_CHANNEL_IN_OPENING] = options->answer,
		[SLC_CHANNEL_IN_ABORTING] = options->reset,
	};

	alarm_set(channel->slc, &channel->alarm, durations[channel->machine.cs],
		channel->machine.timer);
}

/* --- Effects ---------------------------------------------------------------------------------- */

static void perform_sending(struct channel *channel, uint32_t effects, const struct hand *hand)
{
	if ((effects & SLC_CHANNEL_DO_TRANSMIT) != 0)
		write_frame(channel, SLC_FRAME_DATA, hand->stream, hand->bytes, hand->size);
	if ((effects & SLC_CHANNEL_DO_SEND_END) != 0)
		write_frame(channel, SLC_FRAME_END, hand->stream, NULL, 0);
	if ((effects & SLC_CHANNEL_DO_SEND_CREDIT) != 0)
		write_credit(channel, channel->machine.granted);
	if ((effects & SLC_CHANNEL_DO_WAKE) != 0)
		channel_wake(channel);
	if ((effects & SLC_CHANNEL_DO_SEND_MESSAGE) != 0)
		send_message(channel, hand);
	if ((effects & SLC_CHANNEL_DO_SEND_STATUS) != 0)
		write_status(channel, hand->value, hand->bytes, hand->size);
	if ((effects & SLC_CHANNEL_DO_SEND_RESET) != 0)
		send_reason(channel, SLC_FRAME_RESET, !hand->is_foreign ? hand->text : NULL);
}

static void perform(struct channel *channel, uint32_t effects, const struct hand *hand)
{
	if ((effects & SLC_CHANNEL_DO_SEND_OPEN) != 0)
		write_open(channel, hand->value, hand->bytes, hand->size);
	if ((effects & SLC_CHANNEL_DO_SEND_ACCEPT) != 0)
		send_accept(channel);
	if ((effects & SLC_CHANNEL_DO_SEND_REFUSE) != 0)
		send_reason(channel, SLC_FRAME_REFUSE, hand->text);
	if ((effects & SLC_CHANNEL_DO_ASK) != 0)
		ask(channel, hand);
	if ((effects & SLC_CHANNEL_DO_OPENED) != 0) {
		if (channel->events->accepted != NULL)
			channel->events->accepted(channel);
		channel_wake(channel);
	}
	if ((effects & SLC_CHANNEL_DO_DELIVER) != 0)
		channel_deliver(channel, hand);
	perform_sending(channel, effects, hand);
	if ((effects & SLC_CHANNEL_DO_ARM) != 0)
		arm(channel);
	if ((effects & SLC_CHANNEL_DO_REPORT) != 0)
		report(channel, hand);
	if ((effects & SLC_CHANNEL_DO_BREAK_SESSION) != 0)
		session_bad(channel->slc, SLC_REASON_TIMEOUT, "a RESET was not answered");
	if ((effects & SLC_CHANNEL_DO_RELEASE) != 0)
		release(channel);
}

uint32_t channel_feed(
	struct channel *channel, enum slc_channel_event event, uint32_t n, const struct hand *hand)
{
	const uint64_t instance = (uint64_t)channel->slc->options.instance << 16 | channel->number;
	uint32_t effects = slc_channel_drive(&channel->machine, instance, event, n);

	perform(channel, effects, hand);
	return effects;
}
