/* personality: this program called by the name nitro-cli takes its verbs and options, prints its
 * JSON, and fails as it does: a line "[ Enn ] text", and nn as exit code (spec/nitro.md). */
#ifndef CLOISTER_HOST_ENCLAVE_PERSONALITY_H
#define CLOISTER_HOST_ENCLAVE_PERSONALITY_H

#include <stdbool.h>

/* Whether a program's own name, with or without folders, is nitro-cli. */
bool personality_wanted(const char *name);

/* Whether it was called so: nothing of ours goes into the output then. */
bool personality_is_on(void);

/* Does what the arguments ask for, and returns the exit code. */
int personality_run(int count, char **arguments);

#endif
