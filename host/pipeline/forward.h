/* forward: what the files of the verb forward share: ways through one session, and the connections
 * that take them. */
#ifndef CLOISTER_HOST_PIPELINE_FORWARD_H
#define CLOISTER_HOST_PIPELINE_FORWARD_H

#include <sys/queue.h>

#include "fsm/slc_field.h"
#include "host/pipeline/heed.h"
#include "host/pipeline/options.h"
#include "host/pipeline/socks.h"
#include "runtime/channel/forward.h"
#include "runtime/client/connection.h"
#include "runtime/net/connect.h"
#include "runtime/net/listener.h"

#define FORWARD_WAYS        64u   /* that one command may open */
#define FORWARD_CONNECTIONS 1000u /* through all of them; others wait to be accepted */

struct forwarding;

/* What one option asks for. */
struct way {
	struct forwarding *all;
	char letter;                   /* of its option */
	struct address listen, target; /* -D has no target: each client says its own */
	struct listener listener;

	/* Of -R: who listens is there, and the target here. */
	struct channel *channel; /* null: it does not listen */
	uint32_t number;         /* of the channel */
	struct endpoints endpoints;
	size_t size; /* of what was said: one field, with the port */
	uint8_t said[SLC_FIELD_SIZE + 4u];
};

/* A connection on its way. */
struct passage {
	struct forward forward;
	struct socks socks; /* of -D, at first */
	struct way *way;
	struct address target;
	int fd;                     /* not the forward's yet; -1: it is, or there is none */
	struct connector connector; /* of -R */
	LIST_ENTRY(passage) next;
	uint8_t memory[]; /* of the session's window */
};

struct forwarding {
	const struct options *options;
	uint32_t ready; /* a descriptor that is told when all listen; 0: none */
	struct way ways[FORWARD_WAYS];
	unsigned count;

	struct connection connection;
	struct signals signals;
	bool is_stopping;
	bool has_failed; /* for the following reason: what was to listen there does not */
	uint32_t reason;
	char text[SLC_TEXT_MAX + 1u];
	uint32_t begun;
	LIST_HEAD(passages, passage) passages;
};

/* Listens. Faults: those of listener_open. */
int way_open(struct way *way, struct fault *fault);
void way_close(struct way *way);

/* Has somebody listen there; `has_failed`, or `size`, tell how that went. Faults: those of
 * address_resolve, of connection_turn and of channel_open. */
int way_open_there(struct way *way, struct fault *fault);
bool way_is_open_there(const struct way *way);
void way_close_there(struct way *way);

/* For `asked` of the connection. */
void way_asked(struct connection *connection, struct channel *channel, uint32_t type,
	const uint8_t *fields, size_t size);

/* A passage of a way, listed; null: no memory. And its end, of which `gone` is told. */
struct passage *passage_new(struct way *way);
void passage_gone(struct forward *forward);

/* Ends all connections. */
void passages_stop(struct forwarding *all);

#endif
