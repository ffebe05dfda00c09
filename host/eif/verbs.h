/* verbs: what main.c calls. Each takes the arguments from its own name on. */
#ifndef CLOISTER_HOST_EIF_VERBS_H
#define CLOISTER_HOST_EIF_VERBS_H

#include "runtime/eif/description.h"
#include "runtime/kernel/fault.h"

/* Returned for `--help`, which the verb has answered. */
#define VERB_HELPED 1

/* Return 0, VERB_HELPED, or -1 with the fault set; a wrong command line has the word "usage". */
int verb_build(int count, char **arguments, struct fault *fault);
int verb_describe(int count, char **arguments, struct fault *fault);
int verb_evidence(int count, char **arguments, struct fault *fault);
int verb_extract(int count, char **arguments, struct fault *fault);
int verb_ramdisk(int count, char **arguments, struct fault *fault);
int verb_size(int count, char **arguments, struct fault *fault);

/* For the verbs: the text for an argument that getopt_long did not know. */
int usage_fault(struct fault *fault, const char *verb, char **arguments, int index);

#endif
