/* copy_stream: see copy_stream.h. */
#include "runtime/channel/copy_stream.h"

#include <stdlib.h>
#include <string.h>

static uint8_t *block_of(const struct copy_stream *stream, uint32_t number)
{
	return stream->memory + (size_t)(number % COPY_STREAM_BLOCKS) * COPY_STREAM_BLOCK;
}

static size_t *size_of(struct copy_stream *stream, uint32_t number)
{
	return &stream->sizes[number % COPY_STREAM_BLOCKS];
}

static void arrived(struct post *post)
{
	struct copy_stream *stream =
		(struct copy_stream *)((char *)post - offsetof(struct copy_stream, post));

	if (stream->memory == NULL)
		return;
	pthread_mutex_lock(&stream->lock);
	stream->is_posted = stream->is_wanted = false;
	pthread_mutex_unlock(&stream->lock);
	stream->moved(stream);
}

/* With the lock. Who is not waiting will look by itself. */
static void tell_loop(struct copy_stream *stream)
{
	if (!stream->is_wanted || stream->is_posted)
		return;
	stream->is_posted = true;
	loop_post(stream->loop, &stream->post);
}

int copy_stream_open(struct copy_stream *stream, struct loop *loop, struct fault *fault)
{
	stream->memory = malloc((size_t)COPY_STREAM_BLOCKS * COPY_STREAM_BLOCK);
	if (stream->memory == NULL)
		return fault_set(fault, "memory", "no memory for the copy");
	stream->loop = loop;
	stream->post.arrived = arrived;
	pthread_mutex_init(&stream->lock, NULL);
	pthread_cond_init(&stream->changed, NULL);
	return 0;
}

void copy_stream_close(struct copy_stream *stream)
{
	if (stream->memory == NULL)
		return;
	pthread_cond_destroy(&stream->changed);
	pthread_mutex_destroy(&stream->lock);
	free(stream->memory);
	stream->memory = NULL;
}

/* --- Put -------------------------------------------------------------------------------------- */

bool copy_stream_give(struct copy_stream *stream, uint8_t **block, size_t size)
{
	bool goes_on;

	pthread_mutex_lock(&stream->lock);
	if (size > 0) {
		*size_of(stream, stream->given) = size;
		stream->given++;
		tell_loop(stream);
	}
	while (!stream->is_ended && stream->given - stream->dropped == COPY_STREAM_BLOCKS)
		pthread_cond_wait(&stream->changed, &stream->lock);
	*block = block_of(stream, stream->given);
	goes_on = !stream->is_ended;
	pthread_mutex_unlock(&stream->lock);
	return goes_on;
}

size_t copy_stream_front(struct copy_stream *stream, const uint8_t **bytes)
{
	size_t size = 0;

	pthread_mutex_lock(&stream->lock);
	stream->is_wanted = stream->given == stream->dropped;
	if (!stream->is_wanted)
		size = *size_of(stream, stream->dropped) - stream->at;
	*bytes = block_of(stream, stream->dropped) + stream->at;
	pthread_mutex_unlock(&stream->lock);
	return size;
}

void copy_stream_drop(struct copy_stream *stream, size_t size)
{
	pthread_mutex_lock(&stream->lock);
	stream->at += size;
	if (size > 0 && stream->at == *size_of(stream, stream->dropped)) {
		stream->at = 0;
		stream->dropped++;
		if (stream->given - stream->dropped <= COPY_STREAM_BLOCKS / 2)
			pthread_cond_signal(&stream->changed);
	}
	pthread_mutex_unlock(&stream->lock);
}

/* --- Get -------------------------------------------------------------------------------------- */

/* The block that is being filled is the one behind those given. */
size_t copy_stream_take(struct copy_stream *stream, const uint8_t **bytes)
{
	size_t size = 0;

	pthread_mutex_lock(&stream->lock);
	if (stream->is_held) {
		stream->done += *size_of(stream, stream->dropped);
		*size_of(stream, stream->dropped) = 0;
		stream->dropped++;
		tell_loop(stream);
	}
	while (*size_of(stream, stream->dropped) == 0 && !stream->is_ended)
		pthread_cond_wait(&stream->changed, &stream->lock);
	size = *size_of(stream, stream->dropped);
	stream->is_held = size > 0;
	if (stream->is_held && stream->given == stream->dropped)
		stream->given++;
	*bytes = block_of(stream, stream->dropped);
	pthread_mutex_unlock(&stream->lock);
	return size;
}

/* What fits in the block that is being filled, and whether that block is the next to be taken. */
static void fill(struct copy_stream *stream, const uint8_t **bytes, size_t *size)
{
	size_t *used = size_of(stream, stream->given);
	size_t room = COPY_STREAM_BLOCK - *used;
	size_t part = *size < room ? *size : room;

	if (stream->given - stream->dropped == COPY_STREAM_BLOCKS)
		abort();
	memcpy(block_of(stream, stream->given) + *used, *bytes, part);
	*used += part;
	if (*used == COPY_STREAM_BLOCK)
		stream->given++;
	*bytes += part;
	*size -= part;
}

void copy_stream_put(struct copy_stream *stream, const uint8_t *bytes, size_t size)
{
	pthread_mutex_lock(&stream->lock);
	while (size > 0)
		fill(stream, &bytes, &size);
	pthread_cond_signal(&stream->changed);
	pthread_mutex_unlock(&stream->lock);
}

size_t copy_stream_done(struct copy_stream *stream)
{
	size_t done;

	pthread_mutex_lock(&stream->lock);
	done = stream->done;
	stream->done = 0;
	stream->is_wanted = done == 0;
	pthread_mutex_unlock(&stream->lock);
	return done;
}

void copy_stream_end(struct copy_stream *stream)
{
	if (stream->memory == NULL)
		return;
	pthread_mutex_lock(&stream->lock);
	stream->is_ended = true;
	pthread_cond_signal(&stream->changed);
	pthread_mutex_unlock(&stream->lock);
}
