/* connect: reaches an address without blocking, within a deadline. */
#ifndef CLOISTER_RUNTIME_NET_CONNECT_H
#define CLOISTER_RUNTIME_NET_CONNECT_H

#include "fsm/hybrid_hello.h"
#include "runtime/kernel/loop.h"
#include "runtime/net/address.h"

struct connector {
	/* Set by the owner before connect_start. Called once, from the loop, unless the connector
	 * was cancelled: with a connected descriptor, CLOEXEC and NONBLOCK, which is then the
	 * owner's, or with -1 and the reason. It may start the connector anew, or free it. */
	void (*done)(struct connector *connector, int fd, const struct fault *fault);
	void *user;

	/* The connector's */
	struct loop *loop; /* null while nothing is under way */
	struct address address;
	struct endpoints endpoints;
	unsigned next;     /* the endpoint under trial */
	uint64_t deadline; /* of all of them */
	struct watch watch;
	struct timer limit; /* of the one under trial */
	struct timer again; /* begins a trial */
	uint64_t wait;      /* before the next trial of a socket whose backlog is full */
	struct hybrid_hello hello;
	char request[HYBRID_HELLO_SIZE_MAX + 1];
	size_t sent; /* bytes of the request */
	struct fault fault;
};

/* Connects to an address; not while the connector is under way. An address that is a name
 * (address_is_name) needs what address_resolve made of it, in `resolved`; for others that may be
 * null. Endpoints are tried in their order, each for its share of the time that is left; a Unix
 * socket with a full backlog is tried until the time is up.
 * Through hybrid:PATH:PORT the port is asked for, and the connection is there when it was granted:
 * nothing of what comes behind the greeting is read.
 *
 * Faults of connect_start: "name" (resolve it first). Of `done`, those of the last endpoint:
 * "refused" (nobody listens), "timeout", "denied", "unreachable", "greeting" (the other end of a
 * hybrid address does not speak its protocol), "limit", "io". */
int connect_start(struct connector *connector, struct loop *loop, const struct address *address,
	const struct endpoints *resolved, uint64_t nanoseconds, struct fault *fault);

/* Nothing is called any more. One that is not under way may be cancelled, if it was zeroed. */
void connect_cancel(struct connector *connector);

#endif
