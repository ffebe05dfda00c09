/* supervisor: the process behind one enclave, from `run` to its end: it performs what the machine
 * `enclave` asks for (spec/enclave.md), whatever the backend. */
#ifndef CLOISTER_HOST_ENCLAVE_SUPERVISOR_H
#define CLOISTER_HOST_ENCLAVE_SUPERVISOR_H

#include "host/enclave/backend.h"
#include "host/enclave/state.h"

/* Runs until the enclave has ended and all that was made for it is removed. told: a socket whose
 * other end hears what happens (control.h). `settings`, `judged` and `state` are its to use. */
void supervisor_run(const struct settings *settings, const struct judged *judged,
	struct state *state, int told);

/* What `run` prints, and what `describe` prints of the same enclave. The caller owns the result. */
json_t *facts_of(const struct settings *settings, const struct judged *judged, pid_t supervisor);

#endif
