/* run_json: `run --json`. */
#ifndef CLOISTER_HOST_PIPELINE_RUN_JSON_H
#define CLOISTER_HOST_PIPELINE_RUN_JSON_H

#include "host/pipeline/options.h"

/* Runs the text in bash, or in sh where there is no bash, and prints {"stdout", "stderr", "rc",
 * "attested"}. Returns the command's status; or -1. Faults: those of the library; "limit" (it has
 * said more than can be kept). */
int run_json(const struct options *options, const char *text, struct failure *failure);

#endif
