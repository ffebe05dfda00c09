/* entry: whether a client believes that it talks to the enclave of a document, as a pure decision
 * over what was found out (spec/slc.md, Authentication). It reads nothing and calls nothing, so
 * that it can be proved: verify/entry.acsl says that a session is called attested only if the
 * verdict is `accepted` and the document is this session's, and what each refusal is about. A fact
 * that was not found out is zero, and zero refuses. */
#ifndef CLOISTER_RUNTIME_CHANNEL_ENTRY_H
#define CLOISTER_RUNTIME_CHANNEL_ENTRY_H

#include <stdbool.h>

#include "runtime/crypto/verdict.h"

enum entry {
	ENTRY_ATTESTED,   /* the enclave is the one that was wanted */
	ENTRY_UNATTESTED, /* nobody has signed the document, or the enclave is in debug mode, as was
	                     allowed; the rest is right */
	ENTRY_DOCUMENT,   /* the verdict is another one */
	ENTRY_NONCE,      /* it is not over our nonce */
	ENTRY_SESSION,    /* its user data are not those of this connection */
	ENTRY_KEY         /* its public key is not that of the peer's certificate */
};

struct entry_facts {
	enum verdict verdict;
	bool is_read; /* it is a document, whoever made it */
	bool has_nonce, has_session, has_key;
	bool accepts_unsigned; /* --accept-unsigned */
	bool accepts_debug;    /* --accept-debug */
	bool has_policy;       /* with one, neither is accepted */
};

enum entry entry_of(const struct entry_facts *facts);

#endif
