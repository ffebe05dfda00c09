/* units: see units.h. What becomes of them together; of one of them: units_life.c. */
#include "services/init/units.h"

#include <stddef.h>
#include <string.h>

#include "runtime/kernel/log.h"

static bool is_in(const struct supervised *one, int state)
{
	return one->machine.cs == state;
}

/* --- Who goes on ------------------------------------------------------------------------------ */

struct order_view units_view(const struct units *units)
{
	return (struct order_view){units->standings, units->reached, units->count};
}

static void start_or_give_up(struct units *units, uint32_t i)
{
	const struct order_view view = units_view(units);
	struct supervised *one = &units->list[i];

	switch (order_may_start(units->edges, units->edge_count, &view, i)) {
	case ORDER_NOW:
		units_step(one, UNIT_CLEAR, 0);
		break;
	case ORDER_NEVER:
		one->cause = UNITS_DENIED;
		units_step(one, UNIT_DENY, 0);
		LOG(LOG_ERROR, "a unit is not started: what it requires is lost",
			log_string("unit", one->file.name));
		break;
	case ORDER_LATER:
		break;
	}
}

static bool is_to_stop(const struct units *units, uint32_t i)
{
	return units->busy[i] != 0 && (units->is_stopping || units->list[i].wish != UNITS_STAY);
}

/* Only what is to stop too may hold up a unit's stop. */
static bool may_stop(const struct units *units, uint32_t i)
{
	uint8_t busy[UNITS_MAX] = {0};

	for (uint32_t k = 0; k < units->count; k++)
		busy[k] = is_to_stop(units, k) || is_in(&units->list[k], UNIT_IN_STOPPING);
	return order_may_stop(units->edges, units->edge_count, busy, units->count, i);
}

static void stop(struct supervised *one)
{
	bool returns = one->wish > UNITS_STOP && !one->all->is_stopping;

	one->wish = UNITS_STAY;
	units_step(one, returns ? UNIT_RESTART : UNIT_STOP, 0);
}

/* Has it stop, and start again when it may, where something that it is bound to is not up. True
 * where it did. */
static bool mind_bonds(struct units *units, uint32_t i)
{
	const struct order_view view = units_view(units);
	struct supervised *one = &units->list[i];

	if (units->is_stopping || one->wish != UNITS_STAY ||
		!(is_in(one, UNIT_IN_STARTING) || is_in(one, UNIT_IN_READY)) ||
		!order_must_stop(units->edges, units->edge_count, &view, i))
		return false;
	LOG(LOG_WARNING, "a unit is stopped: what it is bound to is not up",
		log_string("unit", one->file.name));
	one->wish = UNITS_RETURN_BOUND;
	units_reckon(one);
	return true;
}

/* As far as it goes, before any of them stops: whoever is bound to one of these stops before it. */
static void mind_all_bonds(struct units *units)
{
	bool more = true;

	while (more) {
		more = false;
		for (uint32_t k = 0; k < units->sorted_count; k++)
			more |= mind_bonds(units, units->sorted[k]);
	}
}

static bool waits(const struct supervised *one)
{
	return is_in(one, UNIT_IN_BLOCKED) || is_in(one, UNIT_IN_BACKOFF);
}

/* In the order of names, until nothing moves any more. */
void units_advance(struct units *units)
{
	if (units->is_moving)
		return;
	units->is_moving = true;
	do {
		units->has_moved = false;
		units_catch_up(units);
		mind_all_bonds(units);
		for (uint32_t k = 0; k < units->sorted_count; k++) {
			uint32_t i = units->sorted[k];

			if (is_to_stop(units, i)) {
				if (may_stop(units, i))
					stop(&units->list[i]);
			} else if (units->is_stopping && waits(&units->list[i])) {
				units_step(&units->list[i], UNIT_STOP, 0);
			} else if (is_in(&units->list[i], UNIT_IN_BLOCKED)) {
				start_or_give_up(units, i);
			}
		}
	} while (units->has_moved);
	units->is_moving = false;
	units->changed(units);
}

void units_want(struct units *units)
{
	for (uint32_t i = 0; i < units->count; i++)
		units_step(&units->list[i],
			units_is_usable(&units->list[i]) ? UNIT_START : UNIT_DISABLE, 0);
}

static struct capture *capture_at(struct captures *captures, uint32_t number)
{
	struct units *units = (struct units *)((char *)captures - offsetof(struct units, captures));

	return number < units->count ? &units->list[number].output : NULL;
}

void units_open(struct units *units)
{
	units->captures.loop = units->loop;
	units->captures.at = capture_at;
	captures_open(&units->captures);
}

void units_start(struct units *units)
{
	for (uint32_t i = 0; i < units->count; i++)
		units->list[i].output.is_shown = units->list[i].file.is_shown != 0;
	for (uint32_t i = 0; i < units->count && units->has_groups; i++)
		if (units_is_usable(&units->list[i]))
			group_make(&units->list[i].file);
	units_advance(units);
}

void units_stop(struct units *units)
{
	units->is_stopping = true;
	units_advance(units);
}

uint32_t units_sequence(const struct units *units, uint32_t order[UNITS_MAX])
{
	uint8_t standings[UNITS_MAX];
	const struct order_view view = {standings, units->reached, units->count};
	uint32_t count = 0, i = 0;

	memcpy(standings, units->standings, sizeof standings);
	while (i < units->count) {
		enum order_verdict verdict = ORDER_LATER;

		if (standings[i] == ORDER_WAITING)
			verdict = order_may_start(units->edges, units->edge_count, &view, i);
		if (verdict == ORDER_NOW)
			order[count++] = i;
		if (verdict != ORDER_LATER)
			standings[i] = verdict == ORDER_NOW ? ORDER_UP : ORDER_LOST;
		i = verdict == ORDER_LATER ? i + 1u : 0u; /* who comes before may start now */
	}
	return count;
}

struct units_sum units_sum(const struct units *units)
{
	struct units_sum sum = {0};

	for (uint32_t i = 0; i < units->count; i++) {
		sum.busy += units->busy[i];
		if (units->list[i].is_removed || is_in(&units->list[i], UNIT_IN_INACTIVE) ||
			(units->list[i].fault.word[0] == '\0' &&
				is_in(&units->list[i], UNIT_IN_DISABLED)))
			continue;
		sum.waiting += units->standings[i] == ORDER_WAITING;
		sum.up += units->standings[i] == ORDER_UP;
		sum.done += units->standings[i] == ORDER_DONE;
		sum.lost += units->standings[i] == ORDER_LOST;
	}
	return sum;
}

bool units_own(const struct units *units, pid_t pid)
{
	for (uint32_t i = 0; i < units->count; i++)
		if (units->list[i].child.pid == pid ||
			units->list[i].ready.probe.child.pid == pid ||
			units->list[i].stopper.child.pid == pid)
			return true;
	return false;
}
