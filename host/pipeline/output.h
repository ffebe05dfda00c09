/* output: what verbs print on standard output as their result; exec's streams are not of it. */
#ifndef CLOISTER_HOST_PIPELINE_OUTPUT_H
#define CLOISTER_HOST_PIPELINE_OUTPUT_H

#include <jansson.h>

#include "runtime/kernel/fault.h"

/* Prints a value on a line and drops it; null stands for no memory. Faults: "memory", "io". */
int output_json(json_t *value, struct fault *fault);

/* A text as JSON; one that is not UTF-8 has its other bytes as \xNN. Null: no memory. */
json_t *output_text(const char *text);

/* A warning on standard error, in red where that is a terminal. */
void output_alarm(const char *text);

/* What was printed has to have arrived. Fault: "io". */
int output_finish(struct fault *fault);

#endif
