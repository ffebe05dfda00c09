/* workers: a few threads that do what would block a loop: disks, hashing, the NSM's ioctl.
 *
 * The threads block all signals and have stacks of WORKERS_STACK bytes. A pool allocates nothing
 * after workers_open, and one of a single thread costs little: give what may block for minutes a
 * pool of its own. All functions are for the thread of the loop that the work is submitted with;
 * several loops may share a pool.
 */
#ifndef CLOISTER_RUNTIME_KERNEL_WORKERS_H
#define CLOISTER_RUNTIME_KERNEL_WORKERS_H

#include "runtime/kernel/loop.h"

#define WORKERS_STACK (1u << 20)

struct workers;

/* A piece of work, zeroed and with its callbacks set before work_submit; it must stay where it is
 * until `done` is called, which is always and once, and which may free or submit it again. */
struct work {
	void (*run)(struct work *work);  /* in a worker, unless it is cancelled before */
	void (*done)(struct work *work); /* in the loop's thread */
	bool cancelled;                  /* for `done`: run was not called */

	struct loop *loop;            /* from here on the pool's */
	struct work *previous, *next; /* in the queue */
	bool waits;
	struct post post;
};

/* threads: at least 1. At most so many pieces run, and queue_max more wait. Faults: "limit" (no
 * thread), "memory". */
int workers_open(struct workers **pool, unsigned threads, unsigned queue_max, struct fault *fault);

/* Waits until what runs has ended, and cancels what waits. `done` is still to be called for both:
 * their loops must take turns after this. Null is allowed. */
void workers_close(struct workers *pool);

/* Runs in the order of submission. The loop is held until `done`. Fault: "limit". */
int work_submit(struct workers *pool, struct work *work, struct loop *loop, struct fault *fault);

/* Cancels what waits; `done` follows in a later turn. False for what runs, or has run: that can't
 * be cancelled. */
bool work_cancel(struct workers *pool, struct work *work);

#endif
