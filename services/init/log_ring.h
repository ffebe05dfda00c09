/* log_ring: the newest bytes of a log, which readers follow by cursors of their own. Who reads too
 * slowly loses the oldest bytes, is told how many, and holds up nobody. Pure functions. */
#ifndef CLOISTER_SERVICES_INIT_LOG_RING_H
#define CLOISTER_SERVICES_INIT_LOG_RING_H

#include <stddef.h>
#include <stdint.h>

#define LOG_RING_SIZE 16384u

/* Zeroed is empty. Byte number n of the log, from 0, is in bytes[n % LOG_RING_SIZE]. */
struct log_ring {
	uint64_t begin, end; /* numbers of the oldest byte that is kept, and of the next one */
	uint8_t bytes[LOG_RING_SIZE];
};

void log_ring_put(struct log_ring *ring, const uint8_t *bytes, size_t size);

/* Copies what comes next for the cursor, and moves it on; returns how many bytes. What is not kept
 * any more is passed over and added to *lost. */
size_t log_ring_get(
	const struct log_ring *ring, uint64_t *cursor, uint8_t *bytes, size_t room, uint64_t *lost);

/* A cursor at the beginning of the last `lines` lines; a last line without an end is one too. */
uint64_t log_ring_tail(const struct log_ring *ring, uint32_t lines);

/* Forgets what is kept. Numbers go on, so cursors stay good. */
void log_ring_clear(struct log_ring *ring);

#endif
