/* said: see said.h. */
#include "services/slc/said.h"

#include <string.h>

#define HEAD      3u /* stream; length, 2 bytes */
#define PIECE_MAX 8192u

static uint8_t byte_at(const struct said *said, uint64_t place)
{
	return said->ring[place % SAID_SIZE];
}

static uint32_t length_at(const struct said *said, uint64_t place)
{
	return (uint32_t)byte_at(said, place + 1) * 256u + byte_at(said, place + 2);
}

static void append(struct said *said, const uint8_t *bytes, size_t size)
{
	size_t at = said->end % SAID_SIZE;
	size_t first = SAID_SIZE - at < size ? SAID_SIZE - at : size;

	memcpy(said->ring + at, bytes, first);
	memcpy(said->ring, bytes + first, size - first);
	said->end += size;
}

static void put_piece(struct said *said, uint8_t stream, const uint8_t *bytes, size_t size)
{
	const uint8_t head[HEAD] = {stream, (uint8_t)(size / 256u), (uint8_t)(size % 256u)};

	while (said->end - said->begin + HEAD + size > SAID_SIZE) {
		uint32_t length = length_at(said, said->begin);

		said->dropped += length;
		said->begin += HEAD + length;
	}
	append(said, head, HEAD);
	append(said, bytes, size);
	said->total += size;
}

void said_put(struct said *said, uint8_t stream, const uint8_t *bytes, size_t size)
{
	while (size > 0) {
		size_t piece = size < PIECE_MAX ? size : PIECE_MAX;

		put_piece(said, stream, bytes, piece);
		bytes += piece;
		size -= piece;
	}
}

bool said_next(const struct said *said, struct said_cursor *cursor, uint8_t *stream,
	const uint8_t **bytes, size_t *size)
{
	size_t at, left;

	if (cursor->at < said->begin) {
		cursor->lost += said->dropped - cursor->passed;
		cursor->passed = said->dropped;
		cursor->at = said->begin;
		cursor->inside = 0;
	}
	if (cursor->at == said->end)
		return false;
	at = (cursor->at + HEAD + cursor->inside) % SAID_SIZE;
	left = length_at(said, cursor->at) - cursor->inside;
	*stream = byte_at(said, cursor->at);
	*bytes = said->ring + at;
	*size = left < SAID_SIZE - at ? left : SAID_SIZE - at;
	return true;
}

void said_took(const struct said *said, struct said_cursor *cursor, size_t size)
{
	uint32_t length = length_at(said, cursor->at);

	cursor->inside += (uint32_t)size;
	cursor->passed += size;
	if (cursor->inside < length)
		return;
	cursor->at += HEAD + length;
	cursor->inside = 0;
}
