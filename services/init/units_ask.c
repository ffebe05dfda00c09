/* units_ask: what an operator asks of one unit, and of those that it is bound to. */
#include <string.h>

#include "services/init/units.h"

uint32_t units_find(const struct units *units, const char *name)
{
	uint32_t i = 0;

	while (i < units->count && strcmp(units->list[i].file.name, name) != 0)
		i++;
	return i;
}

/* Sets of kinds of edges. */
#define KIND(NAME)  (1u << (unsigned)ORDER_##NAME)
#define STOPS_WITH  (KIND(REQUIRES) | KIND(BINDS))
#define NEEDS       (STOPS_WITH | KIND(MILESTONE))
#define STARTS_WITH (NEEDS | KIND(WANTS))

/* A milestone that was reached is not needed again. */
static bool counts(const struct units *units, const struct order_edge *edge, unsigned kinds)
{
	return (kinds >> edge->kind & 1u) != 0 &&
	       !(edge->kind == ORDER_MILESTONE && units->reached[edge->before] != 0);
}

/* Adds what edges of these kinds lead to from members of the set, as far as that goes: what comes
 * after them, or before them. */
static void spread(const struct units *units, uint8_t *set, unsigned kinds, bool to_later)
{
	bool more = true;

	while (more) {
		more = false;
		for (size_t k = 0; k < units->edge_count; k++) {
			const struct order_edge *edge = &units->edges[k];
			uint32_t from = to_later ? edge->before : edge->after;
			uint32_t to = to_later ? edge->after : edge->before;

			if (!counts(units, edge, kinds) || set[from] == 0 || set[to] != 0)
				continue;
			set[to] = 1;
			more = true;
		}
	}
}

static int check(const struct units *units, uint32_t i, struct fault *fault)
{
	const struct supervised *one = &units->list[i];

	if (units->is_stopping)
		return fault_set(fault, "stopping", "init is stopping all units");
	if (one->is_removed)
		return fault_set(fault, "unusable", "unit '%s' was removed, and is stopping",
			one->file.name);
	if (one->fault.word[0] != '\0')
		return fault_set(fault, "unusable", "unit '%s' can't be used: %.400s",
			one->file.name, one->fault.text);
	if (one->file.is_enabled == 0)
		return fault_set(fault, "unusable", "unit '%s' is not enabled: ServiceEnable",
			one->file.name);
	return 0;
}

/* What it requires must be there, or be what an operator has stopped. */
static int check_required(const struct units *units, uint32_t i, struct fault *fault)
{
	uint8_t set[UNITS_MAX] = {0};

	set[i] = 1;
	spread(units, set, NEEDS, false);
	for (uint32_t k = 0; k < units->count; k++) {
		const struct supervised *one = &units->list[k];

		if (k == i || set[k] == 0 ||
			(one->machine.cs != UNIT_IN_FAILED && one->machine.cs != UNIT_IN_DISABLED))
			continue;
		return fault_set(fault, "required",
			"unit '%s' requires '%s', which is lost: see `initctl why %s`",
			units->list[i].file.name, one->file.name, one->file.name);
	}
	return 0;
}

/* Whether an operator has stopped it, or is about to. */
static bool is_down(const struct supervised *one)
{
	return one->machine.cs == UNIT_IN_INACTIVE || one->wish != UNITS_STAY ||
	       (one->machine.cs == UNIT_IN_STOPPING && one->machine.then == UNIT_STAYS_DOWN);
}

static void wish(struct supervised *one, enum units_wish wish)
{
	one->wish = wish;
	units_reckon(one);
}

int units_ask_start(struct units *units, uint32_t i, struct fault *fault)
{
	uint8_t set[UNITS_MAX] = {0};

	set[i] = 1;
	spread(units, set, STARTS_WITH, false);
	if (check(units, i, fault) != 0 || check_required(units, i, fault) != 0)
		return -1;
	for (uint32_t k = 0; k < units->count; k++) {
		struct supervised *one = &units->list[k];

		if (set[k] == 0 || (k != i && !is_down(one)))
			continue;
		if (one->wish != UNITS_STAY) {
			wish(one, UNITS_RETURN);
			continue;
		}
		one->count = (struct restart_count){0};
		units_step(one, UNIT_RESET, 0);
		units_step(one, UNIT_START, 0);
	}
	units_advance(units);
	return 0;
}

static int halt(struct units *units, uint32_t i, bool returns, struct fault *fault)
{
	uint8_t set[UNITS_MAX] = {0};

	if (check(units, i, fault) != 0)
		return -1;
	set[i] = 1;
	spread(units, set, STOPS_WITH, true);
	for (uint32_t k = 0; k < units->count; k++) {
		struct supervised *one = &units->list[k];

		if (set[k] == 0)
			continue;
		if (units->busy[k] != 0 && one->machine.cs != UNIT_IN_STOPPING)
			wish(one, returns ? UNITS_RETURN : UNITS_STOP);
		else if (!returns || units->busy[k] != 0)
			units_step(one, returns ? UNIT_RESTART : UNIT_STOP, 0);
	}
	units_advance(units);
	return 0;
}

int units_ask_stop(struct units *units, uint32_t i, struct fault *fault)
{
	return halt(units, i, false, fault);
}

int units_ask_restart(struct units *units, uint32_t i, struct fault *fault)
{
	if (units->busy[i] == 0)
		return units_ask_start(units, i, fault);
	return halt(units, i, true, fault);
}

int units_ask_reset(struct units *units, uint32_t i, struct fault *fault)
{
	if (check(units, i, fault) != 0)
		return -1;
	units->list[i].count = (struct restart_count){0};
	units_step(&units->list[i], UNIT_RESET, 0);
	units_advance(units);
	return 0;
}

enum units_outcome units_asked_start(const struct units *units, uint32_t i)
{
	const struct supervised *one = &units->list[i];

	if (one->machine.cs == UNIT_IN_BACKOFF)
		return UNITS_FAILED;
	if (units->standings[i] == ORDER_WAITING)
		return UNITS_LATER;
	return units->standings[i] == ORDER_LOST ? UNITS_FAILED : UNITS_DONE;
}

enum units_outcome units_asked_stop(const struct units *units, uint32_t i)
{
	uint8_t set[UNITS_MAX] = {0};

	set[i] = 1;
	spread(units, set, STOPS_WITH, true);
	for (uint32_t k = 0; k < units->count; k++)
		if (set[k] != 0 && units->busy[k] != 0)
			return UNITS_LATER;
	return UNITS_DONE;
}
