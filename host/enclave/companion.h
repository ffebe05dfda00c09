/* companion: a program that serves an enclave, as nsmsim and vsockd do: started before the enclave,
 * ended after it, and never left behind. It says that it listens by a line to --ready-fd. */
#ifndef CLOISTER_HOST_ENCLAVE_COMPANION_H
#define CLOISTER_HOST_ENCLAVE_COMPANION_H

#include <limits.h>

#include "runtime/kernel/child.h"

/* For its --ready-fd, which its owner names; none of the plan's descriptors has this number. */
#define COMPANION_READY      9
#define COMPANION_READY_TEXT "9"

struct companion {
	/* Set by the owner. One of the first two is called, once, after companion_start. */
	void (*listens)(void *user);
	void (*failed)(void *user, const struct fault *fault);
	void (*ended)(void *user, const struct fault *fault); /* later; null: nobody cares */
	void *user;
	const char *word; /* of its faults: what it is to the enclave */

	char socket[PATH_MAX]; /* a place for its path, which owners want later */

	/* To read */
	int status; /* of its end: its code, or 128 and the signal */

	/* Its own */
	struct child child;
	struct watch ready;
	bool is_heard; /* for its word */
	bool has_answered;
};

/* `plan` without `prepare`. Faults: those of child_start, "limit". */
int companion_start(struct companion *companion, struct loop *loop, struct child_plan *plan,
	struct fault *fault);

/* Ends it; one that does not run may be ended. */
void companion_end(struct companion *companion);

/* The program of that name beside this one. False: there is none. */
bool companion_beside(const char *name, char program[PATH_MAX]);

/* For a plan's `prepare`: the process does not outlive the supervisor, and gains no rights. */
int companion_tie(void *data);

/* A terminal for an enclave's console, and *slave, its end for the process; both the caller's.
 * Fault: "io". */
int companion_terminal(int *slave, struct fault *fault);

/* Kills and reaps a process at once, whatever its state is; nothing is told. */
void companion_finish(struct child *child);

#endif
