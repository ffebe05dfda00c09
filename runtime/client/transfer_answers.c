/* transfer_answers: what the receiver of a copy has already, on its way between the channel and the
 * thread. See transfer.h. It goes through a pipe: answers are few, and the thread waits for them.
 *
 *   put:  channel ──► loop ──► pipe ──► copy_send
 *   get:  copy_receive ──► pipe ──► loop ──► channel
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "runtime/client/transfer.h"

/* The loop's end, which does not block, and the thread's. */
#define LOOPS(transfer)   ((transfer)->type == SLC_PUT ? 1 : 0)
#define THREADS(transfer) ((transfer)->type == SLC_PUT ? 0 : 1)

static void close_end(struct transfer *transfer, int end)
{
	if (transfer->pipe[end] >= 0)
		close(transfer->pipe[end]);
	transfer->pipe[end] = -1;
}

static struct transfer *transfer_of_watch(struct watch *watch)
{
	return (struct transfer *)((char *)watch - offsetof(struct transfer, answered));
}

/* Get: what was read and the channel does not take waits, and nothing is read meanwhile. */
void transfer_answers_send(struct transfer *transfer)
{
	struct channel *channel = transfer->request.channel;
	size_t done;

	if (channel == NULL || transfer->answer_size == 0)
		return;
	done = channel_send(channel, SLC_INPUT, transfer->answer, transfer->answer_size);
	transfer->answer_size -= done;
	(void)memmove(transfer->answer, transfer->answer + done, transfer->answer_size);
	if (transfer->answered.loop != NULL)
		watch_change(&transfer->answered, transfer->answer_size > 0 ? 0 : WATCH_READ);
}

static void ready(struct watch *watch, unsigned events)
{
	struct transfer *transfer = transfer_of_watch(watch);
	ssize_t n;

	(void)events;
	if (transfer->answer_size > 0)
		return;
	n = read(watch->fd, transfer->answer, sizeof transfer->answer);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		watch_stop(watch);
		return;
	}
	transfer->answer_size = (size_t)n;
	transfer_answers_send(transfer);
}

int transfer_answers_open(struct transfer *transfer, struct fault *fault)
{
	transfer->pipe[0] = transfer->pipe[1] = transfer->answers = -1;
	if (!transfer->asks)
		return 0;
	if (pipe2(transfer->pipe, O_CLOEXEC) != 0)
		return fault_io(fault, errno, "no pipe for a copy");
	if (fcntl(transfer->pipe[LOOPS(transfer)], F_SETFL, O_NONBLOCK) != 0)
		return fault_io(fault, errno, "fcntl");
	transfer->answers = transfer->pipe[THREADS(transfer)];
	transfer->answered.ready = ready;
	if (transfer->type == SLC_PUT)
		return 0;
	return watch_start(&transfer->answered, transfer->connection->loop,
		transfer->pipe[LOOPS(transfer)], WATCH_READ, fault);
}

/* More than the pipe holds was never asked for. */
void transfer_answers_take(struct transfer *transfer, const uint8_t *bytes, size_t size)
{
	int end = transfer->pipe[LOOPS(transfer)];

	if (end >= 0 && write(end, bytes, size) != (ssize_t)size)
		transfer_stop(transfer, SLC_REASON_PROTOCOL);
}

void transfer_answers_end(struct transfer *transfer)
{
	if (!transfer->asks)
		return;
	watch_stop(&transfer->answered);
	close_end(transfer, LOOPS(transfer));
}

void transfer_answers_close(struct transfer *transfer)
{
	if (!transfer->asks)
		return;
	transfer_answers_end(transfer);
	close_end(transfer, THREADS(transfer));
}
