/* units_life: one unit. What its machine asks for is performed, and what happens to its process is
 * told to the machine. */
#include <signal.h>
#include <stddef.h>
#include <string.h>

#include "runtime/kernel/log.h"
#include "runtime/kernel/machine.h"
#include "services/init/mark.h"
#include "services/init/units.h"

MACHINE_EVENTS(unit)

/* What a machine's state means for others. */
static const uint8_t standing_of[] = {
	[UNIT_IN_INACTIVE] = ORDER_LOST,
	[UNIT_IN_BLOCKED] = ORDER_WAITING,
	[UNIT_IN_STARTING] = ORDER_WAITING,
	[UNIT_IN_READY] = ORDER_UP,
	[UNIT_IN_STOPPING] = ORDER_WAITING,
	[UNIT_IN_BACKOFF] = ORDER_WAITING,
	[UNIT_IN_FAILED] = ORDER_LOST,
	[UNIT_IN_DONE] = ORDER_DONE,
	[UNIT_IN_DISABLED] = ORDER_LOST,
};

static uint32_t place_of(const struct supervised *one)
{
	return (uint32_t)(one - one->all->list);
}

static bool is_in(const struct supervised *one, int state)
{
	return one->machine.cs == state;
}

void units_reckon(struct supervised *one)
{
	uint32_t i = place_of(one);

	one->all->busy[i] = is_in(one, UNIT_IN_STARTING) || is_in(one, UNIT_IN_READY) ||
			    is_in(one, UNIT_IN_STOPPING);
	if (is_in(one, UNIT_IN_READY) || is_in(one, UNIT_IN_DONE))
		one->all->reached[i] = 1;
	else if (is_in(one, UNIT_IN_DISABLED))
		one->all->reached[i] = 0;
	one->all->standings[i] =
		one->wish != UNITS_STAY ? ORDER_WAITING : standing_of[one->machine.cs];
}

bool units_is_usable(const struct supervised *one)
{
	return one->fault.word[0] == '\0' && one->file.is_enabled != 0;
}

/* Whether no process will follow by itself. */
static bool is_at_rest(const struct supervised *one)
{
	uint8_t standing = one->all->standings[place_of(one)];

	return standing == ORDER_LOST || standing == ORDER_DONE;
}

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

void units_kill(struct units *units)
{
	for (uint32_t i = 0; i < units->count; i++) {
		struct supervised *one = &units->list[i];

		helper_give_up(&one->stopper);
		helper_give_up(&one->ready.probe);
		if (one->child.pid == 0)
			continue;
		signal_group(one, SIGKILL);
		kill_rest(one);
	}
}

static void arm(struct supervised *one)
{
	uint64_t milliseconds = unit_file_start_seconds(&one->file) * UINT64_C(1000);

	if (is_in(one, UNIT_IN_STOPPING))
		milliseconds = one->file.stop_seconds * UINT64_C(1000);
	else if (is_in(one, UNIT_IN_BACKOFF))
		milliseconds = one->delay;
	one->generation = one->machine.timer;
	timer_start(&one->timer, one->all->loop, milliseconds * CLOCK_MILLISECOND);
}

