/* shutdown: performs what the machine shutdown asks for (spec/shutdown.md). */
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/reboot.h>
#include <unistd.h>

#include "runtime/kernel/log.h"
#include "runtime/kernel/machine.h"
#include "services/init/init.h"

MACHINE_EVENTS(shutdown)

/* How long each state may last, by the number of its machine's state. */
static const uint64_t patience[] = {
	[SHUTDOWN_IN_UNITS] = 30,
	[SHUTDOWN_IN_TERM] = 5,
	[SHUTDOWN_IN_KILL] = 5,
	[SHUTDOWN_IN_SYNC] = 30,
	[SHUTDOWN_IN_UNMOUNT] = 10,
	[SHUTDOWN_IN_FAREWELL] = 3,
};

static void timed_out(struct timer *timer)
{
	struct init *init = (struct init *)((char *)timer - offsetof(struct init, shutdown_timer));

	shutdown_happen(init, SHUTDOWN_TIMEOUT, init->shutdown_generation);
}

/* --- Processes that are left ------------------------------------------------------------------ */

/* As a supervisor we have no right to signal all processes there are: our units' have had their
 * signal, and their time. */
static void signal_all(struct init *init, int number)
{
	init->is_reaping_all = true;
	if (init->folder == NULL && kill(-1, number) == 0 && number == SIGTERM)
		(void)kill(-1, SIGCONT);
	if (init->folder != NULL)
		units_kill(&init->units);
	reap(init);
	if (init->folder != NULL)
		shutdown_happen(init, SHUTDOWN_ALL_GONE, 0);
}

/* --- Disks ------------------------------------------------------------------------------------ */

static int sync_all(const void *data)
{
	(void)data;
	sync();
	return 0;
}

static void synced(struct aside *aside, int code)
{
	(void)code;
	shutdown_happen(aside->user, SHUTDOWN_SYNCED, 0);
}

static void unmounted(struct aside *aside, int code)
{
	(void)code;
	shutdown_happen(aside->user, SHUTDOWN_UNMOUNTED, 0);
}

static void run_aside(struct init *init, int (*run)(const void *data),
	void (*done)(struct aside *aside, int code), enum shutdown_event answer)
{
	struct fault fault = {0};

	init->is_reaping_all = false;
	aside_drop(&init->aside); /* what still runs was given its time */
	if (init->folder != NULL) {
		shutdown_happen(init, answer, 0);
		return;
	}
	init->disks.done = done;
	init->disks.user = init;
	aside_drop(&init->disks);
	if (init->disks.pid == 0 && aside_start(&init->disks, init->loop, run, init, &fault) == 0)
		return;
	/* No process to be had: then it may block, rather than not be done at all. */
	(void)run(init);
	shutdown_happen(init, answer, 0);
}

/* --- The end ---------------------------------------------------------------------------------- */

static void finish(struct init *init)
{
	static const int calls[] = {[SHUTDOWN_REBOOT] = RB_AUTOBOOT,
		[SHUTDOWN_POWER_OFF] = RB_POWER_OFF,
		[SHUTDOWN_HALT] = (int)RB_HALT_SYSTEM};

	control_stop(init);
	if (init->folder == NULL)
		(void)reboot(calls[init->shutdown.how]);
	_exit(init->status);
}

static void perform(struct init *init, uint32_t effects)
{
	if ((effects & SHUTDOWN_DO_STOP_UNITS) != 0u) {
		LOG(LOG_INFO, "shutting down", log_number("how", init->shutdown.how));
		units_stop(&init->units);
	}
	if ((effects & SHUTDOWN_DO_TERM_ALL) != 0u)
		signal_all(init, SIGTERM);
	if ((effects & SHUTDOWN_DO_KILL_ALL) != 0u)
		signal_all(init, SIGKILL);
	if ((effects & SHUTDOWN_DO_SYNC) != 0u)
		run_aside(init, sync_all, synced, SHUTDOWN_SYNCED);
	if ((effects & SHUTDOWN_DO_UNMOUNT) != 0u)
		run_aside(init, unmount_all, unmounted, SHUTDOWN_UNMOUNTED);
	if ((effects & SHUTDOWN_DO_FAREWELL) != 0u)
		host_farewell(init);
	if ((effects & SHUTDOWN_DO_ARM) != 0u) {
		init->shutdown_generation = init->shutdown.timer;
		timer_start(&init->shutdown_timer, init->loop,
			patience[init->shutdown.cs] * CLOCK_SECOND);
	}
	if ((effects & SHUTDOWN_DO_FINISH) != 0u)
		finish(init);
}

void shutdown_happen(struct init *init, enum shutdown_event event, uint32_t n)
{
	unsigned next = 0;

	init->shutdown_timer.fired = timed_out;
	if (!events_add(&init->shutdown_events, (unsigned)event, n))
		return;
	while (events_next(&init->shutdown_events, &next, &n))
		perform(init, shutdown_drive(&init->shutdown, 0, (enum shutdown_event)next, n));
}

void init_end(struct init *init, enum shutdown_how how)
{
	shutdown_happen(init, SHUTDOWN_REQUEST, how);
	boot_happen(init, BOOT_STOP, 0);
}
