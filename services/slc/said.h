/* said: what a detached job has said last, on both its outputs and in their order: a ring of
 * pieces, which readers follow by cursors of their own. Who reads too slowly loses the oldest
 * pieces, is told how many bytes, and holds up nobody. Pure functions. */
#ifndef CLOISTER_SERVICES_SLC_SAID_H
#define CLOISTER_SERVICES_SLC_SAID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SAID_SIZE 65536u /* bytes of a ring, heads of pieces included */

/* Zeroed, with its memory, it is empty. Numbers count from the beginning of all that was said. */
struct said {
	uint8_t *ring;           /* the owner's: SAID_SIZE bytes */
	uint64_t begin, end;     /* places of the oldest piece that is kept, and of the next one */
	uint64_t total, dropped; /* bytes that were said, and those that are not kept any more */
};

/* A reader, zeroed at the beginning. */
struct said_cursor {
	uint64_t at;     /* the place of its piece */
	uint32_t inside; /* bytes of it that were taken */
	uint64_t passed; /* bytes that were taken or lost */
	uint64_t lost;
};

void said_put(struct said *said, uint8_t stream, const uint8_t *bytes, size_t size);

/* What comes next for the cursor: bytes in one piece of memory, and whose they are; false: nothing
 * does. They are there until the next said_put. */
bool said_next(const struct said *said, struct said_cursor *cursor, uint8_t *stream,
	const uint8_t **bytes, size_t *size);

/* So many of them were taken. */
void said_took(const struct said *said, struct said_cursor *cursor, size_t size);

#endif
