/* history: see history.h. */
#include "services/init/history.h"

#include <stddef.h>

void history_add(struct history *history, int64_t time, uint32_t unit, int from, int to)
{
	history->list[history->end++ % HISTORY_MAX] =
		(struct history_entry){.time = time, .unit = unit, .from = from, .to = to};
}

void history_forget(struct history *history, uint32_t unit)
{
	for (uint32_t i = 0; i < HISTORY_MAX && i < history->end; i++)
		if (history->list[i].unit == unit)
			history->list[i].unit = HISTORY_GONE;
}

const struct history_entry *history_next(
	const struct history *history, uint64_t *cursor, uint64_t *lost)
{
	uint64_t oldest = history->end > HISTORY_MAX ? history->end - HISTORY_MAX : 0;

	if (*cursor < oldest) {
		*lost += oldest - *cursor;
		*cursor = oldest;
	}
	if (*cursor >= history->end)
		return NULL;
	return &history->list[(*cursor)++ % HISTORY_MAX];
}
