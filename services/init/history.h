/* history: the newest transitions of units, which readers follow by numbers of their own. */
#ifndef CLOISTER_SERVICES_INIT_HISTORY_H
#define CLOISTER_SERVICES_INIT_HISTORY_H

#include <stdint.h>

#define HISTORY_MAX  256u
#define HISTORY_GONE UINT32_MAX

struct history_entry {
	int64_t time;  /* nanoseconds since 1970, UTC, of the turn in which it was */
	uint32_t unit; /* its place; HISTORY_GONE: it was removed */
	int from, to;  /* states of the machine unit */
};

/* Zeroed is empty. Entry number n, from 0, is list[n % HISTORY_MAX]. */
struct history {
	uint64_t end; /* the number of the next one */
	struct history_entry list[HISTORY_MAX];
};

void history_add(struct history *history, int64_t time, uint32_t unit, int from, int to);

/* The unit at this place is no more: another one may come there. */
void history_forget(struct history *history, uint32_t unit);

/* The next entry for a cursor, which moves on and passes over what is not kept any more; null where
 * there is none yet. The entry's number is *cursor - 1 then. */
const struct history_entry *history_next(
	const struct history *history, uint64_t *cursor, uint64_t *lost);

#endif
