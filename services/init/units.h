/* units: all supervised processes. The machine `unit` decides about each of them, order.h about
 * their order and restart.h about another try; this performs it, and tells who asked what came of
 * it. */
#ifndef CLOISTER_SERVICES_INIT_UNITS_H
#define CLOISTER_SERVICES_INIT_UNITS_H

#include "gen/unit.h"
#include "runtime/kernel/child.h"
#include "services/init/capture.h"
#include "services/init/digest.h"
#include "services/init/group.h"
#include "services/init/history.h"
#include "services/init/notify.h"
#include "services/init/order.h"
#include "services/init/ready.h"
#include "services/init/unit_set.h"
#include "services/init/unit_sockets.h"

#define UNIT_PATH_DEFAULT "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

struct units;

/* Whether a unit's files are looked at before each start, and what becomes of it. */
enum units_guard { UNITS_UNGUARDED, UNITS_LOGGED, UNITS_REFUSED };

/* What is to become of one that runs, once those that must stop first have: what an operator has
 * asked for, or that it returns with what it is bound to, which nobody has asked for. */
enum units_wish { UNITS_STAY, UNITS_STOP, UNITS_RETURN, UNITS_RETURN_BOUND };

/* Why the machine is in its state, where that does not say it. */
enum units_cause {
	UNITS_STATUS = 0, /* its end did it */
	UNITS_SLOW,       /* it was not ready in time */
	UNITS_EARLY,      /* it has ended before it was ready */
	UNITS_UNWELL,     /* HealthExec has failed, HealthRetries times in a row */
	UNITS_SILENT,     /* Watchdog: nothing was heard of it, or it said so */
	UNITS_OTHER,      /* its files are others than those that were measured */
	UNITS_DENIED      /* what it requires is lost */
};

struct supervised {
	struct units *all;
	struct unit machine;
	struct unit_file file;
	struct child child;
	struct unit_sockets sockets;
	struct capture output;
	struct timer timer; /* the machine's */
	struct ready ready;
	struct helper stopper; /* ExecStop, */
	uint32_t asked;        /* of this generation */
	uint32_t generation;
	uint32_t delay;              /* milliseconds to the next try */
	struct restart_count count;  /* of tries */
	uint64_t began;              /* when the program began to run */
	uint8_t digest[DIGEST_SIZE]; /* of its file */
	uint8_t mark[DIGEST_SIZE];   /* of the files that were measured: mark.h */
	int status; /* of the last end: its code, 128 and the signal, 126, 127, 125 */
	uint32_t starts;
	struct fault fault; /* why it can't be used at all; no word: it can */
	enum units_wish wish;
	enum units_cause cause;
	bool is_changed; /* its process runs by the old definition; the new one waits for its end */
	bool is_removed; /* no file names it any more: it is forgotten when its process has ended */
	uint32_t serial; /* how many units have had this place before */
	bool is_told;    /* its files are others now, and a warning has said so */
	bool is_spent;   /* no try is left in this window */
};

/* What the units have come to. */
struct units_sum {
	uint32_t waiting, up, done, lost; /* who is not enabled, or told to stop, counts nowhere */
	uint32_t busy;                    /* with a process */
};

/* Zeroed, with the callback and the settings. */
struct units {
	/* Something has changed. Called when the units are at rest again. */
	void (*changed)(struct units *units);
	/* A unit has failed for good, and its file asks for an end. Units may be moving. */
	void (*ends)(struct units *units, enum unit_on_failure how);
	void *user;
	struct loop *loop;
	const char *const *inherited; /* variables that every unit gets, to a null */
	const char *stand_ins;        /* CLOISTER_VSOCK_DIR, or null */
	enum units_guard guard;       /* once they were measured */
	bool has_groups;              /* each unit has a group of cgroup2 */
	bool keeps_console;           /* units get 0, 1 and 2 of ours: nothing is captured */
	struct captures captures;     /* of what they write */
	struct notify notify;

	struct unit_set sets[2];   /* one has their definitions, the other is what was or may be */
	uint32_t current;          /* which of them has */
	struct choices choices;    /* of an operator */
	uint32_t count;            /* places: one without a name is free */
	uint8_t sorted[UNITS_MAX]; /* those that are taken, in the order of their names */
	uint32_t sorted_count;
	struct supervised list[UNITS_MAX];
	struct order_edge edges[ORDER_EDGES_MAX];
	size_t edge_count;
	uint8_t standings[UNITS_MAX]; /* enum order_standing: what the state means for others */
	uint8_t reached[UNITS_MAX];   /* 1: it was ready, or done, by its definition of now */
	uint8_t busy[UNITS_MAX];      /* 1: it has a process */
	bool is_stopping;
	bool is_moving, has_moved;
	struct history history;
};

/* --- Loading (units_load.c) ------------------------------------------------------------------- */

