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

	if (one->is_halted)
		return "stopped";
	return one->file.is_enabled == 0 ? "disabled" : words[units->standings[i]];
}

bool units_is_blocker(const struct units *units, uint32_t other, uint32_t i)
{
	const struct supervised *one = &units->list[i];
	uint8_t standing = units->standings[i];

	if (units->busy[i] != 0 || one->is_halted || one->again.loop != NULL ||
		(standing != ORDER_WAITING && standing != ORDER_LOST))
		return false;
	for (size_t k = 0; k < units->edge_count; k++) {
		const struct order_edge *edge = &units->edges[k];

		if (edge->after != i || edge->before != other)
			continue;
		if (standing == ORDER_WAITING
				? units->standings[other] == ORDER_WAITING
				: edge->required != 0u && units->standings[other] == ORDER_LOST)
			return true;
	}
	return false;
}

static uint32_t count_blockers(const struct units *units, uint32_t i)
{
	uint32_t count = 0;

	for (uint32_t k = 0; k < units->count; k++)
		count += units_is_blocker(units, k, i);
	return count;
}

/* Of one that has no process, and that nobody has stopped. */
static void say_rest(const struct units *units, uint32_t i, char *text, size_t room)
{
	const struct supervised *one = &units->list[i];

	if (one->again.loop != NULL)
		(void)snprintf(text, room,
			"it ended with status %d, and is tried again in %" PRIu64
			" ms, for the %" PRIu32 ". time",
			one->status,
			one->again.at > loop_now(units->loop)
				? (one->again.at - loop_now(units->loop)) / CLOCK_MILLISECOND
				: 0,
			one->file.restart.tries);
	else if (units->standings[i] == ORDER_DONE)
		(void)snprintf(text, room, "it has ended well, and Restart does not apply");
	else if (units->standings[i] == ORDER_WAITING)
		(void)snprintf(text, room, "it comes after units that are not up yet");
	else if (count_blockers(units, i) > 0 && one->machine.cs != UNIT_IN_FAILED)
		(void)snprintf(text, room, "it requires units that are lost");
	else
		(void)snprintf(text, room, "it ended with status %d, and Restart does not apply",
			one->status);
}

void units_why(const struct units *units, uint32_t i, char *text, size_t room)
{
	const struct supervised *one = &units->list[i];

	if (one->fault.word[0] != '\0')
		(void)snprintf(text, room, "%s", one->fault.text);
	else if (one->file.is_enabled == 0)
		(void)snprintf(text, room, "it is not enabled: ServiceEnable = false");
	else if (one->is_halting)
		(void)snprintf(text, room, "it was told to stop%s, and has not ended yet",
			one->returns ? " and start again" : "");
	else if (units->is_stopping && units->busy[i] != 0)
		(void)snprintf(text, room, "init is stopping all units");
	else if (one->is_halted)
		(void)snprintf(text, room, "it was stopped by an operator: `initctl start %s`",
			one->file.name);
	else if (units->standings[i] == ORDER_UP)
		(void)snprintf(text, room, "its program runs as process %d", (int)one->child.pid);
	else if (units->busy[i] != 0)
		(void)snprintf(text, room, "its program is being started");
	else
		say_rest(units, i, text, room);
}
