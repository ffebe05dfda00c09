/* boot: performs what the machine boot asks for (spec/boot.md). */
#include <inttypes.h>
#include <stddef.h>
#include <sys/statvfs.h>

#include "runtime/kernel/log.h"
#include "runtime/kernel/machine.h"
#include "services/init/init.h"

MACHINE_EVENTS(boot)

#define EXIT_OURS 125 /* the farewell's status of a boot that has failed */

static void step_units(struct init *init);

/* The steps. As a supervisor, most have nothing to do, or it is done already: then `elsewhere` is
 * the answer. The NSM may take two minutes. */
static const struct {
	const char *name;
	void (*begin)(struct init *init);
	uint64_t seconds;
	uint32_t effect;
	enum boot_event elsewhere; /* 0: begin it there too */
} steps[] = {
	[BOOT_NUMBER_DEVICES] = {"devices", step_devices, 10, BOOT_DO_DEVICES, BOOT_ABSENT},
	[BOOT_NUMBER_CONSOLE] = {"console", step_console, 10, BOOT_DO_CONSOLE, BOOT_ABSENT},
	[BOOT_NUMBER_NSM] = {"nsm", step_nsm, 130, BOOT_DO_NSM, BOOT_ABSENT},
	[BOOT_NUMBER_HEARTBEAT] = {"heartbeat", step_heartbeat, 6, BOOT_DO_HEARTBEAT, BOOT_ABSENT},
	[BOOT_NUMBER_CONFIGURATION] = {"configuration", step_configuration, 30,
		BOOT_DO_CONFIGURATION, 0},
	[BOOT_NUMBER_ROOT] = {"root", step_root, 10, BOOT_DO_ROOT, BOOT_DONE},
	[BOOT_NUMBER_MOUNTS] = {"mounts", step_mounts, 10, BOOT_DO_MOUNTS, BOOT_ABSENT},
	[BOOT_NUMBER_NETWORK] = {"network", step_network, 10, BOOT_DO_NETWORK, BOOT_ABSENT},
	[BOOT_NUMBER_MEASURE] = {"measure", step_measure, 130, BOOT_DO_MEASURE, BOOT_ABSENT},
	[BOOT_NUMBER_UNITS] = {"units", step_units, 60, BOOT_DO_UNITS, 0},
};
#define STEPS_COUNT (sizeof steps / sizeof steps[0])

void boot_answer(struct init *init, enum boot_event answer)
{
	boot_happen(init, answer, init->boot.timer);
}

static const char *step_name(uint32_t number)
{
	return number < STEPS_COUNT && steps[number].name != NULL ? steps[number].name : "start";
}

/* --- The last step ---------------------------------------------------------------------------- */

/* A sandbox's groups would be its host's, and stay there. */
static void find_groups(struct init *init)
{
	uint32_t limited = 0;

	init->units.has_groups = init->folder == NULL && init->stand_ins == NULL && groups_open();
	for (uint32_t i = 0; i < init->units.count; i++)
		limited += unit_file_is_limited(&init->units.list[i].file);
	if (limited > 0 && !init->units.has_groups)
		LOG(LOG_WARNING, "there are no control groups here: units run without their limits",
			log_number("units", limited));
}

/* In an enclave log files are memory, with an end that others feel too. */
static void weigh_logs(const struct init *init)
{
	struct statvfs system;
	uint64_t all = 0, room;

	if (init->units.captures.folder < 0 || fstatvfs(init->units.captures.folder, &system) != 0)
		return;
	for (uint32_t i = 0; i < init->units.count; i++)
		if (init->units.list[i].file.is_enabled != 0)
			all += init->units.list[i].file.logs.bytes;
	room = (uint64_t)system.f_blocks * system.f_frsize;
	if (all > room)
		LOG(LOG_WARNING, "log files may need more than their file system has",
			log_string("folder", init->units.captures.logs),
			log_number("limits", (int64_t)all), log_number("size", (int64_t)room));
}

static const char *log_folder(const struct init *init)
{
	if (init->units.keeps_console)
		return NULL;
	return init->folder == NULL ? LOG_FOLDER : init->logs_path;
}

static void step_units(struct init *init)
{
	find_groups(init);
	init->units.captures.logs = log_folder(init);
	units_open(&init->units);
	control_start(init);
	if (init->units.count == 0) {
		boot_answer(init, BOOT_ABSENT);
		return;
	}
	units_start(&init->units);
	weigh_logs(init);
}

/* The boot is told when all are up or done, and of every one that is lost. */
static void tell_boot(struct init *init, const struct units_sum *sum)
{
	if (sum->lost > init->lost) {
		(void)fault_set(&init->fault, "units", "%" PRIu32 " units are lost", sum->lost);
		boot_happen(init, BOOT_FAILED, BOOT_NUMBER_UNITS);
	} else if (sum->waiting == 0 && sum->lost == 0) {
		boot_happen(init, BOOT_DONE, BOOT_NUMBER_UNITS);
	}
	init->lost = sum->lost;
}

