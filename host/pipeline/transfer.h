/* transfer: one copy through one channel. The code of copies blocks, so it runs in a thread; a pipe
 * joins it to the channel.
 *
 *   put:  copy_send ──► pipe ──► loop ──► channel
 *   get:  channel ──► loop ──► pipe ──► copy_receive
 */
#ifndef CLOISTER_HOST_PIPELINE_TRANSFER_H
#define CLOISTER_HOST_PIPELINE_TRANSFER_H

#include "host/pipeline/request.h"
#include "runtime/channel/copy_outcome.h"
#include "runtime/channel/queue.h"
#include "runtime/kernel/workers.h"

struct transfer {
	/* Set before transfer_run; the rest is zero. */
	struct connection *connection;
	enum slc_type type; /* SLC_PUT, SLC_GET */
	const char *path;   /* there */
	bool into;          /* put: the path is a folder to put members in */

	/* Copies; called in the thread. It works on `stream`, which stays ours, and is watched by
	 * `watch`. Returns what copy_send and copy_receive return. */
	int (*copy)(struct transfer *transfer, struct copy_outcome *outcome);
	struct copy_watch watch; /* but for `stop`, which is the transfer's */
	void *user;
	int stream;

	/* What came of it. */
	struct request request;
	struct copy_outcome outcome;

	/* The transfer's own. */
	int fd; /* the loop's end of the pipe */
	struct watch ready;
	struct queue queue; /* get: what came, and does not fit in the pipe yet */
	uint8_t *memory;    /* of the queue; put: what is read from the pipe */
	struct workers *pool;
	struct work work;
	bool is_copying;
	bool is_whole;    /* get: nothing more comes behind what is in the queue */
	bool failed_here; /* the thread has failed while the channel was well */
	_Atomic uint32_t stop;
};

/* Copies, and tells how it went. Faults: those of request.h; those of the copy at this end, as
 * reasons; "limit"; "memory". */
int transfer_run(struct transfer *transfer, struct failure *failure);

/* Gives it up. For callbacks of the loop while transfer_run runs. */
void transfer_stop(struct transfer *transfer, uint32_t reason);

/* --- Inside transfer*.c ----------------------------------------------------------------------- */

extern const struct channel_events transfer_put_events, transfer_get_events;

/* For the events: the channel is accepted; `events` of the pipe call `ready`. */
void transfer_begin(struct transfer *transfer, void (*ready)(struct watch *watch, unsigned events),
	unsigned events);
void transfer_close_pipe(struct transfer *transfer);       /* the loop's end */
void transfer_close_when_whole(struct transfer *transfer); /* get: if all has left */
void transfer_status(struct channel *channel, uint32_t status, const uint8_t *fields, size_t size);
void transfer_ended(
	struct channel *channel, enum channel_outcome outcome, uint32_t reason, const char *text);
struct transfer *transfer_of(struct watch *ready);

#endif
