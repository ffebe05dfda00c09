/* failure: how a verb's failure (runtime/client/failure.h) ends the program. */
#ifndef CLOISTER_HOST_PIPELINE_FAILURE_H
#define CLOISTER_HOST_PIPELINE_FAILURE_H

#include <stdbool.h>

#include "runtime/client/failure.h"

/* Prints the fault and, for scripts, `reason: WORD`; returns the exit code. */
int failure_print(const struct failure *failure, bool is_exec);

#endif
