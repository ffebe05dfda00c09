/* slc_session: one end of a session of the secure local channel.
 * Page: spec/slc_session.md; the protocol around it: spec/slc.md. */
#ifndef CLOISTER_FSM_SLC_SESSION_H
#define CLOISTER_FSM_SLC_SESSION_H

#include <stdint.h>

#include "fsm/slc_reason.h"
#include "fsm/slc_session_event.h"

#define SLC_VERSION              1u
#define SLC_SESSION_CHANNELS_MAX 4096u /* no session may be given a higher limit of channels */

/* What the plumbing must do after a step, lowest bit first. */
enum slc_session_effect {
	SLC_SESSION_DO_SEND_HELLO = 1,
	SLC_SESSION_DO_START_AUTH = 2,      /* answer NO_AUTH, PROVED, ACCEPTED or AUTH_FAILED */
	SLC_SESSION_DO_CHECK_AUTH = 4,      /* give the AUTH frame at hand to the authenticator */
	SLC_SESSION_DO_OPENED = 8,          /* tell the owner that channels may be wanted now */
	SLC_SESSION_DO_ADMIT_CHANNEL = 16,  /* make the channel that the OPEN at hand asks for */
	SLC_SESSION_DO_REFUSE_CHANNEL = 32, /* answer the OPEN at hand with REFUSE */
	SLC_SESSION_DO_OPEN_CHANNEL = 64,   /* make the channel that was wanted and send its OPEN */
	SLC_SESSION_DO_DELIVER = 128,       /* give the frame at hand to its channel */
	SLC_SESSION_DO_TRANSMIT = 256, /* put the frame that a channel wants sent on the wire */
	SLC_SESSION_DO_SEND_PING = 512,
	SLC_SESSION_DO_SEND_PONG = 1024,     /* owe one PONG: for the newest PING, if two wait */
	SLC_SESSION_DO_MEASURED = 2048,      /* give the PONG to who wants the round-trip time */
	SLC_SESSION_DO_FAIL_CHANNELS = 4096, /* tell every channel LOST */
	SLC_SESSION_DO_SEND_GOODBYE = 8192,  /* with reason, then end our direction, then discard */
	SLC_SESSION_DO_CLOSE_TRANSPORT = 16384, /* close at once */
	SLC_SESSION_DO_ARM = 32768,   /* start the state's timer: TIMEOUT with n = timer */
	SLC_SESSION_DO_REPORT = 65536 /* tell the owner how the session ended */
};

struct slc_session {
	int cs;
	uint32_t must_prove; /* 1: both ends must prove themselves before any channel */
	uint32_t limit;      /* most channels at once, opened here and there together */
	uint32_t timer;    /* generation of the newest timer; an older one that fires is ignored */
	uint32_t proved;   /* 1: the peer has proved itself to this end */
	uint32_t accepted; /* 1: the peer has said that it accepts this end's proof */
	uint32_t channels; /* channels that have not ended */
	uint32_t heard;    /* 1: a frame came since the keepalive timer was last looked at */
	uint32_t ping;     /* 1: a PING of ours has not been answered */
	uint32_t reason;   /* why the session ends, enum slc_reason or what the peer said */
};

/* must_prove: 0 or 1. limit: 0..SLC_SESSION_CHANNELS_MAX. */
void slc_session_init(struct slc_session *m, uint32_t must_prove, uint32_t limit);

/* One event; n is what it carries (page: Alphabet), 0 where it carries nothing. Returns effects. */
uint32_t slc_session_step(struct slc_session *m, enum slc_session_event event, uint32_t n);

#endif
