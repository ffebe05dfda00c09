/* clock: the one place that knows what time it is, so that a simulation can say otherwise. */
#ifndef CLOISTER_RUNTIME_KERNEL_CLOCK_H
#define CLOISTER_RUNTIME_KERNEL_CLOCK_H

#include <stdint.h>

#define CLOCK_SECOND      UINT64_C(1000000000) /* all durations are nanoseconds */
#define CLOCK_MILLISECOND UINT64_C(1000000)

struct clock {
	uint64_t (*now)(void *data); /* nanoseconds since some start; never goes back */
	int64_t (*wall)(void *data); /* nanoseconds since 1970, UTC; may be set by anybody */
	void *data;
};

/* CLOCK_MONOTONIC and CLOCK_REALTIME. */
extern const struct clock clock_system;

#endif
