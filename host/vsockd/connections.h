/* connections: the pool of connections, and how one is found by what the guest calls it. All memory
 * is taken at start, and touched only as far as it is used. */
#ifndef CLOISTER_HOST_VSOCKD_CONNECTIONS_H
#define CLOISTER_HOST_VSOCKD_CONNECTIONS_H

#include <stdbool.h>
#include <sys/queue.h>

#include "gen/hybrid_hello.h"
#include "gen/vsock_connection.h"
#include "host/vsockd/vsock_credit.h"
#include "runtime/kernel/loop.h"
#include "runtime/net/connect.h"

/* Who began it: each has a share of the pool, so that neither can use up the other's. */
enum connection_origin { BY_GUEST, BY_HOST };

/* The two ends, as the guest names them. */
struct connection_name {
	uint32_t cid, port; /* the far end's */
	uint32_t guest_port;
};

struct connection {
	struct guest *guest;
	struct vsock_connection machine;
	struct vsock_credit credit;
	struct connection_name name;
	enum connection_origin origin;
	bool is_used;
	bool is_known;        /* it can be found by its name */
	bool is_hung_up;      /* the socket is closed at its other end */
	bool wants_flushed;   /* FLUSHED is due when nothing waits for the socket */
	bool is_readable;     /* its turn is about bytes from the socket, too */
	bool has_turn;        /* it is in guest->turns */
	bool has_held;        /* something has waited for the socket */
	unsigned say;         /* a set of 1 << enum vsock_op: what the guest is to be told */
	uint32_t armed;       /* the generation that the timer was started with */
	unsigned due;         /* a set of 1 << enum vsock_connection_event */
	uint32_t begin, held; /* of what waits for the socket */
	struct watch watch;   /* of the socket; its descriptor is -1 where there is none */
	struct timer timer;
	struct connector *connector; /* null but while it dials */
	struct hybrid_hello hello;   /* of a caller of the host's */
	struct connection *same;     /* the next one in its bucket, or of those that are free */
	TAILQ_ENTRY(connection) turn;
};

TAILQ_HEAD(connection_turns, connection);

struct connections {
	uint32_t most;    /* of each origin */
	uint32_t live[2]; /* by origin */
	uint32_t buffer;  /* bytes for each */
	uint64_t bytes;   /* of all this */

	struct connection *list, *free;
	uint32_t unused;                               /* the first one that was never used */
	struct connector *connectors, *free_connector; /* chained by `user` */
	uint32_t unused_connectors;
	bool was_full; /* the log says so, once: a guest can come to it as often as it likes */
	uint8_t *buffers;
	struct connection **buckets;
	uint32_t bucket_count; /* a power of two */
	uint64_t seed;
	uint32_t next_port;
};

/* Takes memory for `most` connections of each origin. Fault: "memory". */
int connections_open(
	struct connections *connections, uint32_t most, uint32_t buffer, struct fault *fault);
void connections_close(struct connections *connections);

/* One that is not used, zeroed, with a machine; null: all of this origin are used. */
struct connection *connections_take(struct connections *connections, enum connection_origin origin);
void connections_give_back(struct connections *connections, struct connection *connection);

/* Names a connection; finds it by that, or null. */
void connections_add(struct connections *connections, struct connection *connection,
	const struct connection_name *name);
void connections_remove(struct connections *connections, struct connection *connection);
struct connection *connections_find(
	const struct connections *connections, const struct connection_name *name);

/* A port that no connection between `cid` and this port of the guest has. */
uint32_t connections_port(struct connections *connections, uint32_t cid, uint32_t guest_port);

/* What a connection has beside it: room for bytes that wait for the socket. */
uint8_t *connections_buffer(struct connections *connections, const struct connection *connection);

/* And while it dials, a connector, of which there are as many. */
struct connector *connections_take_connector(struct connections *connections);
void connections_give_connector(struct connections *connections, struct connector *connector);

#endif
