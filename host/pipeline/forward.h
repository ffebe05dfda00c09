/* forward: what the files of the verb forward share: ways through one session, and the connections
 * that take them. */
#ifndef CLOISTER_HOST_PIPELINE_FORWARD_H
#define CLOISTER_HOST_PIPELINE_FORWARD_H

#include <sys/queue.h>

#include "host/pipeline/heed.h"
#include "host/pipeline/options.h"
#include "host/pipeline/socks.h"
#include "runtime/channel/forward.h"
#include "runtime/client/connection.h"
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
};

/* A connection on its way. */
struct passage {
	struct forward forward;
	struct socks socks; /* of -D, at first */
	struct way *way;
	struct address target;
	int fd; /* not the forward's yet; -1: it is */
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
	uint32_t begun;
	LIST_HEAD(passages, passage) passages;
};

/* Listens. Faults: those of listener_open. */
int way_open(struct way *way, struct fault *fault);
void way_close(struct way *way);

/* Ends all connections. */
void passages_stop(struct forwarding *all);

#endif
