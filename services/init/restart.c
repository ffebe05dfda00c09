/* restart: see restart.h. */
#include "services/init/restart.h"

static bool policy_says_so(uint32_t policy, bool success)
{
	switch (policy) {
	case RESTART_ALWAYS:
		return true;
	case RESTART_ON_FAILURE:
		return !success;
	case RESTART_ON_SUCCESS:
		return success;
	default:
		return false;
	}
}

/* base, doubled once for each try after the first, up to RESTART_DELAY_MAX. */
static uint32_t delay_of(uint32_t base, uint32_t tries)
{
	uint32_t delay = base;

	/*@ loop invariant 1 <= i;
	    loop invariant base <= delay;
	    loop invariant delay == base || delay <= RESTART_DELAY_MAX;
	    loop invariant i == 1 || i <= tries;
	    loop invariant delay == after(base, i);
	    loop assigns i, delay;
	    loop variant tries - i; */
	for (uint32_t i = 1; i < tries; i++)
		if (delay <= RESTART_DELAY_MAX / 2u)
			delay = delay * 2u;
		else if (delay < RESTART_DELAY_MAX)
			delay = RESTART_DELAY_MAX;
	return delay;
}

bool restart_again(
	struct restart *restart, bool wanted, bool success, uint64_t lived, uint32_t *delay)
{
	if (!wanted || !policy_says_so(restart->policy, success))
		return false;
	if (lived >= RESTART_STEADY)
		restart->tries = 1u;
	else if (restart->tries < RESTART_TRIES_MAX)
		restart->tries = restart->tries + 1u;
	*delay = delay_of(restart->base, restart->tries);
	return true;
}
