/* verbs: what main.c calls. Each takes the arguments from its own name on. */
#ifndef CLOISTER_HOST_ENCLAVE_VERBS_H
#define CLOISTER_HOST_ENCLAVE_VERBS_H

#include <jansson.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "runtime/kernel/fault.h"

/* Returned for `--help`, which the verb has answered. */
#define VERB_HELPED 1

/* Return 0, VERB_HELPED, or -1 with the fault set; a wrong command line has the word "usage". */
int verb_run(int count, char **arguments, struct fault *fault);
int verb_list(int count, char **arguments, struct fault *fault);
int verb_describe(int count, char **arguments, struct fault *fault);
int verb_console(int count, char **arguments, struct fault *fault);
int verb_terminate(int count, char **arguments, struct fault *fault);
int verb_wait(int count, char **arguments, struct fault *fault);
int verb_logs(int count, char **arguments, struct fault *fault);
int verb_pcr(int count, char **arguments, struct fault *fault);
int verb_size(int count, char **arguments, struct fault *fault);
int verb_doctor(int count, char **arguments, struct fault *fault);

/* --- Shared by verbs -------------------------------------------------------------------------- */

/* Which enclave is meant. */
struct choice {
	const char *name, *id;
	bool all, json, metadata;
	bool disconnects;
	bool healthy, gone; /* what to wait for; neither: that it is ready */
	uint32_t seconds;   /* to wait; 0: for ever */
	bool follow, console;
};

/* Reads --name and its kin, and from `extras` (letters) also --all (a), --metadata (m),
 * --disconnect-timeout (d), --ready, --healthy, --gone and --timeout (w), --follow and --console
 * (l). An argument without an option is a name. Returns 0, VERB_HELPED, -1. */
int choice_read(struct choice *choice, const char *verb, const char *help, const char *extras,
	int count, char **arguments, struct fault *fault);

/* Finds the one that was chosen. The caller owns *json. Faults: those of state_find, "usage". */
int choice_find(const struct choice *choice, const char *verb, char folder[PATH_MAX], json_t **json,
	struct fault *fault);

/* Prints JSON as nitro-cli does: two spaces, keys in their order. Fault: "io". */
int print_json(const json_t *json, struct fault *fault);

#endif
