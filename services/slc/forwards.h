/* forwards: the connections that clients have forwarded into the enclave: for each a channel, a job
 * whose dialler connects (dialler.h), and then the connection itself (runtime/channel/forward.h).
 * All of them are in memory that is there from the start. */
#ifndef CLOISTER_SERVICES_SLC_FORWARDS_H
#define CLOISTER_SERVICES_SLC_FORWARDS_H

#include <sys/queue.h>

#include "runtime/channel/forward.h"
#include "services/slc/job.h"

struct forwards;

struct forward_place {
	struct forward forward;
	struct forwards *all;
	bool is_live;
	struct job *dialling; /* or null */
	const char *peer;     /* who asked, for the log; there as long as the channel */
	SLIST_ENTRY(forward_place) unused;
};

struct forwards {
	struct loop *loop;
	struct jobs *jobs;
	uint32_t begun; /* ever */
	uint32_t count;
	size_t window;
	struct forward_place *list;
	uint8_t *memory;
	SLIST_HEAD(forward_places, forward_place) unused;
};

/* Bytes that forwards_open allocates. */
size_t forwards_memory(uint32_t count, uint32_t window);

/* window: bytes that a channel may have on their way to a socket. Fault: "memory". */
int forwards_open(struct forwards *forwards, struct loop *loop, struct jobs *jobs, uint32_t count,
	uint32_t window, struct fault *fault);
void forwards_close(struct forwards *forwards);

/* Takes a channel, whose request was checked (request.h), and has its target connected to. False:
 * there are too many forwards or jobs, and nothing was done. `peer` lives as long as the channel.
 */
bool forwards_begin(struct forwards *forwards, struct channel *channel, const uint8_t *fields,
	size_t size, const char *peer, uint32_t session);

/* Leads a connection that was accepted here to a client, by a channel with these fields. False:
 * that can't be, and the descriptor stays the caller's. */
bool forwards_lead(struct forwards *forwards, struct slc *slc, const uint8_t *fields, size_t size,
	int fd, const char *peer);

/* Has all end: the service stops. */
void forwards_stop(struct forwards *forwards);

#endif
