/* session_time: deadlines. Alarms are never cancelled: they carry the generation of their machine's
 * timer, and a machine ignores one that is not the newest. */
#include "runtime/channel/session_inside.h"

static uint64_t now_of(const struct slc *slc)
{
	return slc->options.clock->now(slc->options.clock->data);
}

void alarm_set(struct slc *slc, struct alarm *alarm, uint64_t nanoseconds, uint32_t generation)
{
	alarm->at = now_of(slc) + nanoseconds;
	alarm->generation = generation;
	if (alarm->at >= slc->next)
		return;
	slc->next = alarm->at;
	session_changed(slc);
}

uint64_t slc_deadline(struct slc *slc)
{
	slc->has_changed = false;
	return slc->next;
}

static bool is_due(struct alarm *alarm, uint64_t now)
{
	if (alarm->at > now)
		return false;
	alarm->at = NEVER;
	return true;
}

/* Looks at every alarm, but only when the earliest one is due; `next` may be too early, when an
 * alarm was set anew, and is never too late. */
void slc_tick(struct slc *slc)
{
	const uint64_t now = now_of(slc);

	if (now < slc->next)
		return;
	slc->next = NEVER;
	if (is_due(&slc->alarm, now))
		(void)session_feed(slc, SLC_SESSION_TIMEOUT, slc->alarm.generation, &nothing);
	for (uint32_t i = 0; i < slc->options.channels; i++) {
		struct channel *channel = &slc->places[i];

		if (is_due(&channel->alarm, now))
			(void)channel_feed(
				channel, SLC_CHANNEL_TIMEOUT, channel->alarm.generation, &nothing);
	}
	for (uint32_t i = 0; i < slc->options.channels; i++)
		if (slc->places[i].alarm.at < slc->next)
			slc->next = slc->places[i].alarm.at;
	if (slc->alarm.at < slc->next)
		slc->next = slc->alarm.at;
}

void slc_on_change(struct slc *slc, void (*changed)(void *data), void *data)
{
	slc->changed = changed;
	slc->changed_data = data;
}

void session_changed(struct slc *slc)
{
	if (slc->has_changed || slc->changed == NULL)
		return;
	slc->has_changed = true;
	slc->changed(slc->changed_data);
}
