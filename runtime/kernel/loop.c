/* loop: opens and closes loops, and takes turns. See loop.h. */
#include "runtime/kernel/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runtime/kernel/loop_inside.h"
#include "runtime/kernel/system.h"

#define READY_MAX 64 /* reports of one turn; what is left over comes first in the next one */

int loop_open(struct loop **loop, const struct clock *clock, struct fault *fault)
{
	struct loop *new = calloc(1, sizeof *new);

	*loop = NULL;
	if (new == NULL)
		return fault_set(fault, "memory", "no memory for an event loop");
	new->clock = clock;
	new->unused = 1;
	new->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (new->epoll < 0) {
		fault_set(fault, "limit", "no event loop: epoll_create1: %s", strerror(errno));
		free(new);
		return -1;
	}
	if (posts_open(new, fault) != 0) {
		close(new->epoll);
		free(new);
		return -1;
	}
	*loop = new;
	return 0;
}

void loop_close(struct loop *loop)
{
	if (loop == NULL)
		return;
	posts_close(loop);
	close(loop->epoll);
	free(loop);
}

uint64_t loop_now(const struct loop *loop)
{
	return loop->turning ? loop->now : loop->clock->now(loop->clock->data);
}

int64_t loop_wall(const struct loop *loop)
{
	const struct clock *clock = loop->clock;

	return clock->wall(clock->data) - (int64_t)(clock->now(clock->data) - loop_now(loop));
}

uint64_t loop_due(const struct loop *loop)
{
	return loop->timers != NULL ? loop->timers->at : UINT64_MAX;
}

const struct clock *loop_clock(const struct loop *loop)
{
	return loop->clock;
}

void loop_stop(struct loop *loop)
{
	loop->stopped = true;
}

void loop_hold(struct loop *loop)
{
	loop->held++;
}

void loop_release(struct loop *loop)
{
	loop->held--;
}

/* How long the next turn may sleep when its caller allows `nanoseconds`. */
static uint64_t sleep_time(const struct loop *loop, uint64_t nanoseconds)
{
	uint64_t now, left;

	if (loop->timers == NULL)
		return nanoseconds;
	now = loop->clock->now(loop->clock->data);
	left = loop->timers->at > now ? loop->timers->at - now : 0;
	return left < nanoseconds ? left : nanoseconds;
}

int loop_turn(struct loop *loop, uint64_t nanoseconds, struct fault *fault)
{
	struct epoll_event ready[READY_MAX];
	uint64_t wait = sleep_time(loop, nanoseconds);
	struct timespec timeout = {
		.tv_sec = (time_t)(wait / CLOCK_SECOND), .tv_nsec = (long)(wait % CLOCK_SECOND)};
	bool woken = false;
	int count;

	count = system_epoll_wait(
		loop->epoll, ready, READY_MAX, wait == UINT64_MAX ? NULL : &timeout);
	if (count < 0 && errno != EINTR)
		return fault_io(fault, errno, "epoll_pwait2");
	loop->now = loop->clock->now(loop->clock->data);
	loop->turning = true;
	for (int i = 0; i < count; i++) {
		if (ready[i].data.u64 == LOOP_WAKE_KEY)
			woken = true;
		else
			watch_report(loop, ready[i].data.u64, ready[i].events);
	}
	if (woken)
		posts_deliver(loop);
	timers_fire(loop);
	loop->turning = false;
	return 0;
}

static bool has_work(struct loop *loop)
{
	return loop->watched > 0 || loop->timers != NULL || loop->held > 0 || posts_wait(loop);
}

int loop_run(struct loop *loop, struct fault *fault)
{
	int failed = 0;

	while (failed == 0 && !loop->stopped && has_work(loop))
		failed = loop_turn(loop, UINT64_MAX, fault);
	loop->stopped = false;
	return failed;
}
