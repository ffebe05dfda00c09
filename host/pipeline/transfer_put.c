/* transfer_put: from the pipe to the channel. See transfer.h. Nothing is kept here: what is read
 * from the pipe is as much as the channel takes. */
#include <errno.h>
#include <unistd.h>

#include "host/pipeline/transfer.h"

#define PIECE_MAX 262144u /* at most the memory of a transfer, which is a window */

/* The end of the pipe: the thread closed it, so the copy is whole. */
static void finish(struct transfer *transfer)
{
	transfer_close_pipe(transfer);
	channel_finish(transfer->request.channel, SLC_INPUT);
}

static void readable(struct watch *watch, unsigned events)
{
	struct transfer *transfer = transfer_of(watch);
	struct channel *channel = transfer->request.channel;
	size_t room = channel_room(channel);
	ssize_t got;

	(void)events;
	if (room == 0) {
		watch_stop(watch); /* until the channel is writable */
		return;
	}
	got = read(transfer->fd, transfer->memory, room < PIECE_MAX ? room : PIECE_MAX);
	if (got > 0)
		(void)channel_send(channel, SLC_INPUT, transfer->memory, (size_t)got);
	else if (got == 0)
		finish(transfer);
	else if (errno != EAGAIN && errno != EINTR)
		transfer_stop(transfer, SLC_REASON_INTERNAL);
}

static void writable(struct channel *channel)
{
	struct transfer *transfer = channel_owner(channel);
	struct fault fault;

	if (transfer->fd >= 0 && transfer->ready.loop == NULL &&
		watch_start(&transfer->ready, transfer->connection->loop, transfer->fd, WATCH_READ,
			&fault) != 0)
		transfer_stop(transfer, SLC_REASON_LIMIT);
}

static void accepted(struct channel *channel)
{
	transfer_begin(channel_owner(channel), readable, WATCH_READ);
}

const struct channel_events transfer_put_events = {
	.accepted = accepted,
	.status = transfer_status,
	.writable = writable,
	.ended = transfer_ended,
};
