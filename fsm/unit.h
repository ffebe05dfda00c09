/* unit: the lifecycle of one supervised unit. Page: spec/unit.md. */
#ifndef CLOISTER_FSM_UNIT_H
#define CLOISTER_FSM_UNIT_H

#include <stdint.h>

#include "fsm/unit_event.h"

/* n of EXITED: what comes of it, as restart.h decides. */
#define UNIT_WELL  0 /* its work is done */
#define UNIT_BADLY 1 /* it has failed, for good */
#define UNIT_AGAIN 2 /* there is another try */

/* What comes after the stop under way. */
#define UNIT_STAYS_DOWN 0
#define UNIT_RETURNS    1
#define UNIT_AS_FAILED  2 /* n of EXITED says so, and UNIT_WELL is UNIT_BADLY */

/* What the plumbing must do after a step, lowest bit first. */
enum unit_effect {
	UNIT_DO_SPAWN = 1, /* start the process; answer READY in time, and at its end EXITED */
	UNIT_DO_ASK = 2,   /* run ExecStop, if the unit has it; answer ASKED with n = timer */
	UNIT_DO_TERM = 4,  /* send StopSignal to the process group */
	UNIT_DO_KILL = 8,  /* send SIGKILL to the process group */
	UNIT_DO_ARM = 16   /* start the state's timer; it comes back as TIMEOUT with n = timer */
};

struct unit {
	int cs;
	uint32_t timer; /* generation of the newest timer; an older one that fires is ignored */
	uint32_t then;  /* what comes after the stop under way */
};

void unit_init(struct unit *m);

/* One event; n is what it carries (page: Alphabet), 0 where it carries nothing. Returns effects. */
uint32_t unit_step(struct unit *m, enum unit_event event, uint32_t n);

#endif
