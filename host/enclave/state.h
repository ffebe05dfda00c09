/* state: the folders of enclaves: $XDG_RUNTIME_DIR/cloister/NAME, or /run/cloister/NAME.
 *
 *   lock         held (flock) by the supervisor as long as it lives; free: left by one that died
 *   state.json   what `list` and `describe` print; replaced as a whole
 *   address      one line: where the enclave's channel listens
 *   control      the supervisor's socket (control.h)
 *   vsock/N      sockets that stand for vsock: those of CID N
 *   log          the supervisor's log
 *   console, console.old
 *
 * A folder is made, and one that was left is removed, under the lock of the folder above.
 * Words of faults: state (no folder can be made or used), in_use (name or CID), not_found.
 */
#ifndef CLOISTER_HOST_ENCLAVE_STATE_H
#define CLOISTER_HOST_ENCLAVE_STATE_H

#include <jansson.h>
#include <limits.h>

#include "host/enclave/settings.h"

struct state {
	char base[PATH_MAX];   /* the folder above */
	char folder[PATH_MAX]; /* this enclave's */
	int lock;              /* descriptor; -1: not held */
};

/* Finds the folder above and makes it, if `make` is set. */
int state_base(char base[PATH_MAX], bool make, struct fault *fault);

/* Makes and locks the folder of a new enclave. Chooses a free name and a free CID where settings
 * leave them open, and writes them there. */
int state_claim(struct state *state, struct settings *settings, struct fault *fault);

/* Writes a file of the folder, as a whole or not at all. */
int state_write(const struct state *state, const char *name, const char *text, size_t size,
	struct fault *fault);
int state_write_json(
	const struct state *state, const char *name, const json_t *json, struct fault *fault);

/* Removes the folder with all that is in it, and gives the lock up. */
void state_remove(struct state *state);

/* Calls `each` for every enclave whose supervisor lives, in the order of names; folders that dead
 * ones left are removed. `json` is borrowed. Stops where `each` returns something else than 0, and
 * returns that. A missing folder above has no enclaves. */
int state_each(int (*each)(void *data, const char *name, const char *folder, json_t *json),
	void *data, struct fault *fault);

/* Finds a living enclave by name or by EnclaveID. The caller owns *json. */
int state_find(const char *name, const char *id, char folder[PATH_MAX], json_t **json,
	struct fault *fault);

/* Removes what is in an open folder, however deep it is, without following links. */
void state_empty(int folder);

#endif
