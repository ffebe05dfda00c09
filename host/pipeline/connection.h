/* connection: one session with a listener, from its address to its end, for one verb.
 *
 * The functions here take turns of the loop until what they wait for is there; in between it is the
 * verb that takes them, by connection_turn.
 */
#ifndef CLOISTER_HOST_PIPELINE_CONNECTION_H
#define CLOISTER_HOST_PIPELINE_CONNECTION_H

#include "host/pipeline/options.h"
#include "runtime/channel/binding.h"
#include "runtime/channel/entry.h"
#include "runtime/channel/link.h"
#include "runtime/channel/policy.h"
#include "runtime/crypto/attestation.h"
#include "runtime/crypto/key.h"
#include "runtime/net/connect.h"
#include "runtime/net/socket_stream.h"
#include "runtime/net/tls_stream.h"

#define CONNECTION_SECONDS 10u /* for each step of it, where --timeout says nothing */
#define CONNECTION_PAUSE   (20 * CLOCK_MILLISECOND) /* between two tries */
#define CONNECTION_HOLD    262144 /* bytes on their way, where that can be chosen: fewer turns */
#define CONNECTION_LINGER  (500 * CLOCK_MILLISECOND) /* a person waits for our end */

struct connection {
	/* The verb's, set before connection_open. */
	void (*measured)(struct connection *connection, uint64_t nanoseconds); /* or null */
	void *user;

	/* To read. */
	struct loop *loop;
	struct slc *slc;
	uint64_t patience; /* nanoseconds for each step: of --timeout */
	struct address address;
	bool is_attested; /* the enclave has proved who it is */
	bool is_closed;   /* the session is over, for the following reason */
	uint32_t reason;  /* enum slc_reason, or an unknown one */
	char text[SLC_TEXT_MAX + 1];

	/* The connection's own. */
	struct connector connector;
	struct timer pause; /* before another try */
	struct socket_stream socket;
	struct tls *context; /* null: the session is plain */
	struct tls_stream tls;
	struct attestation_wish wish; /* of the enclave's document */
	struct policy *policy;        /* or null */
	bool accepts_unsigned, accepts_debug;
	uint8_t digest[BINDING_SIZE]; /* of that document */
	struct key *key;              /* the operator's, or null */
	struct slc_proofs proofs;
	struct link link;
	int fd; /* connected, and not the stream's yet */
	bool is_reached, is_paused, is_open, is_gone;
	struct fault fault; /* of the connector */
};

/* Connects and greets: channels may be opened after this. The struct is zeroed but for what is the
 * verb's, and stays in place until connection_close, which is to be called also after a failure.
 * Faults: those of connect.h; of address_resolve; of tls.h; "tls" (the peer does not speak it);
 * "limit"; "memory"; reasons of the session. */
int connection_open(
	struct connection *connection, const struct options *options, struct failure *failure);

/* One turn of the loop. Fault: "io". */
int connection_turn(struct connection *connection, struct failure *failure);

/* Begins to end the session in good order; channels that live may end first. May be called in any
 * callback, and again. */
void connection_leave(struct connection *connection);

/* Leaves, and waits for the peer's farewell or for the linger's deadline. */
void connection_finish(struct connection *connection);

/* Finishes, and gives everything up. */
void connection_close(struct connection *connection);

/* The session has ended before the work was done: sets the failure to say so. Returns -1. */
int connection_failure(const struct connection *connection, struct failure *failure);

#endif
