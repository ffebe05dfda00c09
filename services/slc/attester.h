/* attester: the process that asks the NSM for one document, or marks register 18, or passes the
 * log on: slc once more, under another name. The NSM may take two minutes, and blocks whom it
 * serves: so it is a process of its own, that can be stopped, and that may do nothing else.
 *
 *   descriptor 1   the document, or the log
 *   descriptor 3   here it says how it went, as a copier does (copier.h)
 *   descriptor 4   the fields of the request; what to mark the register with; the log
 */
#ifndef CLOISTER_SERVICES_SLC_ATTESTER_H
#define CLOISTER_SERVICES_SLC_ATTESTER_H

#include "services/slc/process.h"

#define ATTESTER_NAME     "slc-attester" /* its arguments' first; then the NSM's path, and a word */
#define ATTESTER_DOCUMENT "document"
#define ATTESTER_MARK     "mark"
#define ATTESTER_LOG      "log"

/* --- The broker's side ------------------------------------------------------------------------ */

/* An attester to start. It must stay where it is until attester_close. */
struct attester_job {
	struct program program;
	const char *argv[4];
	int request;
};

/* bytes: what descriptor 4 holds; the fields of a request were checked. Fault: "limit" (no memory
 * for it). */
int attester_open(struct attester_job *job, const char *nsm, const char *word, const uint8_t *bytes,
	size_t size, struct fault *fault);

/* The same with a file that is there, which becomes the job's. */
void attester_open_file(struct attester_job *job, const char *nsm, const char *word, int file);
void attester_close(struct attester_job *job);

/* --- The attester itself ---------------------------------------------------------------------- */

int attester_run(int count, char **arguments);

#endif
