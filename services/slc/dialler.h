/* dialler: the process that connects to the target of one forward: slc once more, under another
 * name. The front may make no socket, so this one does, hands it over, and ends: not a byte of the
 * connection passes here. What it may do beyond that depends on the target: a name is looked up, in
 * files and over the network; a Unix socket has a path.
 *
 *   descriptor 3   here it says how it went, as a copier does (copier.h), with the connection
 *   descriptor 4   the fields of the request
 */
#ifndef CLOISTER_SERVICES_SLC_DIALLER_H
#define CLOISTER_SERVICES_SLC_DIALLER_H

#include "services/slc/process.h"

#define DIALLER_NAME    "slc-dialler" /* its arguments' first */
#define DIALLER_SECONDS 10            /* that connecting may take; an OPEN is answered within 30 */

/* --- The broker's side ------------------------------------------------------------------------ */

/* A dialler to start. It must stay where it is until dialler_close. */
struct dialler_job {
	struct program program;
	const char *argv[2];
	int request;
};

/* Or a holder (holder.h), where the type is SLC_LISTEN. fields: a request that was checked. Fault:
 * "limit" (no memory for it). */
int dialler_open(struct dialler_job *job, uint32_t type, const uint8_t *fields, size_t size,
	struct fault *fault);
void dialler_close(struct dialler_job *job);

/* --- The dialler itself ----------------------------------------------------------------------- */

int dialler_run(int count);

/* --- For it and for holders ------------------------------------------------------------------- */

#define DIALLER_FOLDER "CLOISTER_VSOCK_DIR" /* of the environment: stand-ins for vsock */

/* The fields of the request: how many bytes, or -1. */
ssize_t dialler_read(uint8_t *bytes, size_t size, struct fault *fault);

/* What the word of a fault is as a reason of the protocol. */
uint32_t dialler_reason(const char *word);

/* How it went, and a socket, or -1. Returns an exit code. */
int dialler_say(uint32_t reason, const char *text, int fd);

#endif
