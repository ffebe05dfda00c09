/* transfer_get: from the channel to the thread. See transfer.h. What came waits in the stream,
 * which is counted against the channel's window once little room is left there. */
#include "runtime/client/transfer.h"

/* What came counts as consumed as long as there is room for a window more than what waits. */
static void report(struct transfer *transfer)
{
	size_t slack = COPY_STREAM_ROOM - slc_usual.window;
	size_t kept = transfer->waiting > slack ? transfer->waiting - slack : 0;
	size_t size = transfer->owed > kept ? transfer->owed - kept : 0;

	transfer->owed -= size;
	if (size > 0 && transfer->request.channel != NULL)
		channel_consumed(transfer->request.channel, size);
}

static void settle(struct transfer *transfer)
{
	size_t done;

	report(transfer);
	while (transfer->owed > 0 && (done = copy_stream_done(&transfer->stream)) > 0) {
		transfer->waiting -= done;
		report(transfer);
	}
}

void transfer_get_moved(struct copy_stream *stream)
{
	settle(transfer_of(stream));
}

static void data(struct channel *channel, enum slc_stream stream, const uint8_t *bytes, size_t size)
{
	struct transfer *transfer = channel_owner(channel);

	transfer->owed += size;
	if (stream == SLC_OUTPUT && transfer->is_copying) {
		copy_stream_put(&transfer->stream, bytes, size);
		transfer->waiting += size;
	}
	settle(transfer);
}

static void accepted(struct channel *channel)
{
	struct transfer *transfer = channel_owner(channel);

	if (!transfer->asks)
		channel_finish(channel, SLC_INPUT);
	transfer_begin(transfer);
}

static void writable(struct channel *channel)
{
	transfer_answers_send(channel_owner(channel));
}

const struct channel_events transfer_get_events = {
	.accepted = accepted,
	.data = data,
	.status = transfer_status,
	.writable = writable,
	.ended = transfer_ended,
};
