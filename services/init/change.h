/* change: another configuration at run time: a reload, and units that an operator enables and
 * disables. One at a time: the new set is read and judged, what differs is measured into register
 * 17 in a process of its own, and only then it is applied (units.h). */
#ifndef CLOISTER_SERVICES_INIT_CHANGE_H
#define CLOISTER_SERVICES_INIT_CHANGE_H

#include "services/init/aside.h"
#include "services/init/units.h"

struct init;

enum change_kind { CHANGE_RELOAD, CHANGE_ENABLE, CHANGE_DISABLE };

/* Zeroed: none yet. */
struct change {
	bool is_held;     /* who asked for it has not been told all of it */
	bool is_measured; /* the measuring is under way */
	bool is_wanted;   /* a reload by a signal waits for its turn */
	enum change_kind kind;
	char unit[UNIT_NAME_MAX]; /* that is enabled or disabled; "" for a reload */
	struct choices choices;   /* as they will be */
	struct aside aside;
	struct timer limit; /* of it */

	uint32_t code; /* how it ended: 0, or a code of spec/exit.md with its fault */
	struct fault fault;
	bool is_applied; /* the set that counts is the new one, and the other one was */
	bool is_invalid; /* the other set is what was refused */
};

/* What is said of one unit. */
struct change_row {
	const char *name;
	enum unit_change change;
	const char *fault; /* null: none */
	bool waits;        /* its process runs by the old definition */
};

/* Begins one, where none is held; it is held then, and has ended unless it is measured. Control is
 * told when it has. Reasons: "starting", "stopping", "denied", "not_found", "io", "invalid"
 * (nothing of the set is applied), "limit", "locked", "nsm". */
void change_begin(struct init *init, enum change_kind kind, const char *unit);

/* Row number i, from 0, of one that has ended; false behind the last one. */
bool change_row(struct init *init, uint32_t i, struct change_row *row);

/* Who asked for it knows all, or is gone. */
void change_release(struct init *init);

/* The same as a reload by nobody who waits for an answer. */
void change_by_signal(struct init *init);

/* Measures it; runs aside (change_measure.c). Returns CHANGE_MEASURED, or why not. */
int change_measure(const void *data);
enum { CHANGE_MEASURED = 0, CHANGE_LOGGED = 1, CHANGE_LOCKED = 2, CHANGE_FAILED = 3 };

#endif
