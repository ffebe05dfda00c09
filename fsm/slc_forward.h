/* slc_forward: one forwarded connection at one end of a session.
 * Page: spec/slc_forward.md; the protocol around it: spec/slc.md. */
#ifndef CLOISTER_FSM_SLC_FORWARD_H
#define CLOISTER_FSM_SLC_FORWARD_H

#include <stdint.h>

#include "fsm/slc_forward_event.h"

/* What the plumbing must do after a step, lowest bit first. */
enum slc_forward_effect {
	SLC_FORWARD_DO_ACCEPT = 1,    /* the channel */
	SLC_FORWARD_DO_MOVE = 2,      /* bytes, both ways, from now on */
	SLC_FORWARD_DO_PASS_END = 4,  /* END of this end's stream */
	SLC_FORWARD_DO_SHUT = 8,      /* the socket's direction for what comes from the peer */
	SLC_FORWARD_DO_CONCLUDE = 16, /* the channel, with status 0 */
	SLC_FORWARD_DO_REFUSE = 32,   /* the channel, for the event's reason */
	SLC_FORWARD_DO_ABORT = 64,    /* the channel, for the event's reason */
	SLC_FORWARD_DO_CLOSE = 128,   /* the socket, whose peer has read, or may read, all */
	SLC_FORWARD_DO_BREAK = 256    /* the socket, so that its peer sees a failure */
};

struct slc_forward {
	int cs;
	uint32_t opens; /* 1: this end has opened the channel */
};

/* 0 or 1. */
void slc_forward_init(struct slc_forward *m, uint32_t opens);

/* One event; n is what it carries (page: Alphabet), 0 where it carries nothing. Returns effects. */
uint32_t slc_forward_step(struct slc_forward *m, enum slc_forward_event event, uint32_t n);

#endif
