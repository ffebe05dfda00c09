/* log_lines: see log_lines.h. */
#include "services/init/log_lines.h"

#include <string.h>

/* The bytes of the line at the front, its end included, as far as there is room. */
static size_t piece(const uint8_t *bytes, size_t size, size_t room)
{
	size_t some = size < room ? size : room;
	const uint8_t *end = some == 0 ? NULL : memchr(bytes, '\n', some);

	return end == NULL ? some : (size_t)(end - bytes) + 1u;
}

size_t log_lines_put(struct log_lines *lines, const uint8_t *bytes, size_t size, uint8_t *room,
	size_t capacity, size_t *filled)
{
	size_t stamp = lines->stamp == NULL ? 0 : strlen(lines->stamp);
	size_t used = 0, some;

	*filled = 0;
	while (used < size) {
		if (!lines->is_inside && stamp > 0) {
			if (capacity - *filled <= stamp)
				break;
			memcpy(room + *filled, lines->stamp, stamp);
			*filled += stamp;
			lines->is_inside = true;
		}
		some = piece(bytes + used, size - used, capacity - *filled);
		if (some == 0)
			break;
		memcpy(room + *filled, bytes + used, some);
		*filled += some;
		used += some;
		lines->is_inside = bytes[used - 1u] != '\n';
	}
	return used;
}
