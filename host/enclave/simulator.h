/* simulator: the program nsmsim, which stands for an enclave's Nitro Secure Module. */
#ifndef CLOISTER_HOST_ENCLAVE_SIMULATOR_H
#define CLOISTER_HOST_ENCLAVE_SIMULATOR_H

#include "host/enclave/backend.h"
#include "host/enclave/companion.h"

/* Finds the program: the one that was asked for, or else nsmsim beside this one. False: there is
 * none beside it. */
bool simulator_find(const struct settings *settings, char program[PATH_MAX]);

/* Has it listen on FOLDER/nsm/socket, which is then `socket`. Faults: "state", "limit", "spawn". */
int simulator_start(struct companion *simulator, struct loop *loop, const struct backend_plan *plan,
	const char *program, struct fault *fault);

#endif
