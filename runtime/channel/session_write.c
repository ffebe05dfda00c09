/* session_write: what waits to be written. Frames of the session, answers to what the peer does,
 * and what must not wait behind bytes are in the control queue; DATA, END and the first and the
 * last frame of a channel in the channel's own output, in their order. */
#include <string.h>

#include "runtime/channel/session_inside.h"

/* --- The control queue ------------------------------------------------------------------------ */

bool control_fits(const struct slc *slc, size_t size)
{
	return slc->out.control.used + size <= SLC_CONTROL_SIZE;
}

void write_control(
	struct slc *slc, uint32_t type, uint32_t channel, const uint8_t *payload, size_t size)
{
	uint8_t header[SLC_FRAME_SIZE];

	wire_put_frame(header, type, 0, channel, (uint32_t)size);
	queue_put(&slc->out.control, header, sizeof header);
	queue_put(&slc->out.control, payload, size);
	session_changed(slc);
}

size_t put_reason(uint8_t payload[REASON_SIZE], uint32_t reason, const char *text)
{
	size_t length = text != NULL ? strnlen(text, SLC_TEXT_MAX) : 0;

	wire_put_number(payload, reason);
	if (length > 0)
		memcpy(payload + 4, text, length);
	return 4 + length;
}

static void write_number(struct slc *slc, uint32_t type, uint32_t channel, uint32_t number)
{
	uint8_t payload[4];

	wire_put_number(payload, number);
	write_control(slc, type, channel, payload, sizeof payload);
}

/* PING, PONG and CREDIT are owed until the control queue is empty: what is owed meanwhile is added
 * up, so that a peer that does not read makes none of them twice. */
void write_owed(struct slc *slc)
{
	struct writing *out = &slc->out;
	struct channel *channel;

	if (out->control.used > 0)
		return;
	if (out->owes_pong)
		write_number(slc, SLC_FRAME_PONG, 0, out->pong);
	if (out->owes_ping) {
		write_number(slc, SLC_FRAME_PING, 0, slc->ping);
		slc->ping_at = slc->options.clock->now(slc->options.clock->data);
	}
	out->owes_pong = out->owes_ping = false;
	while ((channel = TAILQ_FIRST(&out->credits)) != NULL) {
		TAILQ_REMOVE(&out->credits, channel, crediting);
		write_number(slc, SLC_FRAME_CREDIT, channel->number, channel->credit);
		channel->credit = 0;
	}
}

void write_credit(struct channel *channel, uint32_t bytes)
{
	if (!session_lets_send(channel->slc))
		return;
	if (channel->credit == 0)
		TAILQ_INSERT_TAIL(&channel->slc->out.credits, channel, crediting);
	channel->credit += bytes;
	session_changed(channel->slc);
}

/* --- A channel's output ----------------------------------------------------------------------- */

static void write_record(
	struct channel *channel, uint32_t type, uint32_t stream, const struct iovec payload[2])
{
	struct writing *out = &channel->slc->out;
	uint32_t length = (uint32_t)(payload[0].iov_len + payload[1].iov_len);
	uint32_t size = SLC_FRAME_SIZE + length;
	uint8_t header[SLC_FRAME_SIZE];

	if (!session_lets_send(channel->slc))
		return;
	wire_put_frame(header, type, stream, channel->number, length);
	queue_put(&channel->output, &size, sizeof size);
	queue_put(&channel->output, header, sizeof header);
	queue_put(&channel->output, payload[0].iov_base, payload[0].iov_len);
	queue_put(&channel->output, payload[1].iov_base, payload[1].iov_len);
	if (!channel->is_turning)
		TAILQ_INSERT_TAIL(&out->turns, channel, turn);
	channel->is_turning = true;
	session_changed(channel->slc);
}

void write_frame(
	struct channel *channel, uint32_t type, uint32_t stream, const void *bytes, size_t size)
{
	const struct iovec payload[2] = {{.iov_base = (void *)bytes, .iov_len = size}};

	write_record(channel, type, stream, payload);
}

void write_valued(
	struct channel *channel, uint32_t type, uint32_t value, const void *bytes, size_t size)
{
	uint8_t number[4];
	const struct iovec payload[2] = {{.iov_base = number, .iov_len = sizeof number},
		{.iov_base = (void *)bytes, .iov_len = size}};

	wire_put_number(number, value);
	write_record(channel, type, 0, payload);
}

static void drop_credit(struct channel *channel)
{
	if (channel->credit > 0)
		TAILQ_REMOVE(&channel->slc->out.credits, channel, crediting);
	channel->credit = 0;
}

/* OPEN survives a cut: the peer must know the channel that a RESET then ends. */
void write_open(struct channel *channel, uint32_t type, const void *fields, size_t size)
{
	write_valued(channel, SLC_FRAME_OPEN, type, fields, size);
	channel->opening = channel->output.used;
}

/* STATUS is the last frame: CREDIT that is owed must not come behind it. */
void write_status(struct channel *channel, uint32_t status, const void *fields, size_t size)
{
	drop_credit(channel);
	write_valued(channel, SLC_FRAME_STATUS, status, fields, size);
}

void write_cut(struct channel *channel)
{
	struct writing *out = &channel->slc->out;

	queue_keep(&channel->output, out->current == channel ? out->left : channel->opening);
	if (channel->is_turning && channel->output.used == 0) {
		TAILQ_REMOVE(&out->turns, channel, turn);
		channel->is_turning = false;
	}
	drop_credit(channel);
}

void write_cut_all(struct slc *slc)
{
	struct channel *channel, *next;

	for (channel = TAILQ_FIRST(&slc->out.turns); channel != NULL; channel = next) {
		next = TAILQ_NEXT(channel, turn);
		channel->opening = 0;
		write_cut(channel);
		channel_forget_if_done(channel);
	}
	while ((channel = TAILQ_FIRST(&slc->out.credits)) != NULL)
		write_cut(channel);
	slc->out.owes_ping = slc->out.owes_pong = false;
}
