/* connection: one session with a listener, from its address to its end: what every client has, the
 * program pipeline and libcloister.
 *
 * The functions here take turns of the loop until what they wait for is there; in between it is the
 * owner who takes them, by connection_turn. Nothing is printed here.
 */
#ifndef CLOISTER_RUNTIME_CLIENT_CONNECTION_H
#define CLOISTER_RUNTIME_CLIENT_CONNECTION_H

#include "runtime/channel/binding.h"
#include "runtime/channel/entry.h"
#include "runtime/channel/link.h"
#include "runtime/channel/policy.h"
#include "runtime/client/failure.h"
#include "runtime/crypto/attestation.h"
#include "runtime/crypto/key.h"
#include "runtime/net/connect.h"
#include "runtime/net/socket_stream.h"
#include "runtime/net/tls_stream.h"

#define CONNECTION_SECONDS 10u /* for each step of it, where nobody says otherwise */
#define CONNECTION_PAUSE   (20 * CLOCK_MILLISECOND) /* between two tries */
#define CONNECTION_HOLD    262144 /* bytes on their way, where that can be chosen: fewer turns */
#define CONNECTION_LINGER  (500 * CLOCK_MILLISECOND) /* a person waits for our end */

struct connection;

/* What the enclave's document says of its log (spec/audit.md). */
struct connection_seen {
	bool has_log;
	uint64_t number; /* of the newest record, and the head at it */
	uint8_t head[BINDING_HEAD_SIZE];
	bool is_entered; /* register 18 is locked and not zero: */
	uint8_t mark[BINDING_HEAD_SIZE];
};

/* Whom to reach, and what to believe. Texts are read by connection_open and not kept. */
struct connection_settings {
	struct address address;
	bool may_be_late;  /* it may not listen yet: it is tried for the time that connecting has */
	uint64_t patience; /* nanoseconds for each step; 0: CONNECTION_SECONDS */
	bool is_plain;     /* no TLS and no proofs: for development alone */
	const char *root;  /* a file in PEM form that documents are signed under; null: AWS's */
	const char *policy; /* a file, instead of all of root and accepts_*; null: none */
	bool accepts_unsigned, accepts_debug;
	const char *key; /* the URI of the operator's key; null: none */

	/* What a person should be told at once, in red; or null. */
	void (*alarm)(const struct connection *connection, const char *text);
};

struct connection {
	/* The owner's, set before connection_open. */
	void (*measured)(struct connection *connection, uint64_t nanoseconds); /* or null */
	/* The enclave wants a channel, as session.h says of it; or null: there are none. */
	void (*asked)(struct connection *connection, struct channel *channel, uint32_t type,
		const uint8_t *fields, size_t size);
	const struct connection *beside; /* null; or one that was opened, whose loop it is in, and
					    whose other end has to be its own */
	uint32_t channels;               /* many of them, at most; 0: the usual number */
	void *user;

	/* To read. */
	struct loop *loop;
	struct slc *slc;
	uint64_t patience; /* nanoseconds for each step */
	struct address address;
	bool is_attested;          /* the enclave has proved who it is */
	char group[TLS_GROUP_MAX]; /* how the session's keys were agreed on; "": it is plain */
	bool is_closed;            /* the session is over, for the following reason */
	uint32_t reason;           /* enum slc_reason, or an unknown one */
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
	struct attestation attestation;
	uint8_t *document; /* the enclave's, as it came; null: none came */
	size_t document_size;
	const struct policy_image *image; /* of the policy, that the enclave is; or null */
	uint8_t digest[BINDING_SIZE];     /* of that document */
	struct connection_seen seen;
	struct key *key; /* the operator's, or null */
	struct slc_proofs proofs;
	struct link link;
	int fd; /* connected, and not the stream's yet */
	bool is_reached, is_paused, is_open, is_gone;
	struct fault fault;   /* of the connector */
	struct fault signing; /* why our key has not signed; its word is "" where it has */
	void (*alarm)(const struct connection *connection, const char *text); /* or null */
};

/* Connects and greets: channels may be opened after this. The struct is zeroed but for what is the
 * owner's, and stays in place until connection_close, which is to be called also after a failure.
 * Faults: those of connect.h; of address_resolve; of tls.h; of proof.h; "tls" (the peer does not
 * speak it); "limit"; "memory"; reasons of the session. */
int connection_open(struct connection *connection, const struct connection_settings *settings,
	struct failure *failure);

/* Both halves of it, for a stream that somebody else has: prepare makes the loop, and reads what
 * the settings name, but their address only for texts. Then greet begins a session on a connected
 * stream of that loop, and closes it after a failure too; it returns at once: is_open tells. */
int connection_prepare(struct connection *connection, const struct connection_settings *settings,
	struct failure *failure);
int connection_greet(struct connection *connection, struct stream *stream, struct failure *failure);

/* One turn of the loop. Fault: "io". */
int connection_turn(struct connection *connection, struct failure *failure);

/* Begins to end the session in good order; channels that live may end first. May be called in any
 * callback, and again. */
void connection_leave(struct connection *connection);

/* Leaves, and waits for the peer's farewell or for the linger's deadline. */
void connection_finish(struct connection *connection);

/* Finishes, and gives everything up; or gives it up at once, and the peer may wonder. */
void connection_close(struct connection *connection);
void connection_drop(struct connection *connection);

/* The session has ended before the work was done: sets the failure to say so. Returns -1. */
int connection_failure(const struct connection *connection, struct failure *failure);

/* Inside this folder: what a person should be told. */
void connection_alarm(const struct connection *connection, const char *text);

#endif
