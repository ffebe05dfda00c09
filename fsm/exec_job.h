/* exec_job: one command that a client runs inside. Page: spec/exec_job.md. */
#ifndef CLOISTER_FSM_EXEC_JOB_H
#define CLOISTER_FSM_EXEC_JOB_H

#include <stdint.h>

#include "fsm/exec_job_event.h"

#define EXEC_JOB_FAILED     125u /* the status where no process ran, and it is our fault */
#define EXEC_JOB_SIGNAL_MAX 64u  /* SIGRTMAX on Linux */

/* What the plumbing must do after a step, lowest bit first. */
enum exec_job_effect {
	EXEC_JOB_DO_SPAWN = 1,        /* answer STARTED, NOT_STARTED or, later, EXITED or KILLED */
	EXEC_JOB_DO_SIGNAL = 2,       /* send `signal` to the process group */
	EXEC_JOB_DO_TERM = 4,         /* send SIGTERM to the process group */
	EXEC_JOB_DO_KILL = 8,         /* send SIGKILL to the process group */
	EXEC_JOB_DO_WRITE_INPUT = 16, /* the bytes at hand go to the process */
	EXEC_JOB_DO_DROP_INPUT = 32,  /* the bytes at hand go nowhere, and count as consumed */
	EXEC_JOB_DO_CLOSE_INPUT = 64, /* once what was written before has gone */
	EXEC_JOB_DO_CLOSE = 128,      /* close our ends of all pipes */
	EXEC_JOB_DO_REPORT = 256,     /* the job is over with `status`: END, END, STATUS; audit */
	EXEC_JOB_DO_REAP = 512,       /* wait for the process, so that its number is free */
	EXEC_JOB_DO_RELEASE = 1024,   /* tell the client that it runs, and let him go */
	EXEC_JOB_DO_ARM = 2048        /* start the state's timer; it comes back as TIMEOUT */
};

struct exec_job {
	int cs;
	uint32_t timer;    /* generation of the newest timer; an older one that fires is ignored */
	uint32_t input;    /* 1: the process may still read */
	uint32_t output;   /* 1: output has not ended */
	uint32_t lost;     /* 1: nobody is there to read the output */
	uint32_t detached; /* 1: it outlives its client once it runs */
	uint32_t signal;   /* the newest signal that the client sent */
	uint32_t status;   /* 0..255, as a shell would say it */
};

void exec_job_init(struct exec_job *m);

/* One event; n is what it carries (page: Alphabet), 0 where it carries nothing. Returns effects. */
uint32_t exec_job_step(struct exec_job *m, enum exec_job_event event, uint32_t n);

#endif