/* A process has ended, or there is none: what comes of it. */
static void end_process(struct supervised *one, int status)
{
	struct units *units = one->all;
	bool fails = is_in(one, UNIT_IN_STOPPING) && one->machine.then == UNIT_AS_FAILED;
	bool is_early = is_in(one, UNIT_IN_STARTING) && one->file.life.type != UNIT_TYPE_ONESHOT;
	bool success = status == 0 && !is_early && !fails, wanted;
	uint64_t now = loop_now(units->loop), lived = one->began == 0 ? 0 : now - one->began;
	enum restart_verdict verdict;

	if (one->wish == UNITS_RETURN_BOUND && !success)
		one->wish =
			UNITS_STAY; /* it has failed by itself, before anybody told it to stop */
	wanted = !units->is_stopping && one->wish == UNITS_STAY &&
		 (fails || !is_in(one, UNIT_IN_STOPPING));
	one->delay = 0;
	one->status = status;
	verdict = restart_verdict(&one->file.restart, &one->count, wanted, success,
		lived / CLOCK_MILLISECOND, now / CLOCK_MILLISECOND, &one->delay);
	if (!fails)
		one->cause = is_early && status == 0 ? UNITS_EARLY : UNITS_STATUS;
	one->is_spent = verdict == RESTART_SPENT;
	ready_end(one);
	helper_give_up(&one->stopper);
	units_step(one, UNIT_EXITED,
		verdict == RESTART_AGAIN              ? UNIT_AGAIN
		: success && verdict == RESTART_STAYS ? UNIT_WELL
						      : UNIT_BADLY);
	one->began = 0;
	fails = is_in(one, UNIT_IN_FAILED) || (is_in(one, UNIT_IN_BACKOFF) && !success);
	LOG(fails ? LOG_WARNING : LOG_INFO, fails ? "a unit has failed" : "a unit has ended",
		log_string("unit", one->file.name), log_number("status", status),
		log_number("again_ms", one->delay));
}

/* What was wished came too late for the process: it has ended by itself. */
static void fulfil(struct supervised *one)
{
	enum units_wish wish = one->wish;

	one->wish = UNITS_STAY;
	if (wish == UNITS_STAY)
		return;
	units_step(one, UNIT_RESET, 0);
	units_step(one, wish == UNITS_STOP ? UNIT_STOP : UNIT_START, 0);
}

/* It was told to end for another reason, while a wish waited: from here on the machine knows what
 * an operator has asked for; who was only bound has failed. */
static void hand_over(struct supervised *one)
{
	enum units_wish wish = one->wish;

	one->wish = UNITS_STAY;
	if (wish == UNITS_STOP || wish == UNITS_RETURN)
		units_step(one, wish == UNITS_STOP ? UNIT_STOP : UNIT_RESTART, 0);
}

bool units_may_spawn(struct supervised *one, bool is_helper, struct fault *fault)
{
	bool is_told = is_helper && one->is_told;
	uint8_t mark[DIGEST_SIZE];

	if (one->all->guard == UNITS_UNGUARDED)
		return true;
	mark_files(mark, &one->file);
	one->is_told = memcmp(mark, one->mark, sizeof mark) != 0;
	if (!one->is_told)
		return true;
	if (!is_told)
		LOG(LOG_WARNING,
			"a unit's program or variables are others than those that were measured",
			log_string("unit", one->file.name),
			log_boolean("refused", one->all->guard == UNITS_REFUSED));
	if (one->all->guard != UNITS_REFUSED)
		return true;
	(void)fault_set(fault, "changed",
		"its program or variables are others than those that were measured");
	return false;
}

static void spawn(struct supervised *one)
{
	struct fault fault = {0};
	bool may = units_may_spawn(one, false, &fault);

	if (may && (one->all->keeps_console || capture_start(&one->output, &fault) == 0) &&
		ready_prepare(one, &fault) == 0 && unit_spawn(one, &fault) == 0) {
		ready_spawned(one);
		return;
	}
	LOG(LOG_ERROR, "a unit can't be started", log_string("unit", one->file.name),
		log_string("reason", fault.word), log_string("fault", fault.text));
	end_process(one, 125);
	if (!may)
		one->cause = UNITS_OTHER;
}

static void asked(struct helper *helper, bool well)
{
	struct supervised *one = helper->one;

	if (!well)
		LOG(LOG_WARNING, "ExecStop of a unit has failed",
			log_string("unit", one->file.name));
	units_step(one, UNIT_ASKED, one->asked);
	units_advance(one->all);
}

/* ExecStop of an earlier process may still be ending: then there is none. */
static void ask(struct supervised *one)
{
	one->asked = one->generation;
	if (one->file.life.stop.count > 0 && !helper_runs(&one->stopper))
		helper_start(&one->stopper, &one->file.life.stop);
	else
		units_step(one, UNIT_ASKED, one->asked);
}

