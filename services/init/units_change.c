/* units_change: from one set of definitions to another, as a diff: see units.h. */
#include <string.h>

#include "runtime/kernel/log.h"
#include "services/init/units.h"

/* --- One unit --------------------------------------------------------------------------------- */

static bool has_process(const struct supervised *one)
{
	return one->all->busy[one - one->all->list] != 0;
}

struct supervised *units_take(struct supervised *one, uint32_t k)
{
	const struct unit_set *set = units_set(one->all);

	one->is_changed = false;
	memcpy(one->digest, set->list[k].digest, sizeof one->digest);
	memcpy(one->mark, set->list[k].mark, sizeof one->mark);
	one->fault = set->faults[k];
	if (unit_set_say(set, k) == 0)
		(void)unit_set_read(set, k, &one->file, &one->fault);
	one->output.is_shown = one->file.is_shown != 0;
	one->count = (struct restart_count){0};
	return one;
}

/* The new definition of one that runs no more. Who has failed, or was stopped, stays so. */
static void renew(struct supervised *one, uint32_t k, bool is_held)
{
	units_take(one, k);
	one->all->reached[one - one->all->list] = 0;
	if (one->all->has_groups && units_is_usable(one)) {
		group_drop(&one->file); /* with limits that the new definition may not have */
		group_make(&one->file);
	}
	if (!units_is_usable(one)) {
		units_step(one, UNIT_RESET, 0);
		units_step(one, UNIT_DISABLE, 0);
	} else if (one->machine.cs == UNIT_IN_DISABLED) {
		units_step(one, UNIT_ENABLE, 0);
		if (!is_held)
			units_step(one, UNIT_START, 0);
	}
}

/* Has it stop; what it waits for does not keep it. */
static void halt(struct supervised *one)
{
	if (has_process(one) && one->machine.cs != UNIT_IN_STOPPING) {
		one->wish = UNITS_STOP;
		units_reckon(one);
	} else {
		units_step(one, UNIT_STOP, 0);
	}
}

/* It was removed, and is there again before its process has ended. */
static void bring_back(struct supervised *one)
{
	one->is_removed = false;
	one->is_changed = true;
	if (one->machine.cs == UNIT_IN_STOPPING) {
		units_step(one, UNIT_RESTART, 0);
		return;
	}
	one->wish = UNITS_RETURN;
	units_reckon(one);
}

static void forget_edges(struct units *units, uint32_t i)
{
	size_t kept = 0;

	for (size_t k = 0; k < units->edge_count; k++)
		if (units->edges[k].before != i && units->edges[k].after != i)
			units->edges[kept++] = units->edges[k];
	units->edge_count = kept;
}

static void forget(struct supervised *one)
{
	struct units *units = one->all;
	uint32_t i = (uint32_t)(one - units->list);

	LOG(LOG_INFO, "a unit is forgotten", log_string("unit", one->file.name));
	timer_stop(&one->timer);
	ready_end(one);
	capture_drop(&one->output);
	unit_sockets_close(&one->sockets);
	if (units->has_groups)
		group_drop(&one->file);
	history_forget(&units->history, i);
	forget_edges(units, i);
	unit_init(&one->machine);
	units->reached[i] = 0;
	unit_file_begin(&one->file, "");
	one->is_changed = one->is_removed = one->is_spent = false;
	one->fault.word[0] = '\0';
	one->status = 0;
	one->starts = one->delay = 0;
	one->began = 0;
	one->wish = UNITS_STAY;
	one->cause = UNITS_STATUS;
	one->serial++;
	units_reckon(one);
	units_sort(units);
}

void units_catch_up(struct units *units)
{
	for (uint32_t i = 0; i < units->count; i++) {
		struct supervised *one = &units->list[i];

		if (has_process(one))
			continue;
		if (one->is_removed)
			forget(one);
		else if (one->is_changed)
			renew(one, unit_set_find(units_set(units), one->file.name), false);
	}
}

/* --- All of them ------------------------------------------------------------------------------ */

/* Those that leave together keep their order among themselves. */
static void keep_edges(struct units *units)
{
	size_t kept = 0;

	for (size_t k = 0; k < units->edge_count; k++)
		if (units->list[units->edges[k].before].is_removed &&
			units->list[units->edges[k].after].is_removed)
			units->edges[kept++] = units->edges[k];
	units->edge_count = kept;
}

static void add_edges(struct units *units)
{
	const struct unit_set *set = units_set(units);
	uint32_t places[UNITS_MAX] = {0};

	for (uint32_t i = 0; i < set->count; i++)
		places[i] = units_find(units, set->list[i].name);
	for (size_t k = 0; k < set->edge_count && units->edge_count < ORDER_EDGES_MAX; k++) {
		struct order_edge edge = set->edges[k];

		edge.before = places[edge.before];
		edge.after = places[edge.after];
		if (edge.before < units->count && edge.after < units->count)
			units->edges[units->edge_count++] = edge;
	}
}

/* Whether its process runs by what the new set says. */
static bool is_current(const struct supervised *one, const struct unit_set *new, uint32_t is)
{
	if (is == new->count)
		return false;
	return memcmp(one->digest, new->list[is].digest, DIGEST_SIZE) == 0 &&
	       (one->file.is_enabled != 0) == new->list[is].is_enabled;
}

static void change_one(struct supervised *one, const struct unit_set *old, const char *held)
{
	const char *name = one->file.name;
	const struct unit_set *new = units_set(one->all);
	uint32_t was = unit_set_find(old, name), is = unit_set_find(new, name);

	switch (diff_step(unit_set_change(old, was, new, is), one->is_removed, has_process(one),
		is_current(one, new, is))) {
	case DIFF_LEAVE:
		one->is_changed = false;
		break;
	case DIFF_RENEW:
		renew(one, is, held != NULL && strcmp(held, name) == 0);
		break;
	case DIFF_WAIT:
		one->is_changed = true;
		break;
	case DIFF_REMOVE:
		one->is_removed = true;
		halt(one);
		break;
	case DIFF_RETURN:
		bring_back(one);
		break;
	}
}

/* What requires was lost, or was never there, may be there now. */
static void try_denied(struct units *units)
{
	for (uint32_t i = 0; i < units->count; i++) {
		struct supervised *one = &units->list[i];

		if (one->machine.cs != UNIT_IN_FAILED || one->cause != UNITS_DENIED ||
			one->is_removed)
			continue;
		units_step(one, UNIT_RESET, 0);
		units_step(one, UNIT_START, 0);
	}
}

void units_change(struct units *units, const char *held)
{
	const struct unit_set *old = units_set(units), *new;

	units->current = 1u - units->current;
	new = units_set(units);
	for (uint32_t i = 0; i < units->count; i++)
		if (units->list[i].file.name[0] != '\0')
			change_one(&units->list[i], old, held);
	keep_edges(units);
	units_catch_up(units);
	for (uint32_t i = 0; i < new->count; i++) {
		struct supervised *one = NULL;

		if (units_find(units, new->list[i].name) == units->count)
			one = units_add(units, new->list[i].name);
		if (one == NULL)
			continue;
		units_take(one, i);
		if (units->has_groups && units_is_usable(one))
			group_make(&one->file);
		if (held == NULL || strcmp(held, one->file.name) != 0 || !units_is_usable(one))
			units_step(one, units_is_usable(one) ? UNIT_START : UNIT_DISABLE, 0);
	}
	add_edges(units);
	try_denied(units);
	units_advance(units);
}
