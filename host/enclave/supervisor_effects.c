/* supervisor_effects: performs what the machine `enclave` asks for. */
#include <limits.h>
#include <stdio.h>

#include "host/enclave/supervisor_inside.h"

#define LISTEN_SECONDS  10u
#define START_SECONDS   60u
#define LEAVING_SECONDS 5u
#define KILLING_SECONDS 20u
#define PORT_HEALTH     9001u

#define PROBE_SHARE(seconds) ((seconds)*CLOCK_SECOND / 5 * 4) /* of the time until the next */

static void do_listen(struct supervisor *supervisor)
{
	char folder[PATH_MAX + 8];
	bool good;

	(void)snprintf(folder, sizeof folder, "%s/vsock", supervisor->state->folder);
	good = hearing_open(&supervisor->hearing, supervisor->loop, folder, &supervisor->fault) ==
		       0 &&
	       control_open(&supervisor->control, supervisor->loop, supervisor->state->folder,
		       &supervisor->fault) == 0;
	supervisor_happen(supervisor, good ? ENCLAVE_LISTENING : ENCLAVE_LISTEN_FAILED, 0);
}

static void do_start(struct supervisor *supervisor)
{
	static struct backend_plan plan; /* outlives the backend, as the process does */

	plan = (struct backend_plan){.settings = supervisor->settings,
		.image = &supervisor->judged->image,
		.folder = supervisor->state->folder,
		.log = supervisor->log};
	if (supervisor->backend->kind->start(
		    supervisor->backend, supervisor->loop, &plan, &supervisor->fault) < 0)
		supervisor_happen(supervisor, ENCLAVE_START_FAILED, 0);
}

static void do_answer(struct supervisor *supervisor)
{
	hearing_answer(&supervisor->hearing);
	supervisor_tell(supervisor, "running");
}

static void do_ask_stop(struct supervisor *supervisor)
{
	supervisor->backend->kind->ask_stop(supervisor->backend);
}

static void do_kill(struct supervisor *supervisor)
{
	supervisor->backend->kind->kill(supervisor->backend);
}

static void do_probe(struct supervisor *supervisor)
{
	const struct settings *settings = supervisor->settings;
	struct address address = {0};

	if (settings->backend->address(supervisor->state->folder, settings->cid, PORT_HEALTH,
		    &address, &supervisor->fault) < 0)
		return;
	probe_start(&supervisor->probe, supervisor->loop, &address,
		PROBE_SHARE(settings->health_seconds));
}

static uint64_t start_seconds(const struct supervisor *supervisor)
{
	const struct settings *settings = supervisor->settings;

	return settings->backend->seconds == NULL
		       ? START_SECONDS
		       : settings->backend->seconds(settings, &supervisor->judged->image);
}

static void do_arm(struct supervisor *supervisor)
{
	const struct settings *settings = supervisor->settings;
	const uint64_t seconds[] = {
		[ENCLAVE_IN_LISTENING] = LISTEN_SECONDS,
		[ENCLAVE_IN_STARTING] = start_seconds(supervisor),
		[ENCLAVE_IN_BOOTING] = settings->boot_seconds,
		[ENCLAVE_IN_RUNNING] = settings->ready_seconds,
		[ENCLAVE_IN_READY] = settings->health_seconds,
		[ENCLAVE_IN_UNREACHABLE] = settings->health_seconds,
		[ENCLAVE_IN_STOPPING] = settings->stop_seconds,
		[ENCLAVE_IN_LEAVING] = LEAVING_SECONDS,
		[ENCLAVE_IN_KILLING] = KILLING_SECONDS,
	};

	supervisor->generation = supervisor->machine.timer;
	timer_start(&supervisor->timer, supervisor->loop,
		seconds[supervisor->machine.cs] * CLOCK_SECOND);
}

/* Those who wait are told when nothing is left; so their connections stay. */
static void do_clean_up(struct supervisor *supervisor)
{
	timer_stop(&supervisor->timer);
	probe_cancel(&supervisor->probe);
	hearing_close(&supervisor->hearing);
	listener_close(&supervisor->control.listener);
	supervisor->backend->kind->free(supervisor->backend);
	supervisor->backend = NULL;
	state_remove(supervisor->state);
}

static void do_tell_ready(struct supervisor *supervisor)
{
	supervisor_tell(supervisor, "ready");
}

static void do_tell_health(struct supervisor *supervisor)
{
	supervisor_write_state(supervisor);
	supervisor_tell(supervisor, "health");
}

static void do_tell_silent(struct supervisor *supervisor)
{
	supervisor_tell(supervisor, "silent");
}

static void do_tell_late(struct supervisor *supervisor)
{
	supervisor_tell(supervisor, "late");
}

static void do_tell_ended(struct supervisor *supervisor)
{
	supervisor_tell(supervisor, "ended");
	loop_stop(supervisor->loop);
}

static void do_tell_failed(struct supervisor *supervisor)
{
	supervisor_tell_failed(supervisor);
	loop_stop(supervisor->loop);
}

void supervisor_perform(struct supervisor *supervisor, uint32_t effects)
{
	static const struct {
		uint32_t effect;
		void (*perform)(struct supervisor *supervisor);
	} table[] = {
		{ENCLAVE_DO_LISTEN, do_listen},
		{ENCLAVE_DO_START, do_start},
		{ENCLAVE_DO_ANSWER, do_answer},
		{ENCLAVE_DO_ASK_STOP, do_ask_stop},
		{ENCLAVE_DO_KILL, do_kill},
		{ENCLAVE_DO_PROBE, do_probe},
		{ENCLAVE_DO_ARM, do_arm},
		{ENCLAVE_DO_CLEAN_UP, do_clean_up},
		{ENCLAVE_DO_TELL_READY, do_tell_ready},
		{ENCLAVE_DO_TELL_HEALTH, do_tell_health},
		{ENCLAVE_DO_TELL_SILENT, do_tell_silent},
		{ENCLAVE_DO_TELL_LATE, do_tell_late},
		{ENCLAVE_DO_TELL_ENDED, do_tell_ended},
		{ENCLAVE_DO_TELL_FAILED, do_tell_failed},
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if ((effects & table[i].effect) != 0)
			table[i].perform(supervisor);
}
