/* enclave: the life of one enclave, as its launcher on the host sees it. Page: spec/enclave.md. */
#ifndef CLOISTER_FSM_ENCLAVE_H
#define CLOISTER_FSM_ENCLAVE_H

#include <stdint.h>

#include "fsm/enclave_event.h"

/* Why an enclave failed. */
enum enclave_reason {
	ENCLAVE_REASON_NONE = 0,
	ENCLAVE_REASON_LISTEN = 1,    /* no socket for the heartbeat */
	ENCLAVE_REASON_START = 2,     /* the backend could not be started, or not in time */
	ENCLAVE_REASON_HEARTBEAT = 3, /* no heartbeat in time */
	ENCLAVE_REASON_PANIC = 4,     /* the kernel has panicked */
	ENCLAVE_REASON_EXITED = 5,    /* the backend has ended unasked and without a farewell */
	ENCLAVE_REASON_LEFT = 6,      /* the enclave shut itself down unheard, or for a failure */
	ENCLAVE_REASON_STUCK = 7      /* the backend was killed and does not end */
};

/* What the plumbing must do after an event, lowest bit first. */
enum enclave_effect {
	ENCLAVE_DO_LISTEN = 1,   /* bind heartbeat and ready sockets; LISTENING or LISTEN_FAILED */
	ENCLAVE_DO_START = 2,    /* start the backend; STARTED or START_FAILED, later EXITED */
	ENCLAVE_DO_ANSWER = 4,   /* send 0xB7 back */
	ENCLAVE_DO_ASK_STOP = 8, /* ask the enclave's init for an orderly shutdown */
	ENCLAVE_DO_KILL = 16,    /* end the backend by force, also one that just starts */
	ENCLAVE_DO_PROBE = 32,   /* ask for health, giving up the probe before */
	ENCLAVE_DO_ARM = 64,     /* start the state's timer; TIMEOUT carries n = timer */
	ENCLAVE_DO_CLEAN_UP = 128,     /* close and remove sockets and state, once */
	ENCLAVE_DO_TELL_READY = 256,   /* tell waiters that the enclave is ready */
	ENCLAVE_DO_TELL_HEALTH = 512,  /* tell observers that it answers, with `down` units down */
	ENCLAVE_DO_TELL_SILENT = 1024, /* tell observers that it no longer answers */
	ENCLAVE_DO_TELL_LATE = 2048,   /* tell waiters that it is not ready in time; it lives on */
	ENCLAVE_DO_TELL_ENDED = 4096,  /* tell everybody that it has ended as it should */
	ENCLAVE_DO_TELL_FAILED = 8192 /* tell everybody why it failed: reason, last console lines */
};

struct enclave {
	int cs;
	uint32_t timer;  /* generation of the newest timer; an older one that fires is ignored */
	uint32_t reason; /* enum enclave_reason: what the end will be, or was, put down to */
	uint32_t down;   /* units that are not up, as the enclave last said */
};

void enclave_init(struct enclave *m);

/* One event; n is what it carries (page: Alphabet), 0 where it carries nothing. Returns effects. */
uint32_t enclave_step(struct enclave *m, enum enclave_event event, uint32_t n);

#endif
