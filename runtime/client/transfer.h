/* transfer: one copy through one channel. The code of copies blocks, so it runs in a thread; what
 * joins it to the channel is memory (copy_stream.h).
 *
 *   put:  copy_send ──► stream ──► loop ──► channel
 *   get:  channel ──► loop ──► stream ──► copy_receive
 *
 * Where the sender asks what is there already, the answers go the other way (transfer_answers.c).
 */
#ifndef CLOISTER_RUNTIME_CLIENT_TRANSFER_H
#define CLOISTER_RUNTIME_CLIENT_TRANSFER_H

#include "runtime/channel/copy_exclude.h"
#include "runtime/channel/copy_outcome.h"
#include "runtime/channel/copy_share.h"
#include "runtime/channel/copy_stream.h"
#include "runtime/client/request.h"
#include "runtime/kernel/workers.h"

struct transfer {
	/* Set before transfer_run; the rest is zero. */
	struct connection *connection;
	enum slc_type type;          /* SLC_PUT, SLC_GET */
	const char *path;            /* there */
	bool into;                   /* put: the path is a folder to put members in */
	struct copy_exclude exclude; /* get: what the other end leaves out */
	struct copy_share share;     /* what of it goes here; count 0: all */
	bool holds; /* it does not end before transfer_release: others have to be there first */
	bool asks;  /* the sender asks what is there, and the receiver answers */
	bool attributes;      /* extended ones go with files and folders */
	bool keeps, compares; /* put: what breaks off is kept; files are told by digests */

	/* Copies; called in the thread. It shares `stream`, and is watched by `watch`. Returns what
	 * copy_send and copy_receive return. */
	int (*copy)(struct transfer *transfer, struct copy_outcome *outcome);
	struct copy_watch watch; /* but for `stop`, which is the transfer's */
	void *user;
	struct copy_stream stream;
	int answers; /* the thread's, to read or to write; -1: nobody asks */

	/* What came of it. */
	struct request request;
	struct copy_outcome outcome;

	/* The transfer's own. */
	struct workers *pool;
	struct work work;
	bool has_begun, is_copying;
	size_t waiting;   /* get: bytes that the thread has not done with, or was not asked about */
	size_t owed;      /* get: bytes that came, and were not reported as consumed */
	bool is_complete; /* get: all has come, and it holds */
	bool failed_here; /* the thread has failed while the channel was well */
	_Atomic uint32_t stop;
	int pipe[2];           /* of the answers */
	struct watch answered; /* get: the loop's end of it */
	uint8_t answer[4096];  /* get: that the channel has not taken yet */
	size_t answer_size;
};

/* Begins; goes on while somebody turns the loop; and tells, when it is over or was not begun well,
 * how it went: where `status`, the one of its begin or of a turn, is not 0, the failure stands. */
int transfer_start(struct transfer *transfer, struct failure *failure);
bool transfer_has_begun(const struct transfer *transfer); /* the other end has accepted */
bool transfer_is_over(const struct transfer *transfer);
bool transfer_is_whole(const struct transfer *transfer); /* it is over, and well */
void transfer_release(struct transfer *transfer);
int transfer_finish(struct transfer *transfer, int status, struct failure *failure);

/* All of these: copies, and tells how it went. Faults: those of request.h; those of the copy at
 * this end, as reasons; "limit"; "memory". */
int transfer_run(struct transfer *transfer, struct failure *failure);

/* Gives it up. For callbacks of the loop while transfer_run runs. */
void transfer_stop(struct transfer *transfer, uint32_t reason);

/* --- Inside transfer*.c ----------------------------------------------------------------------- */

extern const struct channel_events transfer_put_events, transfer_get_events;

void transfer_put_moved(struct copy_stream *stream);
void transfer_get_moved(struct copy_stream *stream);

/* transfer_answers.c: before the channel is opened; what came for the thread of a put; what goes on
 * where the channel takes more, of a get; nothing comes or goes any more; and when the thread has
 * ended. Fault: "io". */
int transfer_answers_open(struct transfer *transfer, struct fault *fault);
void transfer_answers_take(struct transfer *transfer, const uint8_t *bytes, size_t size);
void transfer_answers_send(struct transfer *transfer);
void transfer_answers_end(struct transfer *transfer);
void transfer_answers_close(struct transfer *transfer);

/* For the events. */
void transfer_begin(struct transfer *transfer); /* the channel is accepted */
void transfer_status(struct channel *channel, uint32_t status, const uint8_t *fields, size_t size);
void transfer_ended(
	struct channel *channel, enum channel_outcome outcome, uint32_t reason, const char *text);
struct transfer *transfer_of(struct copy_stream *stream);

#endif
