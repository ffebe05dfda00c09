/* loop: waits for what happens and calls who asked for it. One per thread, no globals.
 *
 * Watches, timers and posts are structs inside their owners: the loop allocates nothing after
 * loop_open. A callback may start and stop any watch or timer of its loop, its own included, and
 * may free the struct once it has stopped it: the loop does not touch it again. A watch or timer is
 * zeroed before its first start, with its callback set.
 *
 * A turn calls what is ready, then what was posted, then the timers that are due. Everything but
 * loop_post belongs to the loop's thread.
 */
#ifndef CLOISTER_RUNTIME_KERNEL_LOOP_H
#define CLOISTER_RUNTIME_KERNEL_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/kernel/clock.h"
#include "runtime/kernel/fault.h"

struct loop;

/* clock: what timers go by; it must outlive the loop. Faults: "limit" (descriptors), "memory". */
int loop_open(struct loop **loop, const struct clock *clock, struct fault *fault);
void loop_close(struct loop *loop); /* null is allowed; nothing may be started on it any more */

/* Runs until loop_stop, or until nothing can happen any more: nothing is watched, no timer is
 * started, no post waits, and nobody holds the loop. */
int loop_run(struct loop *loop, struct fault *fault);

/* One turn: waits no longer than until `nanoseconds` have passed, UINT64_MAX for any time. */
int loop_turn(struct loop *loop, uint64_t nanoseconds, struct fault *fault);
void loop_stop(struct loop *loop); /* has loop_run return after this turn */

/* Keeps loop_run running while another thread is going to post. As many releases as holds. */
void loop_hold(struct loop *loop);
void loop_release(struct loop *loop);

/* When the next timer fires, by the loop's clock; UINT64_MAX: there is none. For who sleeps by
 * other means than loop_turn. */
uint64_t loop_due(const struct loop *loop);

/* The time at which this turn woke up; between turns, the clock's. */
uint64_t loop_now(const struct loop *loop);
int64_t loop_wall(const struct loop *loop); /* that moment, in nanoseconds since 1970, UTC */
const struct clock *loop_clock(const struct loop *loop);

/* --- Descriptors ------------------------------------------------------------------------------ */

#define LOOP_WATCHES_MAX 65535u

#define WATCH_READ  1u
#define WATCH_WRITE 2u
#define WATCH_ENDED 4u /* hung up or failed: told even where it was not asked for */

struct watch {
	void (*ready)(struct watch *watch, unsigned events);
	struct loop *loop; /* null while stopped */
	int fd;            /* stays its owner's */
	unsigned events;   /* asked for */
	uint32_t place;    /* the loop's */
};

/* events: a set of WATCH_READ and WATCH_WRITE, level-triggered; 0 waits for WATCH_ENDED alone,
 * which is told again in every turn until the watch is stopped. Stop a watch before its descriptor
 * is closed. A started one is started anew. Faults: "limit" (too many watches), "io". */
int watch_start(
	struct watch *watch, struct loop *loop, int fd, unsigned events, struct fault *fault);
void watch_change(struct watch *watch, unsigned events);
void watch_stop(struct watch *watch); /* a stopped one may be stopped again */

/* --- Timers ----------------------------------------------------------------------------------- */

struct timer {
	void (*fired)(struct timer *timer);
	struct loop *loop; /* null while stopped, and already while `fired` is called */
	uint64_t at;
	uint64_t number; /* of timers of one time, the one that was started first fires first */
	/* The loop's, a pairing heap: the previous one of a first child is its parent. */
	struct timer *child, *next, *previous;
};

/* Fires once, not before `nanoseconds` from loop_now; started again, it forgets the time before.
 * Timers that are due in one turn fire in the order of their times. One that is started by a
 * timer's callback fires in a later turn. Cost: O(log n) amortised. */
void timer_start(struct timer *timer, struct loop *loop, uint64_t nanoseconds);
void timer_stop(struct timer *timer); /* a stopped one may be stopped again */

/* --- From other threads ----------------------------------------------------------------------- */

struct post {
	void (*arrived)(struct post *post);
	struct post *next; /* the loop's, from loop_post until arrived is called */
};

/* Has `arrived` called in the loop's thread, in the order of posting. What is posted by an
 * arrival arrives in the next turn. Not for signal handlers. */
void loop_post(struct loop *loop, struct post *post);

#endif
