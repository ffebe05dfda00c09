/* slc_auth: the order of the proofs at one end of a session.
 * Page: spec/slc_auth.md; the protocol around it: spec/slc.md. */
#ifndef CLOISTER_FSM_SLC_AUTH_H
#define CLOISTER_FSM_SLC_AUTH_H

#include <stdint.h>

#include "fsm/slc_auth_event.h"
#include "fsm/slc_reason.h"

/* What the plumbing must do after a step, lowest bit first. */
enum slc_auth_effect {
	SLC_AUTH_DO_SEND_NONCE = 1,
	SLC_AUTH_DO_MAKE_DOCUMENT = 2, /* over the nonce at hand; answer MADE or BAD */
	SLC_AUTH_DO_SEND_DOCUMENT = 4,
	SLC_AUTH_DO_JUDGE = 8,           /* the document at hand; answer GOOD or BAD */
	SLC_AUTH_DO_SEND_KEY = 16,       /* with its signature; or that there is none */
	SLC_AUTH_DO_CHECK = 32,          /* key and signature at hand; answer GOOD or BAD */
	SLC_AUTH_DO_SEND_ACCEPTED = 64,  /* the last frame of the proofs */
	SLC_AUTH_DO_TELL_PROVED = 128,   /* to the session: PROVED */
	SLC_AUTH_DO_TELL_ACCEPTED = 256, /* to the session: ACCEPTED */
	SLC_AUTH_DO_FAIL = 512           /* to the session: AUTH_FAILED with the reason */
};

struct slc_auth {
	int cs;
	uint32_t serves;    /* 1: the enclave's end; 0: the client's */
	uint32_t wants_key; /* of the enclave's end: 1: a client without a key is refused */
	uint32_t proved;    /* 1: the peer has proved itself */
	uint32_t reason;    /* why it failed, enum slc_reason */
};

/* Both 0 or 1. */
void slc_auth_init(struct slc_auth *m, uint32_t serves, uint32_t wants_key);

/* One event; n is what it carries (page: Alphabet), 0 where it carries nothing. Returns effects. */
uint32_t slc_auth_step(struct slc_auth *m, enum slc_auth_event event, uint32_t n);

#endif
