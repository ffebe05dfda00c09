/* slc_channel: one end of one channel of the secure local channel, with its credit.
 * Page: spec/slc_channel.md; the protocol around it: spec/slc.md. */
#ifndef CLOISTER_FSM_SLC_CHANNEL_H
#define CLOISTER_FSM_SLC_CHANNEL_H

#include <stdint.h>

#include "fsm/slc_channel_event.h"
#include "fsm/slc_reason.h"

#define SLC_CHANNEL_CREDIT_MAX 1073741824u /* bytes that one end may be owed at once, 2^30 */

/* What the plumbing must do after a step, lowest bit first. */
enum slc_channel_effect {
	SLC_CHANNEL_DO_SEND_OPEN = 1,
	SLC_CHANNEL_DO_SEND_ACCEPT = 2,
	SLC_CHANNEL_DO_SEND_REFUSE = 4,   /* with reason */
	SLC_CHANNEL_DO_ASK = 8,           /* let the owner decide: ACCEPT or REFUSE */
	SLC_CHANNEL_DO_OPENED = 16,       /* tell the owner that the peer has accepted */
	SLC_CHANNEL_DO_DELIVER = 32,      /* give what is at hand to the owner */
	SLC_CHANNEL_DO_TRANSMIT = 64,     /* send the n bytes that were offered */
	SLC_CHANNEL_DO_SEND_END = 128,    /* of the stream that was finished */
	SLC_CHANNEL_DO_SEND_CREDIT = 256, /* of `granted` bytes */
	SLC_CHANNEL_DO_WAKE = 512,        /* tell the owner that it may send more */
	SLC_CHANNEL_DO_SEND_MESSAGE = 1024,
	SLC_CHANNEL_DO_SEND_STATUS = 2048,
	SLC_CHANNEL_DO_SEND_RESET = 4096,     /* with reason */
	SLC_CHANNEL_DO_ARM = 8192,            /* start the state's timer: TIMEOUT with n = timer */
	SLC_CHANNEL_DO_REPORT = 16384,        /* tell the owner how the channel ended */
	SLC_CHANNEL_DO_BREAK_SESSION = 32768, /* give the session BAD_FRAME: the peer ignores us */
	SLC_CHANNEL_DO_RELEASE = 65536 /* forget the channel; the session gets CHANNEL_ENDED */
};

struct slc_channel {
	int cs;
	uint32_t opener;              /* 1: this end opened the channel */
	uint32_t timer;               /* generation of the newest timer */
	uint32_t send_credit;         /* bytes that this end may still send */
	uint32_t window;              /* bytes that the peer is granted in all */
	uint32_t receive_window;      /* bytes that the peer may still send */
	uint32_t held;                /* bytes received that the owner has not consumed */
	uint32_t owed;                /* bytes consumed that were not granted again */
	uint32_t granted;             /* bytes of the newest CREDIT that this end sent */
	uint32_t send_ended;          /* 1: this end has ended its main stream, or has none */
	uint32_t send_error_ended;    /* 1: the same of its error stream */
	uint32_t receive_ended;       /* 1: the peer has ended its main stream, or has none */
	uint32_t receive_error_ended; /* 1: the same of its error stream */
	uint32_t reason;              /* why the channel ended badly */
};

/* credit: what the peer's HELLO grants, 0..SLC_CHANNEL_CREDIT_MAX.
 * window: what our HELLO grants, 1..SLC_CHANNEL_CREDIT_MAX. */
void slc_channel_init(struct slc_channel *m, uint32_t credit, uint32_t window);

/* One event; n is what it carries (page: Alphabet), 0 where it carries nothing. Returns effects. */
uint32_t slc_channel_step(struct slc_channel *m, enum slc_channel_event event, uint32_t n);

#endif
