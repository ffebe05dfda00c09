/* units: see units.h. */
#include "services/init/units.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>

#include "runtime/kernel/log.h"
#include "runtime/kernel/machine.h"

MACHINE_EVENTS(unit)

#define START_SECONDS 30u /* for a process to exec its program */

/* What a machine's state means for others. How one stands that has no process any more is decided
 * when it ends. */
static const uint8_t has_process[] = {
	[UNIT_IN_STARTING] = 1, [UNIT_IN_UP] = 1, [UNIT_IN_STOPPING] = 1};
static const uint8_t is_up[] = {[UNIT_IN_UP] = 1};
static const uint8_t is_told_to_end[] = {[UNIT_IN_STOPPING] = 1};
static const uint8_t has_failed[] = {[UNIT_IN_FAILED] = 1};

static uint32_t place_of(const struct supervised *one)
{
	return (uint32_t)(one - one->all->list);
}

static bool at(const uint8_t *table, size_t size, const struct supervised *one)
{
	return (size_t)one->machine.cs < size && table[one->machine.cs] != 0;
}
#define AT(TABLE, ONE) at(TABLE, sizeof(TABLE), ONE)

/* --- One unit --------------------------------------------------------------------------------- */

static void signal_group(struct supervised *one, int number)
{
	struct fault fault = {0};

	if (child_signal_group(&one->child, number, &fault) != 0)
		log_fault(LOG_WARNING, "a unit could not be signalled", &fault);
}

/* Who has left the unit's session too. */
static void kill_rest(const struct supervised *one)
{
	if (one->all->has_groups)
		group_kill(&one->file);
}

static void spawn(struct supervised *one)
{
	struct fault fault = {0};

	if ((one->all->keeps_console || capture_start(&one->output, &fault) == 0) &&
		unit_spawn(one, &fault) == 0)
		return;
	one->status = 125;
	LOG(LOG_ERROR, "a unit can't be started", log_string("unit", one->file.name),
		log_string("reason", fault.word), log_string("fault", fault.text));
	units_step(one, UNIT_NO_PROCESS, 0);
}

static void arm(struct supervised *one)
{
	uint64_t seconds = AT(is_told_to_end, one) ? one->file.stop_seconds : START_SECONDS;

	one->generation = one->machine.timer;
	timer_start(&one->timer, one->all->loop, seconds * CLOCK_SECOND);
}

/* A process has ended, or there is none: is there another try? */
static void settle(struct supervised *one)
{
	struct units *units = one->all;
	bool failed = AT(has_failed, one);
	uint64_t lived = one->began == 0 ? 0 : loop_now(units->loop) - one->began;
	uint32_t delay = 0;

	timer_stop(&one->timer);
	if (one->is_halting) {
		units->standings[place_of(one)] = one->returns ? ORDER_WAITING : ORDER_LOST;
		one->is_halted = !one->returns;
		one->is_halting = one->returns = false;
	} else if (restart_again(&one->file.restart, !units->is_stopping, !failed,
			   lived / CLOCK_MILLISECOND, &delay)) {
		units->standings[place_of(one)] = ORDER_WAITING;
		timer_start(&one->again, units->loop, delay * CLOCK_MILLISECOND);
	} else {
		units->standings[place_of(one)] = failed ? ORDER_LOST : ORDER_DONE;
	}
	LOG(failed ? LOG_WARNING : LOG_INFO, failed ? "a unit has failed" : "a unit has ended",
		log_string("unit", one->file.name), log_number("status", one->status),
		log_number("again_ms", delay));
	one->began = 0;
}

static void tell(struct supervised *one)
{
	if (AT(is_up, one))
		one->all->standings[place_of(one)] = ORDER_UP;
	one->all->has_moved = true;
}

/* One event and what it asks for; the effects in the order of their bits. */
void units_step(struct supervised *one, enum unit_event event, uint32_t n)
{
	int before = one->machine.cs;
	uint32_t effects = unit_drive(&one->machine, place_of(one), event, n);

	if (one->machine.cs != before)
		history_add(&one->all->history, loop_clock(one->all->loop), place_of(one), before,
			one->machine.cs);
	one->all->busy[place_of(one)] = AT(has_process, one);
	if ((effects & UNIT_DO_TERM) != 0u) {
		signal_group(one, SIGTERM);
		signal_group(one, SIGCONT);
	}
	if ((effects & UNIT_DO_KILL) != 0u) {
		signal_group(one, SIGKILL);
		kill_rest(one);
	}
	if ((effects & UNIT_DO_ARM) != 0u)
		arm(one);
	if ((effects & UNIT_DO_TELL) != 0u)
		tell(one);
	if (event == UNIT_EXITED || event == UNIT_NO_PROCESS)
		settle(one);
	if ((effects & UNIT_DO_SPAWN) != 0u)
		spawn(one);
}

/* --- All of them ------------------------------------------------------------------------------ */

static void start_or_give_up(struct units *units, uint32_t i)
{
	struct supervised *one = &units->list[i];

	switch (order_may_start(
		units->edges, units->edge_count, units->standings, units->count, i)) {
	case ORDER_NOW:
		if (AT(has_failed, one))
			units_step(one, UNIT_RESET, 0); /* the policy has another try */
		units_step(one, UNIT_START, 0);
		break;
	case ORDER_NEVER:
		units->standings[i] = ORDER_LOST;
		units->has_moved = true;
		LOG(LOG_ERROR, "a unit is not started: what it requires is lost",
			log_string("unit", one->file.name));
		break;
	case ORDER_LATER:
		break;
	}
}

