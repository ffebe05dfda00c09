/* transfer: see transfer.h. Which way the bytes go is in transfer_put.c and transfer_get.c. */
#include "host/pipeline/transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIPE_SIZE    (1 << 20) /* fewer turns; a smaller one does as well */
#define REQUEST_SIZE 8192u

struct transfer *transfer_of(struct watch *ready)
{
	return (struct transfer *)((char *)ready - offsetof(struct transfer, ready));
}

void transfer_close_pipe(struct transfer *transfer)
{
	watch_stop(&transfer->ready);
	if (transfer->fd >= 0)
		close(transfer->fd);
	transfer->fd = -1;
}

/* The stream of a copy may end where it is whole, and only its status says that it is: what is cut
 * off must not look like an end. */
void transfer_close_when_whole(struct transfer *transfer)
{
	if (transfer->is_whole && transfer->queue.used == 0)
		transfer_close_pipe(transfer);
}

/* --- The thread ------------------------------------------------------------------------------- */

static void copy(struct work *work)
{
	struct transfer *transfer =
		(struct transfer *)((char *)work - offsetof(struct transfer, work));

	(void)transfer->copy(transfer, &transfer->outcome);
}

/* Only a copy that is whole may end its stream; before another one does, the channel is reset. */
static void copied(struct work *work)
{
	struct transfer *transfer =
		(struct transfer *)((char *)work - offsetof(struct transfer, work));
	const struct copy_outcome *outcome = &transfer->outcome;

	transfer->is_copying = false;
	if (outcome->reason != SLC_REASON_NONE && transfer->stop == SLC_REASON_NONE) {
		transfer->failed_here = true;
		transfer_stop(transfer, outcome->reason);
	}
	close(transfer->stream);
	transfer->stream = -1;
}

void transfer_stop(struct transfer *transfer, uint32_t reason)
{
	if (transfer->stop == SLC_REASON_NONE)
		transfer->stop = reason;
	request_abort(&transfer->request, reason, NULL);
	transfer_close_pipe(transfer);
}

void transfer_begin(struct transfer *transfer, void (*ready)(struct watch *watch, unsigned events),
	unsigned events)
{
	struct fault fault;

	transfer->ready.ready = ready;
	transfer->work.run = copy;
	transfer->work.done = copied;
	if (watch_start(&transfer->ready, transfer->connection->loop, transfer->fd, events,
		    &fault) != 0 ||
		work_submit(transfer->pool, &transfer->work, transfer->connection->loop, &fault) !=
			0)
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

void transfer_ended(
	struct channel *channel, enum channel_outcome outcome, uint32_t reason, const char *text)
{
	struct transfer *transfer = channel_owner(channel);

	request_ended(&transfer->request, outcome, reason, text);
	transfer->is_whole = outcome == CHANNEL_DONE;
	if (outcome != CHANNEL_DONE)
		transfer_stop(transfer, reason != SLC_REASON_NONE ? reason : SLC_REASON_LOST);
	else if (transfer->type == SLC_PUT)
		transfer_close_pipe(transfer); /* nobody wants more */
	else
		transfer_close_when_whole(transfer);
}

/* --- All of it -------------------------------------------------------------------------------- */

static int open_pipe(struct transfer *transfer, struct fault *fault)
{
	int ends[2];
	bool is_put = transfer->type == SLC_PUT;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return fault_set(fault, "limit", "no pipe for the copy: %s", strerror(errno));
	(void)fcntl(ends[0], F_SETPIPE_SZ, PIPE_SIZE);
	transfer->fd = ends[is_put ? 0 : 1];
	transfer->stream = ends[is_put ? 1 : 0];
	(void)fcntl(transfer->fd, F_SETFL, O_NONBLOCK); /* each end has flags of its own */
	return 0;
}

static int ask(struct transfer *transfer, struct failure *failure)
{
	uint8_t bytes[REQUEST_SIZE];
	struct field_writer writer = field_writer_of(bytes, sizeof bytes);
	bool is_put = transfer->type == SLC_PUT;

	field_put_text(&writer, SLC_PATH, transfer->path);
	if (transfer->into)
		field_put_number(&writer, SLC_OPTIONS, 1);
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

static int run(struct transfer *transfer, struct failure *failure)
{
	queue_init(&transfer->queue, transfer->memory, slc_usual.window);
	if (workers_open(&transfer->pool, 1, 0, &failure->fault) != 0 ||
		open_pipe(transfer, &failure->fault) != 0 || ask(transfer, failure) != 0)
		return -1;
	while (transfer->request.channel != NULL || transfer->is_copying)
		if (connection_turn(transfer->connection, failure) != 0)
			return -1;
	return judge(transfer, failure);
}

int transfer_run(struct transfer *transfer, struct failure *failure)
{
	int status = -1;

	transfer->fd = transfer->stream = -1;
	transfer->watch.stop = &transfer->stop;
	transfer->memory = malloc(slc_usual.window);
	if (transfer->memory == NULL)
		(void)fault_set(&failure->fault, "memory", "no memory for the copy");
	else
		status = run(transfer, failure);
	transfer_close_pipe(transfer);
	workers_close(transfer->pool);
	if (transfer->stream >= 0)
		close(transfer->stream);
	free(transfer->memory);
	return status;
}
