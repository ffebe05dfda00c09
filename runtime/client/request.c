/* request: see request.h. */
#include "runtime/client/request.h"

#include <stdio.h>

#include "runtime/channel/reason.h"

int request_open(struct request *request, struct connection *connection,
	const struct channel_events *events, void *owner, uint32_t type,
	const struct field_writer *fields, struct failure *failure)
{
	if (fields->is_full)
		return failure_reason(
			failure, SLC_REASON_REQUEST, "the request is longer than a frame");
	return channel_open(connection->slc, &request->channel, events, owner, type, fields->bytes,
		fields->used, &failure->fault);
}

void request_status(struct request *request, uint32_t status, const uint8_t *fields, size_t size)
{
	struct fields rest = fields_of(fields, size);
	struct field field;

	request->is_done = true;
	request->status = status;
	while (fields_next(&rest, &field) == FIELDS_NEXT) {
		if (field.tag == SLC_MEMBERS)
			(void)field_long(&field, &request->members);
		else if (field.tag == SLC_BYTES)
			(void)field_long(&field, &request->bytes);
		else if (field.tag == SLC_JOB)
			(void)field_number(&field, &request->job);
		else if (field.tag == SLC_JOB_DROPPED)
			(void)field_long(&field, &request->dropped);
		else if (field.tag == SLC_REASON)
			(void)field_number(&field, &request->reason);
		else if (field.tag == SLC_TEXT)
			(void)field_text(&field, request->text, sizeof request->text);
	}
}

void request_ended(
	struct request *request, enum channel_outcome outcome, uint32_t reason, const char *text)
{
	request->channel = NULL;
	request->outcome = outcome;
	if (request->is_done)
		return;
	request->reason = reason;
	(void)snprintf(request->text, sizeof request->text, "%s", text);
}

void request_abort(struct request *request, uint32_t reason, const char *text)
{
	if (request->channel != NULL)
		channel_abort(request->channel, reason, text);
}

int request_failure(const struct request *request, struct connection *connection, const char *what,
	struct failure *failure)
{
	const char *why = request->text;
	const char *how = request->outcome == CHANNEL_REFUSED ? "was refused" : "was given up";

	if (request->outcome == CHANNEL_LOST) {
		connection_finish(connection);
		return connection_failure(connection, failure);
	}
	if (*why == '\0')
		why = slc_reason_word(request->reason);
	return failure_reason(failure, request->reason, "%s %s: %s", what, how, why);
}
