/* session_step: events of the session, and what they make this end do. See session_inside.h. */
#include <string.h>

#include "runtime/channel/session_inside.h"
#include "runtime/kernel/machine.h"

MACHINE_EVENTS(slc_session)

const struct hand nothing;

/* --- Greeting --------------------------------------------------------------------------------- */

static void send_hello(struct slc *slc)
{
	const struct slc_hello hello = {
		.version = SLC_VERSION,
		.features = slc->options.must_prove ? 0 : SLC_FEATURE_NONE,
		.limit = slc->options.frame,
		.keepalive = slc->options.keepalive,
		.credit = slc->options.window,
	};
	uint8_t payload[SLC_HELLO_SIZE];

	wire_put_hello(payload, &hello);
	write_control(slc, SLC_FRAME_HELLO, 0, payload, sizeof payload);
}

/* Who wants no proofs has none either. Whether "none" will do is the machine's to say. */
static void start_auth(struct slc *slc)
{
	slc->peer = slc->greeting;
	slc->in.limit = slc->options.frame;
	if (slc->peer.features % 2 == SLC_FEATURE_NONE)
		(void)session_feed(slc, SLC_SESSION_NO_AUTH, 0, &nothing);
	else if (slc->options.must_prove && slc->options.proofs != NULL)
		auth_begin(slc);
	else
		(void)session_feed(
			slc, SLC_SESSION_AUTH_FAILED, SLC_REASON_AUTH_REQUIRED, &nothing);
}

/* --- Channels --------------------------------------------------------------------------------- */

static void admit_channel(struct slc *slc, const struct hand *hand)
{
	(void)channel_feed(channel_make(slc, hand->channel), SLC_CHANNEL_ASKED, 0, hand);
}

static void refuse_channel(struct slc *slc, const struct hand *hand)
{
	static const uint32_t reasons[] = {
		[SLC_SESSION_IN_OPEN] = SLC_REASON_LIMIT,
		[SLC_SESSION_IN_DRAINING] = SLC_REASON_CLOSING,
	};
	uint8_t payload[4];

	wire_put_number(payload, reasons[slc->machine.cs]);
	write_control(slc, SLC_FRAME_REFUSE, hand->channel, payload, sizeof payload);
}

static void deliver(struct slc *slc, const struct hand *hand)
{
	struct channel *channel = channel_find(slc, hand->channel);

	if (channel != NULL) /* or else it is late */
		channel_arrived(channel, hand);
}

static void fail_channels(struct slc *slc)
{
	write_cut_all(slc); /* first: a channel that owes credit can't be forgotten */
	for (uint32_t i = 0; i < slc->options.channels; i++)
		if (slc->places[i].number != 0)
			(void)channel_feed(&slc->places[i], SLC_CHANNEL_LOST, 0, &nothing);
}

/* --- The end ---------------------------------------------------------------------------------- */

static void send_goodbye(struct slc *slc)
{
	uint8_t payload[REASON_SIZE];
	size_t size =
		put_reason(payload, slc->machine.reason, slc->text_is_foreign ? "" : slc->text);

	write_cut_all(slc);
	write_control(slc, SLC_FRAME_GOODBYE, 0, payload, size);
	slc->out.is_last = true;
	slc->in.is_discarding = true;
}

static void close_transport(struct slc *slc)
{
	slc->out.is_closed = true;
	slc->in.is_discarding = true;
	session_changed(slc);
}

static void arm(struct slc *slc)
{
	const uint32_t seconds = slc->peer.keepalive < slc->options.keepalive
					 ? slc->peer.keepalive
					 : slc->options.keepalive;
	const uint64_t durations[] = {
		[SLC_SESSION_IN_HELLO] = slc->options.handshake,
		[SLC_SESSION_IN_OPEN] = seconds * CLOCK_SECOND,
		[SLC_SESSION_IN_DRAINING] = slc->options.drain,
		[SLC_SESSION_IN_CLOSING] = slc->options.linger,
	};

	if ((size_t)slc->machine.cs < sizeof durations / sizeof durations[0])
		alarm_set(slc, &slc->alarm, durations[slc->machine.cs], slc->machine.timer);
}

