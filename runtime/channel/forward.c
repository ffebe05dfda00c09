/* forward: see forward.h. */
#include "runtime/channel/forward.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gen/slc_forward.h"
#include "runtime/kernel/machine.h"

MACHINE_EVENTS(slc_forward)

#define PIECE 65536u /* bytes that are read at a time: then others have their turn */

static bool opens(const struct forward *forward)
{
	return forward->machine.opens == 1u;
}

static enum slc_stream own_stream(const struct forward *forward)
{
	return opens(forward) ? SLC_INPUT : SLC_OUTPUT;
}

/* --- Effects ---------------------------------------------------------------------------------- */

static void want(struct forward *forward)
{
	unsigned events = 0;

	if (forward->reads && !forward->is_full)
		events |= STREAM_READ;
	if (forward->queue.used > 0)
		events |= STREAM_WRITE;
	if (forward->has_socket)
		stream_want(&forward->socket.stream, events);
}

/* The accepter has two streams, and uses one. */
static void do_accept(struct forward *forward)
{
	channel_accept(forward->channel);
	channel_finish(forward->channel, SLC_ERROR);
}

static void do_move(struct forward *forward)
{
	if (forward->accepted != NULL)
		forward->accepted(forward);
	forward->reads = true;
	want(forward);
}

static void do_pass_end(struct forward *forward)
{
	channel_finish(forward->channel, own_stream(forward));
}

/* A socket that can't be shut has failed: reading shows it. */
static void do_shut(struct forward *forward)
{
	struct fault fault;

	(void)stream_finish(&forward->socket.stream, &fault);
}

static void do_conclude(struct forward *forward)
{
	(void)channel_conclude(forward->channel, 0, NULL, 0);
}

static void do_refuse(struct forward *forward)
{
	channel_refuse(forward->channel, forward->reason, forward->text);
}

static void do_abort(struct forward *forward)
{
	channel_abort(forward->channel, forward->reason, forward->text);
}

static void do_close(struct forward *forward)
{
	if (forward->has_socket)
		stream_close(&forward->socket.stream);
	forward->has_socket = false;
}

