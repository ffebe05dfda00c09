/* copy_job: the receiving side of a copy. Page: spec/copy_job.md. */
#ifndef CLOISTER_FSM_COPY_JOB_H
#define CLOISTER_FSM_COPY_JOB_H

#include <stdint.h>

#include "fsm/copy_job_event.h"
#include "fsm/slc_reason.h"

#define COPY_JOB_PENDING_MAX 1073741824u /* bytes on their way to the disk: a channel's window */

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
	COPY_JOB_DO_REPORT = 256  /* the copy is over, with `reason` where it failed */
};

struct copy_job {
	int cs;
	uint32_t limit;   /* most members of this copy */
	uint32_t pending; /* bytes asked to be written that were not reported as written */
	uint32_t members; /* members that are in place */
	uint32_t failing; /* 1: the copy has failed, and what is under way must come back first */
	uint32_t reason;  /* why it failed, enum slc_reason */
};

/* limit: most members, any number. */
void copy_job_init(struct copy_job *m, uint32_t limit);

/* One event; n is what it carries (page: Alphabet), 0 where it carries nothing. Returns effects. */
uint32_t copy_job_step(struct copy_job *m, enum copy_job_event event, uint32_t n);

#endif
