/* request: one channel that the client opens, from its request to what came of it. */
#ifndef CLOISTER_RUNTIME_CLIENT_REQUEST_H
#define CLOISTER_RUNTIME_CLIENT_REQUEST_H

#include "runtime/channel/fields.h"
#include "runtime/client/connection.h"

struct request {
	struct channel *channel; /* null once it has ended */
	bool is_done;            /* it has a status */
	uint32_t status;

	/* What is known where it has none, or in an exec's status beside it. */
	enum channel_outcome outcome;
	uint32_t reason;
	char text[SLC_TEXT_MAX + 1];

	/* Of a copy's status. */
	uint64_t members, bytes;

	/* Of a detached command's, and of one about it: bytes of its log that are lost. */
	uint32_t job;
	uint64_t dropped;
};

/* Opens the channel; `events` are the verb's, and call the functions below where they say so.
 * Faults: those of channel_open. */
int request_open(struct request *request, struct connection *connection,
	const struct channel_events *events, void *owner, uint32_t type,
	const struct field_writer *fields, struct failure *failure);

/* For `status` and `ended` of the events. */
void request_status(struct request *request, uint32_t status, const uint8_t *fields, size_t size);
void request_ended(
	struct request *request, enum channel_outcome outcome, uint32_t reason, const char *text);

/* Gives up, for a reason of ours; `ended` is called before it returns, if it was not before. */
void request_abort(struct request *request, uint32_t reason, const char *text);

/* Sets the failure for a request that ended without a status. Where the session has failed it waits
 * for the session's end, which tells why. `what` was wanted: "the command". Returns -1. */
int request_failure(const struct request *request, struct connection *connection, const char *what,
	struct failure *failure);

#endif
