/* log_ring: see log_ring.h. */
#include "services/init/log_ring.h"

#include <string.h>

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

void log_ring_put(struct log_ring *ring, const uint8_t *bytes, size_t size)
{
	while (size > 0) {
		size_t at = (size_t)(ring->end % LOG_RING_SIZE);
		size_t some = smaller(size, LOG_RING_SIZE - at);

		memcpy(ring->bytes + at, bytes, some);
		bytes += some;
		size -= some;
		ring->end += some;
	}
	if (ring->end - ring->begin > LOG_RING_SIZE)
		ring->begin = ring->end - LOG_RING_SIZE;
}

size_t log_ring_get(
	const struct log_ring *ring, uint64_t *cursor, uint8_t *bytes, size_t room, uint64_t *lost)
{
	size_t size, done = 0;

	if (*cursor > ring->end)
		*cursor = ring->end; /* of another ring: there is nothing yet */
	if (*cursor < ring->begin) {
		*lost += ring->begin - *cursor;
		*cursor = ring->begin;
	}
	size = smaller(room, (size_t)(ring->end - *cursor));
	while (done < size) {
		size_t at = (size_t)(*cursor % LOG_RING_SIZE);
		size_t some = smaller(size - done, LOG_RING_SIZE - at);

		memcpy(bytes + done, ring->bytes + at, some);
		done += some;
		*cursor += some;
	}
	return size;
}

uint64_t log_ring_tail(const struct log_ring *ring, uint32_t lines)
{
	uint64_t at = ring->end;

	if (lines == 0)
		return at;
	while (at > ring->begin) {
		if (at < ring->end && ring->bytes[(at - 1u) % LOG_RING_SIZE] == '\n' &&
			--lines == 0)
			return at;
		at--;
	}
	return at;
}

void log_ring_clear(struct log_ring *ring)
{
	ring->begin = ring->end;
}
