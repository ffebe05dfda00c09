/* units_why: why a unit is as it is, in words. */
#include <inttypes.h>
#include <stdio.h>

#include "services/init/units.h"

const char *units_standing(const struct units *units, uint32_t i)
{
	static const char *const words[] = {[ORDER_WAITING] = "waiting",
		[ORDER_UP] = "up",
		[ORDER_DONE] = "done",
		[ORDER_LOST] = "lost"};
	const struct supervised *one = &units->list[i];

	if (one->machine.cs == UNIT_IN_INACTIVE)
		return "stopped";
	if (one->machine.cs == UNIT_IN_DISABLED && one->fault.word[0] == '\0')
		return "disabled";
	return words[units->standings[i]];
}

bool units_is_blocker(const struct units *units, uint32_t other, uint32_t i)
{
	const struct supervised *one = &units->list[i];
	bool waits = one->machine.cs == UNIT_IN_BLOCKED;

	if (!waits && (one->machine.cs != UNIT_IN_FAILED || one->cause != UNITS_DENIED))
		return false;
	for (size_t k = 0; k < units->edge_count; k++) {
		const struct order_edge *edge = &units->edges[k];

		if (edge->after != i || edge->before != other)
			continue;
		if (waits ? units->standings[other] == ORDER_WAITING
			  : order_loses(edge->kind, units->standings[other], units->reached[other]))
			return true;
	}
	return false;
}

/* Why it has ended, or is to end. */
static void say_end(const struct supervised *one, char *text, size_t room)
{
	static const char *const causes[] = {[UNITS_STATUS] = "it ended",
		[UNITS_SLOW] = "it was not ready in time",
		[UNITS_EARLY] = "it ended before it was ready",
		[UNITS_UNWELL] = "HealthExec has failed",
		[UNITS_SILENT] = "Watchdog has not heard of it",
		[UNITS_OTHER] = "its files are not those that were measured",
		[UNITS_DENIED] = "it requires units that are lost"};

	if (one->cause == UNITS_STATUS)
		(void)snprintf(text, room, "it ended with status %d", one->status);
	else
		(void)snprintf(text, room, "%s", causes[one->cause]);
}

static void say_failure(const struct supervised *one, char *text, size_t room)
{
	char end[64];

	say_end(one, end, sizeof end);
	if (one->cause == UNITS_DENIED)
		(void)snprintf(text, room, "%s", end);
	else if (one->is_spent)
		(void)snprintf(text, room, "%s, after %" PRIu32 " tries in %" PRIu32 " s", end,
			one->count.used, one->file.restart.window / 1000u);
	else
		(void)snprintf(text, room, "%s, and Restart does not apply", end);
}

static void say_try(const struct supervised *one, char *text, size_t room)
{
	uint64_t now = loop_now(one->all->loop), at = one->timer.at;
	char end[64];

	say_end(one, end, sizeof end);
	(void)snprintf(text, room,
		"%s, and is tried again in %" PRIu64 " ms, for the %" PRIu32 ". time", end,
		at > now ? (at - now) / CLOCK_MILLISECOND : 0, one->count.tries);
}

static void say_stop(const struct supervised *one, char *text, size_t room)
{
	bool returns = one->wish > UNITS_STOP || one->machine.then == UNIT_RETURNS;
	char end[64];

	say_end(one, end, sizeof end);

	if (one->all->is_stopping)
		(void)snprintf(text, room, "init is stopping all units");
	else if (one->machine.then == UNIT_AS_FAILED)
		(void)snprintf(text, room, "%s, was told to stop, and has not ended yet", end);
	else
		(void)snprintf(text, room, "it was told to stop%s, and has not ended yet",
			returns ? " and start again" : "");
}

static void say_start(const struct supervised *one, char *text, size_t room)
{
	const struct unit_life *life = &one->file.life;
	const char *waits = NULL;

	if (life->type == UNIT_TYPE_ONESHOT)
		waits = "does its work";
	else if (life->type == UNIT_TYPE_NOTIFY)
		waits = "has not said READY=1 yet";
	else if (life->ready_fd != 0)
		waits = "has not written to ReadyFd yet";
	else if (life->ready_socket != NULL)
		waits = "does not accept connections at ReadySocket yet";
	else if (life->ready.count > 0)
		waits = "is not found ready by ReadyExec yet";
	if (one->began == 0 || waits == NULL)
		(void)snprintf(text, room, "its program is being started");
	else
		(void)snprintf(text, room, "its program runs as process %d, and %s",
			(int)one->child.pid, waits);
}

void units_why(const struct units *units, uint32_t i, char *text, size_t room)
{
	const struct supervised *one = &units->list[i];
	int state = one->machine.cs;

	if (one->is_removed)
		(void)snprintf(text, room, "it was removed, and has not ended yet");
	else if (one->fault.word[0] != '\0')
		(void)snprintf(text, room, "%s", one->fault.text);
	else if (units->busy[i] != 0 &&
		 (units->is_stopping || one->wish != UNITS_STAY || state == UNIT_IN_STOPPING))
		say_stop(one, text, room);
	else if (state == UNIT_IN_DISABLED)
		(void)snprintf(text, room, "it is not enabled: ServiceEnable = false");
	else if (state == UNIT_IN_INACTIVE)
		(void)snprintf(text, room, "it was stopped by an operator: `initctl start %s`",
			one->file.name);
	else if (state == UNIT_IN_BLOCKED)
		(void)snprintf(text, room, "it comes after units that are not up yet");
	else if (state == UNIT_IN_STARTING)
		say_start(one, text, room);
	else if (state == UNIT_IN_READY)
		(void)snprintf(text, room, "its program runs as process %d", (int)one->child.pid);
	else if (state == UNIT_IN_BACKOFF)
		say_try(one, text, room);
	else if (state == UNIT_IN_DONE)
		(void)snprintf(text, room, "it has ended well, and Restart does not apply");
	else
		say_failure(one, text, room);
}
