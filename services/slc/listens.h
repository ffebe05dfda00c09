/* listens: where clients have connections made inside led to them (forward -R): for each a channel,
 * a job whose holder has made the socket (holder.h), and the socket, from which is accepted here.
 * Each connection becomes a forward, by a channel of its own. */
#ifndef CLOISTER_SERVICES_SLC_LISTENS_H
#define CLOISTER_SERVICES_SLC_LISTENS_H

#include "runtime/net/listener.h"
#include "services/slc/forwards.h"

#define LISTENS_MAX 64u /* of all sessions */

struct listens;

struct listen_place {
	struct listens *all;
	struct channel *channel; /* null: the place is free */
	struct job *job;         /* null once it has ended */
	struct listener listener;
	bool is_open;     /* it listens, and the client knows */
	const char *peer; /* who asked, for the log; there as long as the channel */
};

struct listens {
	struct forwards *forwards;
	struct listen_place list[LISTENS_MAX];
};

void listens_open(struct listens *listens, struct forwards *forwards);

/* Takes a channel, whose request was checked (request.h), and has its socket made. False: there are
 * too many, and nothing was done. `peer` lives as long as the channel. */
bool listens_begin(struct listens *listens, struct channel *channel, const uint8_t *fields,
	size_t size, const char *peer, uint32_t session);

/* Has all end: the service stops. */
void listens_stop(struct listens *listens);

#endif
