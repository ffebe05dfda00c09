/* restart: whether a unit whose process has ended is started again, and after how long. A pure
 * function: verify/init_restart.acsl says what is proved. */
#ifndef CLOISTER_SERVICES_INIT_RESTART_H
#define CLOISTER_SERVICES_INIT_RESTART_H

#include <stdbool.h>
#include <stdint.h>

#define RESTART_DELAY_MIN 100u     /* milliseconds, here and below */
#define RESTART_AT_ONCE   1u       /* of a first try, where RestartSec is 0 and it has run for */
#define RESTART_LIVED     1000u    /* so long */
#define RESTART_DELAY_MAX 60000u   /* that doubling leads to; a longer RestartSec stays */
#define RESTART_BASE_MAX  3600000u /* of RestartSec */
#define RESTART_STEADY    60000u   /* who ran so long begins with the first delay again */
#define RESTART_TRIES_MAX 16u      /* counted; one more makes no difference */
#define RESTART_LIMIT     10u      /* tries in a window, where a file says nothing */
#define RESTART_LIMIT_MAX 100000u
#define RESTART_WINDOW    600000u

enum restart_policy {
	RESTART_NO = 0,
	RESTART_ALWAYS = 1,
	RESTART_ON_FAILURE = 2,
	RESTART_ON_SUCCESS = 3
};

/* What a unit's file says. */
struct restart {
	uint32_t policy; /* enum restart_policy */
	uint32_t base;   /* the first delay: RESTART_DELAY_MIN (for 0)..RESTART_BASE_MAX */
	uint32_t limit;  /* tries in a window that begins with the first of them; 0: any number */
	uint32_t window; /* milliseconds */
};

/* What has happened. Zeroed: nothing. */
struct restart_count {
	uint32_t tries; /* ends in a row, none of which was steady: 0..RESTART_TRIES_MAX */
	uint32_t used;  /* tries of this window, where there is a limit */
	uint64_t began; /* the window, in milliseconds of the clock that `now` is of */
};

enum restart_verdict {
	RESTART_STAYS = 0, /* the policy does not apply, or nobody wants it */
	RESTART_AGAIN = 1,
	RESTART_SPENT = 2 /* the policy applies, and the window's tries are used up */
};

/* wanted: nobody has asked for its stop; success: it ended well; lived: milliseconds that it ran.
 * *delay is set where the answer is RESTART_AGAIN. */
enum restart_verdict restart_verdict(const struct restart *restart, struct restart_count *count,
	bool wanted, bool success, uint64_t lived, uint64_t now, uint32_t *delay);

#endif
