/* simulator: the program nsmsim, which stands for an enclave's Nitro Secure Module: started before
 * the enclave, ended after it. */
#ifndef CLOISTER_HOST_ENCLAVE_SIMULATOR_H
#define CLOISTER_HOST_ENCLAVE_SIMULATOR_H

#include <limits.h>

#include "host/enclave/backend.h"
#include "runtime/kernel/child.h"

#define SIMULATOR_POLL (5 * CLOCK_MILLISECOND)

struct simulator {
	/* Set by the owner. One of them is called, once, after simulator_start. */
	void (*listens)(void *user);
	void (*failed)(void *user, const struct fault *fault);
	void *user;

	/* Its own. */
	struct child child;
	struct timer poll;
	struct loop *loop;
	bool has_answered;
	char socket[PATH_MAX];
};

/* Finds the program: the one that was asked for, or else nsmsim beside this one. False: there is
 * none beside it. */
bool simulator_find(const struct settings *settings, char program[PATH_MAX]);

/* Has it listen on FOLDER/nsm/socket, which is then `socket`. Faults: "state", "limit", "spawn". */
int simulator_start(struct simulator *simulator, struct loop *loop, const struct backend_plan *plan,
	const char *program, struct fault *fault);

/* Ends it; one that does not run may be ended. */
void simulator_end(struct simulator *simulator);

#endif
