/* proof: the client's side of the proofs: a nonce, and what it believes of a document. */
#ifndef CLOISTER_RUNTIME_CLIENT_PROOF_H
#define CLOISTER_RUNTIME_CLIENT_PROOF_H

#include "runtime/client/connection.h"

/* Finds out what the document must be like, opens the operator's key where one is named, and sets
 * connection->proofs. Faults: "usage", "input", "certificate", "crypto", "memory", those of
 * policy.h and of key_open. */
int proof_open(struct connection *connection, const struct connection_settings *settings,
	struct failure *failure);

#endif