/* TCP can say that a connection did not end but failed; other sockets just close. */
static void do_break(struct forward *forward)
{
	const struct linger none = {.l_onoff = 1};
	const bool is_loud = forward->has_socket && !forward->has_said_why;
	const int fd = is_loud ? stream_descriptor(&forward->socket.stream) : -1;
	int domain = 0;
	socklen_t size = sizeof domain;

	if (fd >= 0 && getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 &&
		domain != AF_UNIX)
		(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
	do_close(forward);
}

/* Lowest bit first. */
static const struct {
	uint32_t effect;
	void (*perform)(struct forward *forward);
} effects[] = {
	{SLC_FORWARD_DO_ACCEPT, do_accept},
	{SLC_FORWARD_DO_MOVE, do_move},
	{SLC_FORWARD_DO_PASS_END, do_pass_end},
	{SLC_FORWARD_DO_SHUT, do_shut},
	{SLC_FORWARD_DO_CONCLUDE, do_conclude},
	{SLC_FORWARD_DO_REFUSE, do_refuse},
	{SLC_FORWARD_DO_ABORT, do_abort},
	{SLC_FORWARD_DO_CLOSE, do_close},
	{SLC_FORWARD_DO_BREAK, do_break},
};

/* Effects cause events: only the outermost feed lets go. False: nothing is left, and the struct is
 * not to be touched. */
static bool feed(struct forward *forward, enum slc_forward_event event, uint32_t n)
{
	uint32_t wanted;

	forward->depth++;
	wanted = slc_forward_drive(&forward->machine, forward->instance, event, n);
	for (size_t i = 0; i < sizeof effects / sizeof effects[0]; i++)
		if ((wanted & effects[i].effect) != 0)
			effects[i].perform(forward);
	forward->depth--;
	if (!slc_forward_ended(&forward->machine))
		return true;
	if (forward->depth == 0)
		forward->gone(forward);
	return false;
}

static bool fail(
	struct forward *forward, enum slc_forward_event event, uint32_t reason, const char *text)
{
	if (!slc_forward_ended(&forward->machine) && forward->reason == SLC_REASON_NONE) {
		forward->reason = reason;
		(void)snprintf(forward->text, sizeof forward->text, "%s", text);
	}
	return feed(forward, event, reason);
}

/* --- The socket ------------------------------------------------------------------------------- */

/* Writes what waits, as far as that goes. False: nothing is left. */
static bool write_queue(struct forward *forward)
{
	struct queue *queue = &forward->queue;
	enum stream_result result = STREAM_DONE;
	struct fault fault;

	while (queue->used > 0 && result == STREAM_DONE) {
		struct iovec parts[2];
		unsigned count = queue_parts(queue, 0, queue->used, parts);
		size_t done = 0;

		result = stream_write(&forward->socket.stream, parts, count, &done, &fault);
		if (result == STREAM_DONE)
			queue_drop(queue, done);
		if (result == STREAM_DONE && forward->channel != NULL)
			channel_consumed(forward->channel, done);
	}
	if (result == STREAM_FAILED)
		return fail(forward, SLC_FORWARD_HERE_FAILED, SLC_REASON_IO, fault.text);
	if (queue->used == 0)
		return feed(forward, SLC_FORWARD_WRITTEN, 0);
	return true;
}

/* Reads once, no more than the channel takes. */
static void read_socket(struct forward *forward)
{
	uint8_t bytes[PIECE];
	size_t room = channel_room(forward->channel), size = 0;
	struct fault fault;

	forward->is_full = room == 0;
	if (room == 0) {
		want(forward);
		return;
	}
	switch (stream_read(
		&forward->socket.stream, bytes, room < PIECE ? room : PIECE, &size, &fault)) {
	case STREAM_DONE:
		(void)channel_send(forward->channel, own_stream(forward), bytes, size);
		return;
	case STREAM_AGAIN:
		return;
	case STREAM_END:
		forward->reads = false;
		want(forward);
		(void)feed(forward, SLC_FORWARD_HERE_ENDED, 0);
		return;
	default:
		(void)fail(forward, SLC_FORWARD_HERE_FAILED, SLC_REASON_IO, fault.text);
	}
}

static void ready(struct stream *stream, unsigned events)
{
	struct forward *forward = stream->user;

	if ((events & STREAM_WRITE) != 0 && forward->queue.used > 0) {
		if (!write_queue(forward))
			return;
		want(forward);
	}
	if ((events & STREAM_READ) != 0 && forward->reads && forward->channel != NULL)
		read_socket(forward);
}

static int take_socket(struct forward *forward, int fd, struct fault *fault)
{
	if (socket_stream_open(&forward->socket, forward->loop, fd, fault) != 0)
		return -1;
	forward->socket.stream.ready = ready;
	forward->socket.stream.user = forward;
	forward->has_socket = true;
	return 0;
}

/* --- The channel ------------------------------------------------------------------------------ */

static void accepted(struct channel *channel)
{
	(void)feed(channel_owner(channel), SLC_FORWARD_READY, 0);
}

static void data(struct channel *channel, enum slc_stream stream, const uint8_t *bytes, size_t size)
{
	struct forward *forward = channel_owner(channel);

	if (stream == SLC_ERROR) {
		(void)fail(forward, SLC_FORWARD_STOP, SLC_REASON_PROTOCOL,
			"bytes on a stream that a forward does not have");
		return;
	}
	queue_put(&forward->queue, bytes, size);
	if (write_queue(forward))
		want(forward);
}

static void end(struct channel *channel, enum slc_stream stream)
{
	struct forward *forward = channel_owner(channel);

	if (stream == SLC_ERROR || !feed(forward, SLC_FORWARD_THERE_ENDED, 0))
		return;
	if (forward->queue.used == 0)
		(void)feed(forward, SLC_FORWARD_WRITTEN, 0);
}

static void writable(struct channel *channel)
{
	struct forward *forward = channel_owner(channel);

	forward->is_full = false;
	want(forward);
}

static void ended(
	struct channel *channel, enum channel_outcome outcome, uint32_t reason, const char *text)
{
	struct forward *forward = channel_owner(channel);
	const bool was_waiting = forward->machine.cs == SLC_FORWARD_IN_WAITING;

	forward->channel = NULL;
	forward->reads = false;
	want(forward);
	if (outcome == CHANNEL_DONE) {
		(void)feed(forward, SLC_FORWARD_DONE, 0);
		return;
	}
	if (forward->reason == SLC_REASON_NONE) {
		forward->reason = outcome == CHANNEL_LOST ? SLC_REASON_LOST : reason;
		(void)snprintf(forward->text, sizeof forward->text, "%s", text);
	}
	if (was_waiting && forward->refused != NULL)
		forward->refused(forward);
	(void)feed(forward, SLC_FORWARD_LOST, 0);
}

static const struct channel_events events = {
	.accepted = accepted,
	.data = data,
	.end = end,
	.writable = writable,
	.ended = ended,
};

/* --- What the owner does ---------------------------------------------------------------------- */

void forward_init(
	struct forward *forward, struct loop *loop, uint8_t *memory, size_t size, uint32_t instance)
{
	forward->reason = SLC_REASON_NONE;
	forward->text[0] = '\0';
	forward->instance = instance;
	forward->depth = 0;
	forward->loop = loop;
	forward->channel = NULL;
	forward->has_socket = forward->reads = forward->is_full = false;
	forward->has_said_why = false;
	queue_init(&forward->queue, memory, size);
}

int forward_open(struct forward *forward, struct slc *slc, uint32_t type, const uint8_t *fields,
	size_t size, int fd, struct fault *fault)
{
	slc_forward_init(&forward->machine, 1);
	if (take_socket(forward, fd, fault) != 0)
		return -1;
	if (channel_open(slc, &forward->channel, &events, forward, type, fields, size, fault) == 0)
		return 0;
	/* The descriptor stays the caller's. */
	watch_stop(&forward->socket.watch);
	forward->has_socket = false;
	return -1;
}

void forward_serve(struct forward *forward, struct channel *channel)
{
	slc_forward_init(&forward->machine, 0);
	forward->channel = channel;
	channel_own(channel, &events, forward);
}

void forward_connected(struct forward *forward, int fd)
{
	struct fault fault;

	if (take_socket(forward, fd, &fault) == 0) {
		(void)feed(forward, SLC_FORWARD_READY, 0);
		return;
	}
	(void)close(fd);
	forward_failed(forward, SLC_REASON_LIMIT, fault.text);
}

void forward_failed(struct forward *forward, uint32_t reason, const char *text)
{
	(void)fail(forward, SLC_FORWARD_HERE_FAILED, reason, text);
}

void forward_say(struct forward *forward, const void *bytes, size_t size)
{
	struct iovec part = {(void *)bytes, size};
	struct fault fault;
	size_t done = 0;

	if (forward->has_socket)
		(void)stream_write(&forward->socket.stream, &part, 1, &done, &fault);
	forward->has_said_why = forward->channel == NULL;
}

void forward_stop(struct forward *forward, uint32_t reason, const char *text)
{
	(void)fail(forward, SLC_FORWARD_STOP, reason, text);
}
