/* clock: see clock.h. */
#include "runtime/kernel/clock.h"

#include <time.h>

static uint64_t system_now(void *unused)
{
	struct timespec time;

	(void)unused;
	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * CLOCK_SECOND + (uint64_t)time.tv_nsec;
}

static int64_t system_wall(void *unused)
{
	struct timespec time;

	(void)unused;
	(void)clock_gettime(CLOCK_REALTIME, &time);
	return (int64_t)time.tv_sec * (int64_t)CLOCK_SECOND + (int64_t)time.tv_nsec;
}

const struct clock clock_system = {.now = system_now, .wall = system_wall};
