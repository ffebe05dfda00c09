/* transfer: see transfer.h. Which way the bytes go is in transfer_put.c and transfer_get.c. */
#include "runtime/client/transfer.h"

#include <string.h>

#include "runtime/channel/wire.h"

#define REQUEST_SIZE 24576u /* of a longest path and all patterns */

struct transfer *transfer_of(struct copy_stream *stream)
{
	return (struct transfer *)((char *)stream - offsetof(struct transfer, stream));
}

/* --- The thread ------------------------------------------------------------------------------- */

static void copy(struct work *work)
{
	struct transfer *transfer =
		(struct transfer *)((char *)work - offsetof(struct transfer, work));

	(void)transfer->copy(transfer, &transfer->outcome);
}

/* Only a copy that is whole may end its stream; for another one the channel is reset. */
static void copied(struct work *work)
{
	struct transfer *transfer =
		(struct transfer *)((char *)work - offsetof(struct transfer, work));
	const struct copy_outcome *outcome = &transfer->outcome;

	transfer->is_copying = false;
	if (transfer->type == SLC_GET && transfer->asks && transfer->request.channel != NULL)
		channel_finish(transfer->request.channel, SLC_INPUT);
	if (outcome->reason != SLC_REASON_NONE && transfer->stop == SLC_REASON_NONE) {
		transfer->failed_here = true;
		transfer_stop(transfer, outcome->reason);
	}
	if (transfer->type == SLC_PUT)
		transfer_put_moved(&transfer->stream);
}

void transfer_stop(struct transfer *transfer, uint32_t reason)
{
	if (transfer->stop == SLC_REASON_NONE)
		transfer->stop = reason;
	request_abort(&transfer->request, reason, NULL);
	copy_stream_end(&transfer->stream);
	transfer_answers_end(transfer);
}

void transfer_begin(struct transfer *transfer)
{
	struct fault fault;

	transfer->has_begun = true;
	transfer->work.run = copy;
	transfer->work.done = copied;
	if (work_submit(transfer->pool, &transfer->work, transfer->connection->loop, &fault) != 0)
		transfer_stop(transfer, SLC_REASON_LIMIT);
	else
		transfer->is_copying = true;
}

/* --- The channel ------------------------------------------------------------------------------ */

void transfer_status(struct channel *channel, uint32_t status, const uint8_t *fields, size_t size)
{
	struct transfer *transfer = channel_owner(channel);

	request_status(&transfer->request, status, fields, size);
}

/* The stream of a copy may end where it is whole, and only its status says that it is: what is cut
 * off must not look like an end. After a put nobody wants more. */
void transfer_ended(
	struct channel *channel, enum channel_outcome outcome, uint32_t reason, const char *text)
{
	struct transfer *transfer = channel_owner(channel);

	request_ended(&transfer->request, outcome, reason, text);
	if (outcome != CHANNEL_DONE)
		transfer_stop(transfer, reason != SLC_REASON_NONE ? reason : SLC_REASON_LOST);
	else if (transfer->holds && transfer->type == SLC_GET)
		transfer->is_complete = true;
	else
		copy_stream_end(&transfer->stream);
}

/* --- All of it -------------------------------------------------------------------------------- */

static uint32_t options_of(const struct transfer *transfer)
{
	uint32_t options = transfer->into ? SLC_COPY_INTO : 0;

	if (transfer->attributes)
		options += SLC_COPY_ATTRIBUTES;
	if (transfer->type == SLC_GET)
		return options + (transfer->asks ? SLC_COPY_ASKS : 0);
	return options + (transfer->keeps ? SLC_COPY_KEEPS : 0) +
	       (transfer->compares ? SLC_COPY_COMPARES : 0);
}

static int ask(struct transfer *transfer, struct failure *failure)
{
	uint8_t bytes[REQUEST_SIZE], share[8];
	struct field_writer writer = field_writer_of(bytes, sizeof bytes);
	bool is_put = transfer->type == SLC_PUT;
	uint32_t options = options_of(transfer);

	field_put_text(&writer, SLC_PATH, transfer->path);
	if (options != 0)
		field_put_number(&writer, SLC_OPTIONS, options);
	if (transfer->share.count > 0) {
		wire_put_number(share, transfer->share.index);
		wire_put_number(share + 4, transfer->share.count);
		field_put(&writer, SLC_SHARE, share, sizeof share);
	}
	for (unsigned i = 0; i < transfer->exclude.count; i++)
		field_put_text(&writer, SLC_EXCLUDE, transfer->exclude.patterns[i]);
	return request_open(&transfer->request, transfer->connection,
		is_put ? &transfer_put_events : &transfer_get_events, transfer, transfer->type,
		&writer, failure);
}

/* Whoever failed first knows why. */
static int judge(struct transfer *transfer, struct failure *failure)
{
	const struct request *request = &transfer->request;
	const struct copy_outcome *outcome = &transfer->outcome;

	if (!transfer->failed_here && !request->is_done)
		return request_failure(request, transfer->connection, "the copy", failure);
	if (outcome->reason != SLC_REASON_NONE)
		return failure_reason(failure, outcome->reason, "%s", outcome->text);
	if (request->status != 0)
		return failure_reason(
			failure, SLC_REASON_PROTOCOL, "%u is no status of a copy", request->status);
	return 0;
}

int transfer_start(struct transfer *transfer, struct failure *failure)
{
	struct loop *loop = transfer->connection->loop;

	transfer->watch.stop = &transfer->stop;
	transfer->pipe[0] = transfer->pipe[1] = transfer->answers = -1;
	transfer->stream.moved =
		transfer->type == SLC_PUT ? transfer_put_moved : transfer_get_moved;
	if (copy_stream_open(&transfer->stream, loop, &failure->fault) != 0 ||
		workers_open(&transfer->pool, 1, 0, &failure->fault) != 0 ||
		transfer_answers_open(transfer, &failure->fault) != 0)
		return -1;
	return ask(transfer, failure);
}

bool transfer_has_begun(const struct transfer *transfer)
{
	return transfer->has_begun;
}

bool transfer_is_over(const struct transfer *transfer)
{
	return transfer->request.channel == NULL && !transfer->is_copying;
}

bool transfer_is_whole(const struct transfer *transfer)
{
	return transfer_is_over(transfer) && transfer->request.is_done &&
	       transfer->request.status == 0 && transfer->outcome.reason == SLC_REASON_NONE;
}

void transfer_release(struct transfer *transfer)
{
	if (!transfer->holds)
		return;
	transfer->holds = false;
	if (transfer->type == SLC_PUT)
		transfer_put_moved(&transfer->stream);
	else if (transfer->is_complete)
		copy_stream_end(&transfer->stream);
}

int transfer_finish(struct transfer *transfer, int status, struct failure *failure)
{
	if (status == 0)
		status = judge(transfer, failure);
	if (transfer->is_copying)
		transfer_stop(transfer, SLC_REASON_INTERNAL); /* the loop has failed */
	workers_close(transfer->pool);
	transfer_answers_close(transfer);
	copy_stream_close(&transfer->stream);
	return status;
}

int transfer_run(struct transfer *transfer, struct failure *failure)
{
	int status = transfer_start(transfer, failure);

	while (status == 0 && !transfer_is_over(transfer))
		status = connection_turn(transfer->connection, failure);
	return transfer_finish(transfer, status, failure);
}
