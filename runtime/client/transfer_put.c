/* transfer_put: from the thread to the channel. See transfer.h. Nothing is kept here: what the
 * channel does not take stays in the stream. */
#include "runtime/client/transfer.h"

/* The channel's stream ends where the thread has ended well and all that it gave was sent, unless
 * it holds. */
void transfer_put_moved(struct copy_stream *stream)
{
	struct transfer *transfer = transfer_of(stream);
	struct channel *channel = transfer->request.channel;
	const uint8_t *bytes;
	size_t size;

	if (channel == NULL)
		return;
	while ((size = copy_stream_front(stream, &bytes)) > 0) {
		size_t done = channel_send(channel, SLC_INPUT, bytes, size);

		copy_stream_drop(stream, done);
		if (done < size)
			return; /* until the channel is writable */
	}
	if (!transfer->is_copying && transfer->outcome.reason == SLC_REASON_NONE &&
		!transfer->holds)
		channel_finish(channel, SLC_INPUT);
}

static void writable(struct channel *channel)
{
	struct transfer *transfer = channel_owner(channel);

	transfer_put_moved(&transfer->stream);
}

static void data(struct channel *channel, enum slc_stream stream, const uint8_t *bytes, size_t size)
{
	struct transfer *transfer = channel_owner(channel);

	channel_consumed(channel, size);
	if (stream == SLC_OUTPUT)
		transfer_answers_take(transfer, bytes, size);
}

static void accepted(struct channel *channel)
{
	struct transfer *transfer = channel_owner(channel);

	transfer_begin(transfer);
	transfer_put_moved(&transfer->stream); /* it is told from here on */
}

const struct channel_events transfer_put_events = {
	.accepted = accepted,
	.data = data,
	.status = transfer_status,
	.writable = writable,
	.ended = transfer_ended,
};
