/* log_lines: bytes on their way into a file, with the time in front of each line. Without stamps
 * they are the same bytes, whatever they are. A pure function. */
#ifndef CLOISTER_SERVICES_INIT_LOG_LINES_H
#define CLOISTER_SERVICES_INIT_LOG_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct log_lines {
	const char *stamp; /* in front of each line; null or empty: the bytes stay as they are */
	bool is_inside;    /* a line has begun, and not ended */
};

/* Copies from bytes[0..size) into room[0..capacity), and returns how many bytes of them it has
 * used: all, unless there is no room. *filled is what has been put into the room. The room has more
 * bytes than a stamp. */
size_t log_lines_put(struct log_lines *lines, const uint8_t *bytes, size_t size, uint8_t *room,
	size_t capacity, size_t *filled);

#endif
