/* attester: the process that asks the NSM for one document: slc once more, under another name. The
 * NSM may take two minutes, and blocks whom it serves: so it is a process of its own, that can be
 * stopped, and that may do nothing else.
 *
 *   descriptor 1   the document
 *   descriptor 3   here it says how it went, as a copier does (copier.h)
 *   descriptor 4   the fields of the request
 */
#ifndef CLOISTER_SERVICES_SLC_ATTESTER_H
#define CLOISTER_SERVICES_SLC_ATTESTER_H

#include "services/slc/process.h"

#define ATTESTER_NAME "slc-attester" /* its arguments' first; the NSM's path is the second */

/* --- The broker's side ------------------------------------------------------------------------ */

/* An attester to start. It must stay where it is until attester_close. */
struct attester_job {
	struct program program;
	const char *argv[3];
	int request;
};

/* fields: a request that was checked. Fault: "limit" (no memory for it). */
int attester_open(struct attester_job *job, const char *nsm, const uint8_t *fields, size_t size,
	struct fault *fault);
void attester_close(struct attester_job *job);

/* --- The attester itself ---------------------------------------------------------------------- */

int attester_run(int count, char **arguments);

#endif
