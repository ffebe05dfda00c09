/* exec_job: every order of events. */
#include "gen/exec_job.h"

#include "fuzz/machine.h"

FUZZ_EVENTS(exec_job, EXEC_JOB_DETACH, exec_job_init(m))
