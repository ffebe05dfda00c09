/* memory_stream: see memory_stream.h. */
#include "runtime/client/memory_stream.h"

#include <string.h>

static struct memory_stream *memory_of(struct stream *stream)
{
	return (struct memory_stream *)stream;
}

/* What of the wanted can succeed now. */
static unsigned able(const struct memory_stream *memory)
{
	unsigned able = 0;

	if (memory->input.used > 0 || memory->has_ended)
		able |= STREAM_READ;
	if (queue_free(&memory->output) > 0)
		able |= STREAM_WRITE;
	return able & memory->wanted;
}

static void look(struct memory_stream *memory)
{
	if (memory->is_closed || able(memory) == 0)
		timer_stop(&memory->soon);
	else if (memory->soon.loop == NULL)
		timer_start(&memory->soon, memory->loop, 0);
}

static void tell(struct timer *timer)
{
	struct memory_stream *memory =
		(struct memory_stream *)((char *)timer - offsetof(struct memory_stream, soon));
	unsigned events = able(memory);

	look(memory); /* its user may be gone afterwards */
	memory->stream.ready(&memory->stream, events);
}

/* --- The user's ------------------------------------------------------------------------------- */

static enum stream_result read_memory(
	struct stream *stream, void *bytes, size_t size, size_t *done, struct fault *fault)
{
	struct memory_stream *memory = memory_of(stream);

	(void)fault;
	*done = size < memory->input.used ? size : memory->input.used;
	if (*done == 0)
		return memory->has_ended ? STREAM_END : STREAM_AGAIN;
	queue_copy(&memory->input, 0, bytes, *done);
	queue_drop(&memory->input, *done);
	return STREAM_DONE;
}

static enum stream_result write_memory(struct stream *stream, const struct iovec *parts,
	unsigned count, size_t *done, struct fault *fault)
{
	struct queue *output = &memory_of(stream)->output;

	(void)fault;
	*done = 0;
	for (unsigned i = 0; i < count; i++) {
		size_t room = queue_free(output);
		size_t size = parts[i].iov_len < room ? parts[i].iov_len : room;

		if (size > 0)
			queue_put(output, parts[i].iov_base, size);
		*done += size;
	}
	return *done > 0 ? STREAM_DONE : STREAM_AGAIN;
}

static enum stream_result finish_memory(struct stream *stream, struct fault *fault)
{
	(void)fault;
	memory_of(stream)->is_finished = true;
	return STREAM_DONE;
}

static void want(struct stream *stream, unsigned events)
{
	struct memory_stream *memory = memory_of(stream);

	memory->wanted = events;
	look(memory);
}

static void close_memory(struct stream *stream)
{
	struct memory_stream *memory = memory_of(stream);

	memory->is_closed = true;
	memory->is_finished = true;
	look(memory);
}

static int no_descriptor(const struct stream *stream)
{
	(void)stream;
	return -1;
}

static const struct stream_operations operations = {
	.read = read_memory,
	.write = write_memory,
	.finish = finish_memory,
	.want = want,
	.close = close_memory,
	.descriptor = no_descriptor,
};

/* --- The owner's ------------------------------------------------------------------------------ */

void memory_stream_open(struct memory_stream *memory, struct loop *loop)
{
	(void)memset(memory, 0, sizeof *memory);
	memory->stream.operations = &operations;
	memory->loop = loop;
	memory->soon.fired = tell;
	queue_init(&memory->input, memory->bytes[0], MEMORY_STREAM_SIZE);
	queue_init(&memory->output, memory->bytes[1], MEMORY_STREAM_SIZE);
}

size_t memory_stream_put(struct memory_stream *memory, const void *bytes, size_t size)
{
	size_t room = queue_free(&memory->input);

	if (memory->has_ended || memory->is_closed)
		return 0;
	size = size < room ? size : room;
	if (size > 0)
		queue_put(&memory->input, bytes, size);
	look(memory);
	return size;
}

void memory_stream_end(struct memory_stream *memory)
{
	memory->has_ended = true;
	look(memory);
}

size_t memory_stream_front(const struct memory_stream *memory, const uint8_t **bytes)
{
	struct iovec parts[2];

	if (queue_parts(&memory->output, 0, memory->output.used, parts) == 0)
		return 0;
	*bytes = parts[0].iov_base;
	return parts[0].iov_len;
}

void memory_stream_drop(struct memory_stream *memory, size_t size)
{
	queue_drop(&memory->output, size);
	look(memory);
}
