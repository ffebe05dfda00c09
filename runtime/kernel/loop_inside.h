/* loop_inside: what loop.c, watch.c, timer.c and post.c share. Not for users of loop.h. */
#ifndef CLOISTER_RUNTIME_KERNEL_LOOP_INSIDE_H
#define CLOISTER_RUNTIME_KERNEL_LOOP_INSIDE_H

#include <pthread.h>

#include "runtime/kernel/loop.h"

/* Where a watch is known to the kernel. What epoll reports carries a key, the place with its
 * generation, and not the watch: a report about a watch that was stopped since finds either an
 * empty place or another generation, and is dropped. */
struct place {
	struct watch *watch; /* null while the place is free */
	uint32_t generation; /* never 0 once used */
	uint32_t next_free;  /* 0 at the end of the list */
};

#define LOOP_WAKE_KEY 0u /* the key of the descriptor that loop_post writes to; place 0 is its */

struct loop {
	const struct clock *clock;
	uint64_t now; /* of the turn */
	bool turning;
	bool stopped;
	uint32_t watched;
	uint32_t held;

	int epoll;
	uint32_t first_free; /* places that were given back */
	uint32_t unused;     /* the first place that was never used */

	struct timer *timers; /* the root of the heap: the next one to fire */
	uint64_t timers_started;

	int wake;             /* an eventfd: readable while posts wait */
	pthread_mutex_t lock; /* of what follows */
	struct post *first_post, *last_post;

	struct place places[LOOP_WATCHES_MAX + 1]; /* touched only as far as it is used */
};

/* Tells the watch that `key` belongs to, unless it was stopped. */
void watch_report(struct loop *loop, uint64_t key, uint32_t epoll_events);

/* Fires the timers that are due at loop->now; those that are started meanwhile have to wait. */
void timers_fire(struct loop *loop);

int posts_open(struct loop *loop, struct fault *fault);
void posts_close(struct loop *loop);
void posts_deliver(struct loop *loop);
bool posts_wait(struct loop *loop); /* whether there are any */

#endif