/* What the machine asks for; an effect that answers comes last. */
static void perform(struct supervised *one, uint32_t effects)
{
	if ((effects & UNIT_DO_TERM) != 0u) {
		signal_group(one, (int)one->file.life.stop_signal);
		signal_group(one, SIGCONT);
	}
	if ((effects & UNIT_DO_KILL) != 0u) {
		helper_give_up(&one->stopper);
		signal_group(one, SIGKILL);
		kill_rest(one);
	}
	if ((effects & UNIT_DO_ARM) != 0u)
		arm(one);
	if ((effects & UNIT_DO_ASK) != 0u)
		ask(one);
	if ((effects & UNIT_DO_SPAWN) != 0u)
		spawn(one);
}

/* What begins and ends with a state. */
static void entered(struct supervised *one, int before)
{
	if ((before == UNIT_IN_STARTING || before == UNIT_IN_READY) && !is_in(one, UNIT_IN_READY))
		ready_end(one);
	if (is_in(one, UNIT_IN_STOPPING))
		hand_over(one);
	if (is_in(one, UNIT_IN_READY)) {
		LOG(LOG_INFO, "a unit is up", log_string("unit", one->file.name),
			log_number("pid", one->child.pid));
		ready_watch(one);
	}
	if (is_in(one, UNIT_IN_FAILED) && one->file.life.on_failure != UNIT_FAILURE_NONE &&
		one->wish == UNITS_STAY && !one->all->is_stopping)
		one->all->ends(one->all, (enum unit_on_failure)one->file.life.on_failure);
}

void units_step(struct supervised *one, enum unit_event event, uint32_t n)
{
	struct units *units = one->all;
	int before = one->machine.cs;
	uint32_t effects = unit_drive(&one->machine, place_of(one), event, n);

	units_reckon(one);
	if (one->machine.cs != before) {
		units->has_moved = true;
		timer_stop(&one->timer);
		if (is_at_rest(one))
			unit_sockets_close(&one->sockets);
		if (units->loop != NULL)
			history_add(&units->history, loop_wall(units->loop), place_of(one), before,
				one->machine.cs);
	}
	if (one->machine.cs != before)
		entered(one, before);
	perform(one, effects);
}

/* --- What happens ----------------------------------------------------------------------------- */

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
	ready_begin(one);
	units_advance(one->all);
}

static void ended_with(struct supervised *one, int status)
{
	end_process(one, status);
	fulfil(one);
	units_advance(one->all);
}

static void failed(struct child *child, const struct fault *fault)
{
	struct supervised *one = of_child(child);
	int status = 125;

	if (strcmp(fault->word, "not_found") == 0)
		status = 127;
	else if (strcmp(fault->word, "not_executable") == 0)
		status = 126;
	LOG(LOG_ERROR, "a unit can't be started", log_string("unit", one->file.name),
		log_string("reason", fault->word), log_string("fault", fault->text));
	ended_with(one, status);
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
	ended_with(one, was_signal ? 128 + code_or_signal : code_or_signal);
}

static void fired(struct timer *timer)
{
	struct supervised *one =
		(struct supervised *)((char *)timer - offsetof(struct supervised, timer));

	if (is_in(one, UNIT_IN_STARTING))
		one->cause = UNITS_SLOW;
	deliver(one, UNIT_TIMEOUT, one->generation);
}

struct supervised *units_add(struct units *units, const char *name)
{
	struct supervised *one = units_place(units);

	if (one == NULL)
		return NULL;
	one->all = units;
	unit_init(&one->machine);
	unit_file_begin(&one->file, name);
	one->is_spent = false;
	one->stopper.one = one;
	one->stopper.ended = asked;
	ready_set_up(one);
	one->child.started = started;
	one->child.failed = failed;
	one->child.ended = ended;
	one->timer.fired = fired;
	units_reckon(one);
	one->output.all = &units->captures;
	one->output.file.unit = one->file.name;
	one->output.file.limits = &one->file.logs;
	units_sort(units);
	return one;
}
