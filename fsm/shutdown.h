/* shutdown: how PID 1 takes the system down, in bounded time. Page: spec/shutdown.md. */
#ifndef CLOISTER_FSM_SHUTDOWN_H
#define CLOISTER_FSM_SHUTDOWN_H

#include <stdint.h>

#include "fsm/shutdown_event.h"

/* What a REQUEST asks for. */
enum shutdown_how { SHUTDOWN_REBOOT = 1, SHUTDOWN_POWER_OFF = 2, SHUTDOWN_HALT = 3 };

/* What the plumbing must do after an event, lowest bit first. */
enum shutdown_effect {
	SHUTDOWN_DO_STOP_UNITS = 1, /* stop the units in reverse order; answer ALL_STOPPED */
	SHUTDOWN_DO_TERM_ALL = 2,   /* SIGTERM, then SIGCONT, to all others; answer ALL_GONE */
	SHUTDOWN_DO_KILL_ALL = 4,   /* SIGKILL to all others; answer ALL_GONE */
	SHUTDOWN_DO_SYNC = 8,       /* sync(2), where it can't block the loop; answer SYNCED */
	SHUTDOWN_DO_UNMOUNT = 16,   /* unmount what can be, deepest first; answer UNMOUNTED */
	SHUTDOWN_DO_FAREWELL = 32, /* tell console and launcher that this is the end; answer SAID */
	SHUTDOWN_DO_ARM = 64,      /* start the state's timer; TIMEOUT carries n = timer */
	SHUTDOWN_DO_FINISH = 128   /* reboot(2) as `how` says, exit if it returns; no answer */
};

struct shutdown {
	int cs;
	uint32_t timer;  /* generation of the newest timer; an older one that fires is ignored */
	uint32_t how;    /* enum shutdown_how, 0 before the first request */
	uint32_t forced; /* 1: a deadline has passed, so not everything ended by itself */
	uint32_t synced; /* 0: sync not asked for, 1: asked for, 2: it has ended */
};

void shutdown_init(struct shutdown *m);

/* One event; n is what it carries (page: Alphabet), 0 where it carries nothing. Returns effects. */
uint32_t shutdown_step(struct shutdown *m, enum shutdown_event event, uint32_t n);

#endif
