/* copy_job: every order of events, under any limit of members. */
#include "gen/copy_job.h"

#include "fuzz/machine.h"

FUZZ_EVENTS(copy_job, COPY_JOB_ABORT, copy_job_init(m, seed % 5u))