static bool is_to_stop(const struct units *units, uint32_t i)
{
	return units->busy[i] != 0 && (units->is_stopping || units->list[i].is_halting);
}

/* Only what is to stop too may hold up a unit's stop. */
static bool may_stop(const struct units *units, uint32_t i)
{
	uint8_t busy[UNITS_MAX] = {0};

	for (uint32_t k = 0; k < units->count; k++)
		busy[k] = is_to_stop(units, k);
	return order_may_stop(units->edges, units->edge_count, busy, units->count, i);
}

/* In the order of names, until nothing moves any more. */
void units_advance(struct units *units)
{
	if (units->is_moving)
		return;
	units->is_moving = true;
	do {
		units->has_moved = false;
		for (uint32_t i = 0; i < units->count; i++)
			if (is_to_stop(units, i)) {
				if (may_stop(units, i))
					units_step(&units->list[i], UNIT_STOP, 0);
			} else if (!units->is_stopping && units->busy[i] == 0 &&
				   units->standings[i] == ORDER_WAITING &&
				   units->list[i].again.loop == NULL) {
				start_or_give_up(units, i);
			}
	} while (units->has_moved);
	units->is_moving = false;
	units->changed(units);
}

static void deliver(struct supervised *one, enum unit_event event, uint32_t n)
{
	units_step(one, event, n);
	units_advance(one->all);
}

static struct supervised *of_child(struct child *child)
{
	return (struct supervised *)((char *)child - offsetof(struct supervised, child));
}

static void started(struct child *child)
{
	struct supervised *one = of_child(child);

	one->began = loop_now(one->all->loop);
	one->starts++;
	LOG(LOG_INFO, "a unit is up", log_string("unit", one->file.name),
		log_number("pid", child->pid));
	deliver(one, UNIT_SPAWNED, 0);
}

static void failed(struct child *child, const struct fault *fault)
{
	struct supervised *one = of_child(child);

	one->status = 125;
	if (strcmp(fault->word, "not_found") == 0)
		one->status = 127;
	else if (strcmp(fault->word, "not_executable") == 0)
		one->status = 126;
	LOG(LOG_ERROR, "a unit can't be started", log_string("unit", one->file.name),
		log_string("reason", fault->word), log_string("fault", fault->text));
	deliver(one, UNIT_EXITED, (uint32_t)one->status);
}

/* What is left of its group goes with it: the zombie still keeps the group's number. */
static void ended(struct child *child, int code_or_signal, bool was_signal)
{
	struct supervised *one = of_child(child);
	struct fault fault = {0};

	(void)child_signal_group(child, SIGKILL, &fault);
	kill_rest(one);
	child_reap(child);
	capture_end(&one->output);
	one->status = was_signal ? 128 + code_or_signal : code_or_signal;
	deliver(one, UNIT_EXITED, (uint32_t)one->status);
}

static void fired(struct timer *timer)
{
	struct supervised *one =
		(struct supervised *)((char *)timer - offsetof(struct supervised, timer));

	deliver(one, UNIT_TIMEOUT, one->generation);
}

static void try_again(struct timer *timer)
{
	units_advance(
		((struct supervised *)((char *)timer - offsetof(struct supervised, again)))->all);
}

struct supervised *units_add(struct units *units, const char *name)
{
	struct supervised *one;

	if (units->count == UNITS_MAX)
		return NULL;
	one = &units->list[units->count++];
	one->all = units;
	unit_init(&one->machine);
	unit_file_begin(&one->file, name);
	one->child.started = started;
	one->child.failed = failed;
	one->child.ended = ended;
	one->timer.fired = fired;
	one->again.fired = try_again;
	one->output.all = &units->captures;
	one->output.file.unit = one->file.name;
	one->output.file.limits = &one->file.logs;
	return one;
}

static struct capture *capture_at(struct captures *captures, uint32_t number)
{
	struct units *units = (struct units *)((char *)captures - offsetof(struct units, captures));

	return number < units->count ? &units->list[number].output : NULL;
}

void units_start(struct units *units)
{
	units->captures.loop = units->loop;
	units->captures.at = capture_at;
	captures_open(&units->captures);
	for (uint32_t i = 0; i < units->count; i++)
		units->list[i].output.is_shown = units->list[i].file.is_shown != 0;
	for (uint32_t i = 0; i < units->count && units->has_groups; i++)
		if (units->standings[i] == ORDER_WAITING)
			group_make(&units->list[i].file);
	units_advance(units);
}

void units_stop(struct units *units)
{
	units->is_stopping = true;
	for (uint32_t i = 0; i < units->count; i++)
		timer_stop(&units->list[i].again);
	units_advance(units);
}

uint32_t units_sequence(const struct units *units, uint32_t order[UNITS_MAX])
{
	uint8_t standings[UNITS_MAX];
	uint32_t count = 0, i = 0;

	memcpy(standings, units->standings, sizeof standings);
	while (i < units->count) {
		enum order_verdict verdict = ORDER_LATER;

		if (standings[i] == ORDER_WAITING)
			verdict = order_may_start(
				units->edges, units->edge_count, standings, units->count, i);
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
		if (units->list[i].file.is_enabled == 0 || units->list[i].is_halted)
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
		if (units->list[i].child.pid == pid)
			return true;
	return false;
}
