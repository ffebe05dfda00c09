/* client: one connection to the front, with its session. All of them are in a table that has its
 * size from the start. */
#ifndef CLOISTER_SERVICES_SLC_CLIENT_H
#define CLOISTER_SERVICES_SLC_CLIENT_H

#include <sys/queue.h>

#include "runtime/channel/authorized.h"
#include "runtime/channel/binding.h"
#include "runtime/channel/link.h"
#include "runtime/channel/pace.h"
#include "runtime/net/listener.h"
#include "runtime/net/peer.h"
#include "runtime/net/socket_stream.h"
#include "runtime/net/tls_stream.h"
#include "services/slc/control.h"
#include "services/slc/forwards.h"
#include "services/slc/listens.h"
#include "services/slc/teller.h"

#define CLIENT_SPARE 8u /* connections beyond the limit, which hear so and are closed */

struct clients;

struct client {
	struct clients *all;
	struct listener *listener;
	struct slc *slc; /* null: the place is free */
	struct link link;
	struct socket_stream socket;
	struct tls_stream tls;            /* over it, where there is TLS */
	struct job *document;             /* that is being made for the session, or null */
	uint8_t digest[BINDING_SIZE];     /* of the document that was made */
	const struct authorized_key *key; /* that the client has proved, or null */
	char peer[PEER_TEXT_MAX];
	uint32_t number;      /* of its session */
	struct debtor record; /* what the broker's log is told of it */
	bool is_gone;         /* its place is free once that is told */
	SLIST_ENTRY(client) unused;
};

struct clients {
	/* Set by the owner. The last client is gone. */
	void (*emptied)(struct clients *clients);

	struct loop *loop;
	struct jobs *jobs;
	struct forwards *forwards; /* set before the first client, as the next */
	struct listens *listens;
	struct controls *controls;
	struct teller teller;
	struct slc_options options;
	const struct tls *tls;               /* null: plain */
	const struct authorized *authorized; /* null: anybody may enter */
	struct pace documents;
	uint32_t most; /* that are served; CLIENT_SPARE more are in the list */
	uint32_t live, instance;
	struct client *list;
	SLIST_HEAD(client_places, client) unused;
};

/* Bytes that clients may take, with their sessions. */
size_t clients_memory(const struct slc_options *options, uint32_t most);

/* tls: what connections speak, or null; it must outlive them, and so must the keys that may enter,
 * or null where anybody may. documents: for sessions, most in a
 * second. Fault: "memory". */
int clients_open(struct clients *clients, struct loop *loop, struct jobs *jobs,
	const struct slc_options *options, const struct tls *tls,
	const struct authorized *authorized, uint32_t most, uint32_t documents,
	struct fault *fault);
void clients_close(struct clients *clients);

/* A connection. Where it can't be served it is closed. */
void clients_take(struct clients *clients, struct listener *listener, int fd);

/* Has all sessions drain and end: 0, or why. */
void clients_end(struct clients *clients, uint32_t reason, const char *text);

#endif
