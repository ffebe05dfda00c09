/* pace: how many of something there may be in a second, as a pure decision: proved in
 * verify/pace.acsl. */
#ifndef CLOISTER_RUNTIME_CHANNEL_PACE_H
#define CLOISTER_RUNTIME_CHANNEL_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct pace {
	uint32_t most;   /* in one second */
	uint32_t taken;  /* in this one */
	uint64_t second; /* the newest */
};

/* Whether there may be one more, which is then counted. A `second` that goes back counts as the
 * newest one. */
bool pace_take(struct pace *pace, uint64_t second);

#endif