/* Reads every NAME.service in `folder` beneath `root`, a descriptor. A file with a fault is
 * reported and is a lost unit. Faults, with which nothing is loaded: "not_found" (no such
 * folder), "io". */
int units_load(struct units *units, int root, const char *folder, struct fault *fault);

/* Makes room for one more unit, for a caller who fills in its file; null where there is none. */
struct supervised *units_add(struct units *units, const char *name);

/* Has each unit wanted that can be; the others, with a fault or not enabled, are disabled. */
void units_want(struct units *units);

/* The set that has their definitions, and the other one. */
struct unit_set *units_set(struct units *units);
struct unit_set *units_other_set(struct units *units);

/* --- Changing (units_change.c) ---------------------------------------------------------------- */

/* Makes the other set the one that counts. Who is in both as it was, is not touched; who has
 * changed takes the new definition when its process has ended, or now where it has none; who is
 * new, is wanted; who is gone, is stopped in order and forgotten. `held`, or null, becomes usable
 * and is not started. */
void units_change(struct units *units, const char *held);

/* Gives a unit without a process its definition: number `k` of the set that counts. Returns it. */
struct supervised *units_take(struct supervised *one, uint32_t k);

/* What waits for the end of a process is done where it has ended. */
void units_catch_up(struct units *units);

/* --- Running ---------------------------------------------------------------------------------- */

/* Opens what their output goes to; also where there is no unit yet. */
void units_open(struct units *units);

void units_start(struct units *units);

/* Stops all, those first that nothing else comes after; `changed` is called until busy is 0. */
void units_stop(struct units *units);

/* Ends the processes of those that have not stopped in their time. */
void units_kill(struct units *units);

/* The places of those that are to start, in the order in which they would if each were up at once;
 * returns how many. */
uint32_t units_sequence(const struct units *units, uint32_t order[UNITS_MAX]);

struct units_sum units_sum(const struct units *units);

/* Whether a process is one of ours, which will be reaped here. */
bool units_own(const struct units *units, pid_t pid);

/* --- What an operator asks for (units_ask.c) -------------------------------------------------- */

enum units_outcome { UNITS_LATER, UNITS_DONE, UNITS_FAILED };

/* Each takes the place of a unit, and begins; units_asked_* say what has come of it. Faults:
 * "unusable" (a fault in its file, or it is not enabled), "required" (so is, or has failed, what it
 * requires), "stopping" (init is). */

/* Starts it and what it requires, where an operator has stopped that. What has failed is tried
 * again. */
int units_ask_start(struct units *units, uint32_t i, struct fault *fault);

/* Stops it, and first what requires it; another try does not follow. */
int units_ask_stop(struct units *units, uint32_t i, struct fault *fault);

/* The same, and what ran starts again. */
int units_ask_restart(struct units *units, uint32_t i, struct fault *fault);

/* Forgets that it has failed: it is as if an operator had stopped it. */
int units_ask_reset(struct units *units, uint32_t i, struct fault *fault);

enum units_outcome units_asked_start(const struct units *units, uint32_t i);
enum units_outcome units_asked_stop(const struct units *units, uint32_t i);

/* One sentence: why the unit is in its state (units_why.c). */
void units_why(const struct units *units, uint32_t i, char *text, size_t room);

/* Whether `other` is why unit `i` does not run. */
bool units_is_blocker(const struct units *units, uint32_t other, uint32_t i);

/* The place of a unit by its name; units->count where there is none. */
uint32_t units_find(const struct units *units, const char *name);

/* --- Between the files of this module --------------------------------------------------------- */

/* Whether its files are those that were measured, or may be others; of helpers, which may run every
 * second, that they are others is told once. Fault: "changed". */
bool units_may_spawn(struct supervised *one, bool is_helper, struct fault *fault);

/* Starts the process (unit_spawn.c); the callbacks of `child` are set. */
int unit_spawn(struct supervised *one, struct fault *fault);

/* The same for a command beside it. */
int unit_spawn_helper(struct supervised *one, struct child *child, const char *const *arguments,
	struct fault *fault);

/* Gives an event to the machine of one unit, and performs what it asks for; then units_advance. */
void units_step(struct supervised *one, enum unit_event event, uint32_t n);

/* Starts and stops what may start and stop now, until nothing moves any more. */
void units_advance(struct units *units);

/* Whether its program is one that can be wanted: no fault, and enabled. */
bool units_is_usable(const struct supervised *one);

/* The same as order.h sees it. */
struct order_view units_view(const struct units *units);

/* What its wish means for others has changed. */
void units_reckon(struct supervised *one);

/* The first place that is free; null where there is none. */
struct supervised *units_place(struct units *units);

/* Puts `sorted` right, when a place was taken or left. */
void units_sort(struct units *units);

/* A word for a standing. */
const char *units_standing(const struct units *units, uint32_t i);

#endif
