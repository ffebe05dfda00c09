/* proof: the client's side of the proofs: a nonce, and what it believes of a document. */
#ifndef CLOISTER_HOST_PIPELINE_PROOF_H
#define CLOISTER_HOST_PIPELINE_PROOF_H

#include "host/pipeline/connection.h"

/* Finds out what the document must be like, opens the operator's key where one is named, and sets
 * connection->proofs. Faults: "usage", "input", "certificate", "crypto", "memory", those of
 * policy.h and of key_open. */
int proof_open(
	struct connection *connection, const struct options *options, struct failure *failure);

#endif
