/* copy_job: every order of events, under any limit of members, with files kept and without. */
#include "gen/copy_job.h"

#include "fuzz/machine.h"

FUZZ_EVENTS(copy_job, COPY_JOB_ABORT, copy_job_init(m, seed % 5u, seed / 8u % 2u))
