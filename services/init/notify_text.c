/* notify_text: see notify_text.h. */
#include "services/init/notify_text.h"

#include <string.h>

#define STATUS "STATUS="

static bool is(const char *line, size_t size, const char *word)
{
	return size == strlen(word) && memcmp(line, word, size) == 0;
}

static void take_status(struct notify_text *text, const char *status, size_t size)
{
	size_t kept = size < sizeof text->status - 1u ? size : sizeof text->status - 1u;

	for (size_t i = 0; i < kept; i++)
		text->status[i] = (char)(status[i] >= ' ' && status[i] <= '~' ? status[i] : '?');
	text->status[kept] = '\0';
	text->has_status = true;
}

static void take_line(struct notify_text *text, const char *line, size_t size)
{
	const size_t prefix = strlen(STATUS);

	text->is_ready |= is(line, size, "READY=1");
	text->is_stopping |= is(line, size, "STOPPING=1");
	text->is_alive |= is(line, size, "WATCHDOG=1");
	text->is_unwell |= is(line, size, "WATCHDOG=trigger");
	if (size >= prefix && memcmp(line, STATUS, prefix) == 0)
		take_status(text, line + prefix, size - prefix);
}

void notify_text_read(struct notify_text *text, const char *bytes, size_t size)
{
	size_t at = 0;

	memset(text, 0, sizeof *text);
	while (size <= NOTIFY_TEXT_MAX && at < size) {
		const char *end = memchr(bytes + at, '\n', size - at);
		size_t length = end == NULL ? size - at : (size_t)(end - bytes) - at;

		take_line(text, bytes + at, length);
		at += length + 1u;
	}
}
