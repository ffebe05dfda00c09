/* stream: see stream.h. */
#include "runtime/eif/stream.h"

#include <errno.h>
#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int eif_stream_open(struct eif_stream *stream, struct measure *measure, struct output *output,
	uint64_t total, struct fault *fault)
{
	memset(stream, 0, sizeof *stream);
	stream->measure = measure;
	stream->output = output;
	progress_start(&stream->progress, total);
	if (measure != NULL)
		return 0;
	stream->own.bytes = malloc(RING_BLOCK_SIZE);
	if (stream->own.bytes == NULL)
		return fault_set(fault, "memory", "no memory for a buffer");
	return 0;
}

void eif_stream_close(struct eif_stream *stream)
{
	progress_end(&stream->progress);
	free(stream->own.bytes);
	stream->own.bytes = NULL;
}

int eif_stream_raw(struct eif_stream *stream, const void *bytes, size_t size, struct fault *fault)
{
	stream->crc = libdeflate_crc32(stream->crc, bytes, size);
	progress_step(&stream->progress, size);
	if (stream->output == NULL)
		return 0;
	return output_write(stream->output, bytes, size, fault);
}

void eif_stream_begin(
	struct eif_stream *stream, uint32_t section, uint16_t type, bool first_ramdisk)
{
	stream->section.section = section;
	stream->section.type = type;
	stream->section.first_ramdisk = first_ramdisk;
	stream->section.begins_section = true;
}

static int flush(struct eif_stream *stream, bool ends_section, struct fault *fault)
{
	struct block *block = stream->block;

	stream->block = NULL;
	block->ends_section = ends_section;
	if (stream->measure != NULL)
		ring_publish(&stream->measure->ring);
	if (output_interrupted() != 0)
		return fault_set(fault, "interrupted", "interrupted");
	return eif_stream_raw(stream, block->bytes, block->size, fault);
}

int eif_stream_end(struct eif_stream *stream, struct fault *fault)
{
	size_t room;

	(void)eif_stream_room(stream, &room);
	return flush(stream, true, fault);
}

uint8_t *eif_stream_room(struct eif_stream *stream, size_t *room)
{
	struct block *block = stream->block;

	if (block == NULL) {
		block = &stream->own;
		if (stream->measure != NULL)
			block = ring_claim(&stream->measure->ring);
		block->size = 0;
		block->section = stream->section.section;
		block->type = stream->section.type;
		block->first_ramdisk = stream->section.first_ramdisk;
		block->begins_section = stream->section.begins_section;
		stream->section.begins_section = false;
		stream->block = block;
	}
	*room = RING_BLOCK_SIZE - block->size;
	return block->bytes + block->size;
}

int eif_stream_advance(struct eif_stream *stream, size_t used, struct fault *fault)
{
	stream->block->size += used;
	if (stream->block->size < RING_BLOCK_SIZE)
		return 0;
	return flush(stream, false, fault);
}

int eif_stream_write(struct eif_stream *stream, const void *bytes, size_t size, struct fault *fault)
{
	const uint8_t *next = bytes;

	while (size > 0) {
		size_t room;
		uint8_t *to = eif_stream_room(stream, &room);

		if (room > size)
			room = size;
		memcpy(to, next, room);
		next += room;
		size -= room;
		if (eif_stream_advance(stream, room, fault) < 0)
			return -1;
	}
	return 0;
}

int eif_stream_zeros(struct eif_stream *stream, size_t size, struct fault *fault)
{
	static const uint8_t zeros[64];

	while (size > 0) {
		size_t piece = size < sizeof zeros ? size : sizeof zeros;

		if (eif_stream_write(stream, zeros, piece, fault) < 0)
			return -1;
		size -= piece;
	}
	return 0;
}

int eif_stream_file(
	struct eif_stream *stream, int fd, uint64_t size, const char *name, struct fault *fault)
{
	while (size > 0) {
		size_t room;
		uint8_t *to = eif_stream_room(stream, &room);
		ssize_t got;

		if (room > size)
			room = (size_t)size;
		got = read(fd, to, room);
		if (got < 0 && errno == EINTR && output_interrupted() == 0)
			continue;
		if (got < 0)
			return fault_io(fault, errno, "reading %s failed", name);
		if (got == 0)
			return fault_set(
				fault, "changed", "%s became shorter while it was read", name);
		size -= (uint64_t)got;
		if (eif_stream_advance(stream, (size_t)got, fault) < 0)
			return -1;
	}
	return 0;
}