static void log_grown(struct captures *captures)
{
	struct units *units = (struct units *)((char *)captures - offsetof(struct units, captures));

	control_news(units->user);
}

static void end_now(struct post *post)
{
	struct init *init = (struct init *)((char *)post - offsetof(struct init, unit_failed));

	init_end(init, init->failure == UNIT_FAILURE_REBOOT ? SHUTDOWN_REBOOT : SHUTDOWN_POWER_OFF);
}

/* Units may be on the move: it ends when they have come to rest. */
static void units_end(struct units *units, enum unit_on_failure how)
{
	struct init *init = units->user;

	if (init->failure != UNIT_FAILURE_NONE)
		return;
	init->failure = (uint32_t)how;
	init->unit_failed.arrived = end_now;
	LOG(LOG_ERROR, "a unit has failed, and its OnFailure ends all",
		log_string("how", how == UNIT_FAILURE_REBOOT ? "reboot" : "poweroff"));
	loop_post(init->loop, &init->unit_failed);
}

static void units_changed(struct units *units)
{
	struct init *init = units->user;
	struct units_sum sum = units_sum(units);

	tell_boot(init, &sum);
	control_news(init);
	if (init->is_command && sum.waiting == 0 && sum.busy == 0 &&
		(units->list[0].starts > 0 || sum.lost > 0)) {
		init->status = units->list[0].status;
		init_end(init, SHUTDOWN_REBOOT);
	}
	if (sum.busy == 0)
		shutdown_happen(init, SHUTDOWN_ALL_STOPPED, 0);
}

/* --- Effects ---------------------------------------------------------------------------------- */

static void timed_out(struct timer *timer)
{
	struct init *init = (struct init *)((char *)timer - offsetof(struct init, boot_timer));

	(void)fault_set(&init->fault, "timeout", "it takes longer than %" PRIu64 " s",
		steps[init->boot_generation].seconds);
	boot_happen(init, BOOT_TIMEOUT, init->boot_generation);
}

/* Warn and report speak of the step that was in flight before the event. */
static void say(struct init *init, enum log_level level, const char *message, uint32_t number)
{
	LOG(level, message, log_string("step", step_name(number)),
		log_string("reason", init->fault.word), log_string("fault", init->fault.text));
}

static void begin(struct init *init, uint32_t effects)
{
	for (uint32_t i = BOOT_NUMBER_DEVICES; i < STEPS_COUNT; i++) {
		if ((effects & steps[i].effect) == 0u)
			continue;
		(void)fault_set(&init->fault, "none", "no reason was given");
		if (init->folder != NULL && steps[i].elsewhere != 0)
			boot_answer(init, steps[i].elsewhere);
		else
			steps[i].begin(init);
	}
}

static void perform(struct init *init, uint32_t effects, uint32_t number)
{
	if ((effects & BOOT_DO_ABANDON) != 0u) {
		message_drop(&init->heartbeat);
		aside_drop(&init->aside);
	}
	if ((effects & BOOT_DO_WARN) != 0u)
		say(init, LOG_WARNING, "a step of the boot has failed: going on", number);
	begin(init, effects);
	if ((effects & BOOT_DO_ARM) != 0u) {
		init->boot_generation = init->boot.timer;
		timer_start(&init->boot_timer, init->loop,
			steps[init->boot_generation].seconds * CLOCK_SECOND);
	}
	if ((effects & BOOT_DO_READY) != 0u) {
		timer_stop(&init->boot_timer);
		host_ready(init, units_sum(&init->units).up);
	}
	if ((effects & BOOT_DO_REPORT) != 0u) {
		say(init, LOG_ERROR, "the boot has failed", number);
		init->status = EXIT_OURS;
	}
	if ((effects & BOOT_DO_SHUT_DOWN) != 0u) {
		timer_stop(&init->boot_timer);
		message_drop(&init->heartbeat);
		aside_drop(&init->aside);
		shutdown_happen(init, SHUTDOWN_REQUEST, SHUTDOWN_REBOOT); /* unless it was asked */
	}
}

void boot_happen(struct init *init, enum boot_event event, uint32_t n)
{
	unsigned next = 0;

	init->boot_timer.fired = timed_out;
	init->units.changed = units_changed;
	init->units.ends = units_end;
	init->units.user = init;
	init->units.captures.grown = log_grown;
	if (!events_add(&init->boot_events, (unsigned)event, n))
		return;
	while (events_next(&init->boot_events, &next, &n)) {
		uint32_t number = init->boot.timer;

		perform(init, boot_drive(&init->boot, 0, (enum boot_event)next, n), number);
	}
}
