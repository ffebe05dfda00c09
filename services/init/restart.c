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

/* Whether the window has one more try, which is taken then. */
static bool take_try(const struct restart *restart, struct restart_count *count, uint64_t now)
{
	if (restart->limit == 0u)
		return true;
	if (count->used == 0u || now < count->began || now - count->began >= restart->window) {
		count->began = now;
		count->used = 0u;
	}
	if (count->used >= restart->limit)
		return false;
	count->used = count->used + 1u;
	return true;
}

enum restart_verdict restart_verdict(const struct restart *restart, struct restart_count *count,
	bool wanted, bool success, uint64_t lived, uint64_t now, uint32_t *delay)
{
	if (!wanted || !policy_says_so(restart->policy, success))
		return RESTART_STAYS;
	if (!take_try(restart, count, now))
		return RESTART_SPENT;
	if (lived >= RESTART_STEADY)
		count->tries = 1u;
	else if (count->tries < RESTART_TRIES_MAX)
		count->tries = count->tries + 1u;
	*delay = delay_of(restart->base, count->tries);
	if (count->tries == 1u && restart->base == RESTART_DELAY_MIN && lived >= RESTART_LIVED)
		*delay = RESTART_AT_ONCE;
	return RESTART_AGAIN;
}
