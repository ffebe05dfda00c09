/* proof: the client's side of the proofs: a nonce, and what it believes of a document. */
#ifndef CLOISTER_HOST_PIPELINE_PROOF_H
#define CLOISTER_HOST_PIPELINE_PROOF_H

#include "host/pipeline/connection.h"

/* For sessions that a connection owns. */
extern const struct slc_proofs connection_proofs;

/* Finds out what the document must be like. Faults: "usage", "input", "certificate", "crypto",
 * "memory", those of policy.h. */
int proof_open(
	struct connection *connection, const struct options *options, struct failure *failure);

#endif
