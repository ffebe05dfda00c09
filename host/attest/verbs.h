/* verbs: what main.c calls. Each takes the arguments from its own name on. */
#ifndef CLOISTER_HOST_ATTEST_VERBS_H
#define CLOISTER_HOST_ATTEST_VERBS_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "runtime/kernel/fault.h"

/* Return 0, or -1 with the fault set. */
int verb_verify(int count, char **arguments, struct fault *fault);
int verb_show(int count, char **arguments, struct fault *fault);
int verb_policy(int count, char **arguments, struct fault *fault);

/* For the verbs: a file, or standard input for "-", of at most `most` bytes. Faults: "input",
 * "limit". */
int read_document(const char *path, uint8_t *bytes, size_t most, size_t *size, struct fault *fault);

/* For the verbs: prints a value on a line, and drops it; null stands for no memory. Faults:
 * "memory", "io". */
int print_json(json_t *value, struct fault *fault);

/* For the verbs: what was printed has to have arrived. Fault: "io". */
int finish_output(struct fault *fault);

#endif
