/* session_output: what the transport is to write next, and what it has written.
 *
 * Nothing is committed by being listed: first the rest of a frame begun, then the control queue,
 * then one frame of each channel in turn, and a channel's turn is over when its frame was written.
 */
#include "runtime/channel/session_inside.h"

/* --- Listing ---------------------------------------------------------------------------------- */

struct list {
	struct iovec *parts;
	unsigned count, most;
};

/* Lists one thing in at most two parts. False: there is no place. */
static bool add(struct slc *slc, struct list *list, struct pick pick, size_t at)
{
	struct writing *out = &slc->out;
	const struct queue *queue = pick.channel != NULL ? &pick.channel->output : &out->control;

	if (out->picked == PICKS_MAX || list->most - list->count < 2)
		return false;
	list->count += queue_parts(queue, at + pick.prefix, pick.size, list->parts + list->count);
	out->picks[out->picked++] = pick;
	return true;
}

/* Lists the next frame of a channel. */
static bool add_frame(struct slc *slc, struct list *list, struct channel *channel)
{
	struct pick pick = {.channel = channel, .prefix = sizeof(uint32_t)};
	uint32_t size;

	queue_copy(&channel->output, channel->picked, &size, sizeof size);
	pick.size = size;
	if (!add(slc, list, pick, channel->picked))
		return false;
	channel->picked += pick.prefix + pick.size;
	return true;
}

/* Lists one frame more of each channel. False: there was none, or no place. */
static bool add_turn(struct slc *slc, struct list *list)
{
	struct channel *channel = TAILQ_FIRST(&slc->out.turns);
	bool goes_on = false;

	for (; channel != NULL; channel = TAILQ_NEXT(channel, turn)) {
		if (channel->picked == channel->output.used)
			continue;
		if (!add_frame(slc, list, channel))
			return false;
		goes_on = true;
	}
	return goes_on;
}

static void add_turns(struct slc *slc, struct list *list)
{
	struct channel *channel = TAILQ_FIRST(&slc->out.turns);

	for (; channel != NULL; channel = TAILQ_NEXT(channel, turn))
		channel->picked = channel == slc->out.current ? slc->out.left : 0;
	while (add_turn(slc, list)) {
	}
}

unsigned slc_output(struct slc *slc, struct iovec *parts, unsigned most)
{
	struct writing *out = &slc->out;
	struct list list = {.parts = parts, .most = most};

	out->picked = 0;
	if (out->is_closed)
		return 0;
	write_owed(slc);
	if (out->current != NULL)
		(void)add(slc, &list, (struct pick){.channel = out->current, .size = out->left}, 0);
	if (out->control.used > 0)
		(void)add(slc, &list, (struct pick){.size = out->control.used}, 0);
	add_turns(slc, &list);
	return list.count;
}

/* --- Written ---------------------------------------------------------------------------------- */

static void frame_written(struct slc *slc, const struct pick *pick, size_t size)
{
	struct writing *out = &slc->out;
	struct channel *channel = pick->channel;

	queue_drop(&channel->output, pick->prefix + size);
	channel->opening = 0;
	out->left = pick->size - size;
	out->current = out->left > 0 ? channel : NULL;
	if (out->left > 0)
		return;
	TAILQ_REMOVE(&out->turns, channel, turn);
	channel->is_turning = channel->output.used > 0;
	if (channel->is_turning)
		TAILQ_INSERT_TAIL(&out->turns, channel, turn);
	if (!channel->is_waking)
		TAILQ_INSERT_TAIL(&out->wakes, channel, waking);
	channel->is_waking = true;
}

/* Channels of which a frame was written may be done, or have room again. */
static void wake_all(struct slc *slc)
{
	struct channel *channel;

	while ((channel = TAILQ_FIRST(&slc->out.wakes)) != NULL) {
		TAILQ_REMOVE(&slc->out.wakes, channel, waking);
		channel->is_waking = false;
		channel_forget_if_done(channel);
		channel_wake(channel);
	}
}

void slc_written(struct slc *slc, size_t size)
{
	struct writing *out = &slc->out;

	for (unsigned i = 0; i < out->picked && size > 0; i++) {
		const struct pick *pick = &out->picks[i];
		size_t done = size < pick->size ? size : pick->size;

		if (pick->channel == NULL)
			queue_drop(&out->control, done);
		else
			frame_written(slc, pick, done);
		size -= done;
	}
	out->picked = 0;
	wake_all(slc);
	reading_run(slc); /* it may have stopped for want of room in the control queue */
}

bool slc_is_silent(const struct slc *slc)
{
	return slc->out.is_last && slc->out.control.used == 0 && slc->out.current == NULL;
}

/* --- Room ------------------------------------------------------------------------------------- */

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t channel_space(const struct channel *channel)
{
	const size_t kept = RECORD_SIZE + OUTPUT_RESERVE;
	const size_t room = queue_free(&channel->output);
	const struct slc *slc = channel->slc;
	size_t space = room > kept ? room - kept : 0;

	space = smaller(space, smaller(slc->peer.limit, slc->options.frame));
	return smaller(space, channel->machine.send_credit);
}

void channel_wake(struct channel *channel)
{
	if (!channel->wants_room || channel->machine.send_credit == 0 ||
		queue_free(&channel->output) < channel->slc->options.output / 2 + OUTPUT_RESERVE)
		return;
	channel->wants_room = false;
	if (channel->events->writable != NULL)
		channel->events->writable(channel);
}
