/* unit: the lifecycle of one supervised unit. Page: spec/unit.md. */
#ifndef CLOISTER_FSM_UNIT_H
#define CLOISTER_FSM_UNIT_H

#include <stdint.h>

#include "fsm/unit_event.h"

/* What the plumbing must do after a step, lowest bit first. */
enum unit_effect {
	UNIT_DO_SPAWN = 1, /* start the process; answer SPAWNED, NO_PROCESS or, later, EXITED */
	UNIT_DO_TERM = 2,  /* send SIGTERM to the process group */
	UNIT_DO_KILL = 4,  /* send SIGKILL to the process group */
	UNIT_DO_ARM = 8,   /* start the state's timer; it comes back as TIMEOUT with n = timer */
	UNIT_DO_TELL = 16  /* tell dependents and observers that the state changed */
};

struct unit {
	int cs;
	uint32_t timer;   /* generation of the newest timer; an older one that fires is ignored */
	uint32_t failing; /* 1: the stop under way is the end of a start that took too long */
};

void unit_init(struct unit *m);

/* One event; n is what it carries (page: Alphabet), 0 where it carries nothing. Returns effects. */
uint32_t unit_step(struct unit *m, enum unit_event event, uint32_t n);

#endif
