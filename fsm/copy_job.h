/* copy_job: the receiving side of a copy. Page: spec/copy_job.md. */
#ifndef CLOISTER_FSM_COPY_JOB_H
#define CLOISTER_FSM_COPY_JOB_H

#include <stdint.h>

#include "fsm/copy_job_event.h"
#include "fsm/slc_reason.h"

#define COPY_JOB_PENDING_MAX 1073741824u /* bytes on their way to the disk: a channel's window */
#define COPY_JOB_ASKED_MAX   256u        /* questions between two times that answers are due */

/* What the plumbing must do after a step, lowest bit first. Work on the disk is done by others and
 * in the order asked for; each piece is answered by one event. */
enum copy_job_effect {
	COPY_JOB_DO_CREATE = 1,  /* a temporary beside the target: CREATED or CREATE_FAILED */
	COPY_JOB_DO_PLACE = 2,   /* a directory, link or the like: RENAMED or RENAME_FAILED */
	COPY_JOB_DO_WRITE = 4,   /* the bytes at hand: WRITTEN or WRITE_FAILED */
	COPY_JOB_DO_CONSUME = 8, /* the n bytes are on the disk: the channel may grant them again */
	COPY_JOB_DO_VERIFY = 16, /* what was written, against DIGEST: DIGEST_OK or DIGEST_BAD */
	COPY_JOB_DO_RENAME = 32, /* over the target: RENAMED or RENAME_FAILED */
	COPY_JOB_DO_REMOVE = 64, /* the temporary, if there is one: REMOVED, always */
	COPY_JOB_DO_FINISH = 128, /* modes and times of directories: FINISHED or FINISH_FAILED */
	COPY_JOB_DO_REPORT = 256, /* the copy is over, with `reason` where it failed */
	COPY_JOB_DO_LOOK = 512,   /* what is there of the file that is asked about: LOOKED */
	COPY_JOB_DO_TELL = 1024,  /* answers to all that was asked since the last time */
	COPY_JOB_DO_KEEP = 2048 /* the temporary, so that it can be resumed: KEPT or KEEP_FAILED */
};

struct copy_job {
	int cs;
	uint32_t limit;   /* most members of this copy */
	uint32_t keeps;   /* above 0: a file that breaks off is kept and not removed */
	uint32_t pending; /* bytes asked to be written that were not reported as written */
	uint32_t asked;   /* questions since the last TELL */
	uint32_t members; /* members that are in place */
	uint32_t failing; /* 1: the copy has failed, and what is under way must come back first */
	uint32_t reason;  /* why it failed, enum slc_reason */
};

/* limit: most members, any number. keeps: 0, or keep a file that breaks off. */
void copy_job_init(struct copy_job *m, uint32_t limit, uint32_t keeps);

/* One event; n is what it carries (page: Alphabet), 0 where it carries nothing. Returns effects. */
uint32_t copy_job_step(struct copy_job *m, enum copy_job_event event, uint32_t n);

#endif