/* --- Events ----------------------------------------------------------------------------------- */

static void tell_time(struct slc *slc, const struct hand *hand)
{
	if (slc->events->measured == NULL || hand->value != slc->ping || slc->ping_at == NEVER)
		return;
	slc->events->measured(
		slc, slc->options.clock->now(slc->options.clock->data) - slc->ping_at);
}

static void owe_pong(struct slc *slc, const struct hand *hand)
{
	slc->out.owes_pong = true;
	slc->out.pong = hand->value;
	session_changed(slc);
}

static void owe_ping(struct slc *slc)
{
	slc->out.owes_ping = true;
	slc->ping++;
	slc->ping_at = NEVER;
	session_changed(slc);
}

/* Lowest bit first. OPEN_CHANNEL and TRANSMIT are answers to who asked, and performed there. */
static void perform(struct slc *slc, uint32_t effects, const struct hand *hand)
{
	if ((effects & SLC_SESSION_DO_SEND_HELLO) != 0)
		send_hello(slc);
	if ((effects & SLC_SESSION_DO_START_AUTH) != 0)
		start_auth(slc);
	if ((effects & SLC_SESSION_DO_CHECK_AUTH) != 0)
		auth_arrived(slc, hand);
	if ((effects & SLC_SESSION_DO_OPENED) != 0 && slc->events->opened != NULL)
		slc->events->opened(slc);
	if ((effects & SLC_SESSION_DO_ADMIT_CHANNEL) != 0)
		admit_channel(slc, hand);
	if ((effects & SLC_SESSION_DO_REFUSE_CHANNEL) != 0)
		refuse_channel(slc, hand);
	if ((effects & SLC_SESSION_DO_DELIVER) != 0)
		deliver(slc, hand);
	if ((effects & SLC_SESSION_DO_SEND_PING) != 0)
		owe_ping(slc);
	if ((effects & SLC_SESSION_DO_SEND_PONG) != 0)
		owe_pong(slc, hand);
	if ((effects & SLC_SESSION_DO_MEASURED) != 0)
		tell_time(slc, hand);
	if ((effects & SLC_SESSION_DO_FAIL_CHANNELS) != 0)
		fail_channels(slc);
	if ((effects & SLC_SESSION_DO_SEND_GOODBYE) != 0)
		send_goodbye(slc);
	if ((effects & SLC_SESSION_DO_CLOSE_TRANSPORT) != 0)
		close_transport(slc);
	if ((effects & SLC_SESSION_DO_ARM) != 0)
		arm(slc);
	if ((effects & SLC_SESSION_DO_REPORT) != 0 && slc->events->closed != NULL)
		slc->events->closed(slc, slc->machine.reason, slc->text);
}

static void note_text(struct slc *slc, const struct hand *hand)
{
	size_t length = strnlen(hand->text, SLC_TEXT_MAX);

	memcpy(slc->text, hand->text, length);
	slc->text[length] = '\0';
	slc->text_is_foreign = hand->is_foreign;
}

uint32_t session_feed(
	struct slc *slc, enum slc_session_event event, uint32_t n, const struct hand *hand)
{
	uint32_t effects = slc_session_drive(&slc->machine, slc->options.instance, event, n);

	if (effects != 0 && hand->text != NULL)
		note_text(slc, hand);
	perform(slc, effects, hand);
	return effects;
}

void session_bad(struct slc *slc, uint32_t reason, const char *text)
{
	const struct hand hand = {.text = text};

	(void)session_feed(slc, SLC_SESSION_BAD_FRAME, reason, &hand);
}

bool session_lets_send(struct slc *slc)
{
	return (session_feed(slc, SLC_SESSION_SEND, 0, &nothing) & SLC_SESSION_DO_TRANSMIT) != 0;
}
