/* transfer_get: from the channel to the pipe. See transfer.h. What the pipe does not take waits in
 * a queue of one window, and is reported as consumed when it has left. */
#include <errno.h>
#include <sys/uio.h>
#include <unistd.h>

#include "host/pipeline/transfer.h"

/* How many bytes the pipe took; -1 where nobody reads it any more: the thread has ended, and its
 * outcome is on its way. */
static ssize_t put(struct transfer *transfer, const struct iovec *parts, unsigned count)
{
	ssize_t done;

	if (transfer->fd < 0)
		return -1;
	done = writev(transfer->fd, parts, (int)count);
	return done < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : done;
}

static void consumed(struct transfer *transfer, size_t size)
{
	if (transfer->request.channel != NULL)
		channel_consumed(transfer->request.channel, size);
}

static void writable(struct watch *watch, unsigned events)
{
	struct transfer *transfer = transfer_of(watch);
	struct queue *queue = &transfer->queue;
	struct iovec parts[2];
	ssize_t done = put(transfer, parts, queue_parts(queue, 0, queue->used, parts));

	(void)events;
	if (done < 0) {
		transfer_close_pipe(transfer);
		return;
	}
	queue_drop(queue, (size_t)done);
	consumed(transfer, (size_t)done);
	if (queue->used == 0)
		watch_stop(watch);
	transfer_close_when_whole(transfer);
}

static void wait_for_room(struct transfer *transfer)
{
	struct fault fault;

	if (transfer->ready.loop == NULL &&
		watch_start(&transfer->ready, transfer->connection->loop, transfer->fd, WATCH_WRITE,
			&fault) != 0)
		transfer_stop(transfer, SLC_REASON_LIMIT);
}

static void data(struct channel *channel, enum slc_stream stream, const uint8_t *bytes, size_t size)
{
	struct transfer *transfer = channel_owner(channel);
	struct iovec part = {.iov_base = (void *)(uintptr_t)bytes, .iov_len = size};
	ssize_t done = 0;

	if (stream == SLC_OUTPUT && transfer->queue.used == 0)
		done = put(transfer, &part, 1);
	if (stream != SLC_OUTPUT || done < 0) {
		consumed(transfer, size);
		return;
	}
	consumed(transfer, (size_t)done);
	if ((size_t)done == size || transfer->request.channel == NULL)
		return;
	queue_put(&transfer->queue, bytes + done, size - (size_t)done);
	wait_for_room(transfer);
}

static void accepted(struct channel *channel)
{
	channel_finish(channel, SLC_INPUT);
	transfer_begin(channel_owner(channel), writable, WATCH_WRITE);
}

const struct channel_events transfer_get_events = {
	.accepted = accepted,
	.data = data,
	.status = transfer_status,
	.ended = transfer_ended,
};
