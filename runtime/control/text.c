/* text: see text.h. */
#include "runtime/control/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "gen/utf8.h"
#include "runtime/kernel/machine.h"

MACHINE_BYTES(utf8)

/* The size of the whole character at the front; 0 where there is none. */
static size_t character(const uint8_t *bytes, size_t size)
{
	struct utf8 machine;

	utf8_init(&machine);
	for (size_t i = 0; i < size && i < 4; i++) {
		(void)utf8_drive(&machine, 0, bytes + i, 1);
		if (machine.cs == UTF8_IN_WHOLE)
			return i + 1u;
	}
	return 0;
}

/* U+0000 to U+001F, U+007F to U+009F. */
static bool is_control(const uint8_t *bytes, size_t size)
{
	if (size == 1)
		return bytes[0] < 0x20 || bytes[0] == 0x7f;
	return size == 2 && bytes[0] == 0xc2 && bytes[1] < 0xa0;
}

void json_text(FILE *stream, const void *string, size_t size)
{
	const uint8_t *bytes = string;

	(void)fputc('"', stream);
	for (size_t i = 0, used; i < size; i += used) {
		used = character(bytes + i, size - i);
		if (used == 0) {
			(void)fputs("\xef\xbf\xbd", stream);
			used = 1;
		} else if (is_control(bytes + i, used)) {
			(void)fprintf(stream, "\\u%04x", bytes[i + used - 1u]);
		} else {
			if (bytes[i] == '"' || bytes[i] == '\\')
				(void)fputc('\\', stream);
			(void)fwrite(bytes + i, 1, used, stream);
		}
	}
	(void)fputc('"', stream);
}

void terminal_text(FILE *stream, const void *string, size_t size)
{
	const uint8_t *bytes = string;

	for (size_t i = 0, used; i < size; i += used) {
		used = character(bytes + i, size - i);
		if (used > 0 &&
			(bytes[i] == '\n' || bytes[i] == '\t' || !is_control(bytes + i, used))) {
			(void)fwrite(bytes + i, 1, used, stream);
			continue;
		}
		used = used == 0 ? 1 : used;
		for (size_t k = 0; k < used; k++)
			(void)fprintf(stream, "\\x%02x", bytes[i + k]);
	}
}

size_t text_whole(const uint8_t *bytes, size_t size)
{
	for (size_t back = 1; back <= 3 && back <= size; back++) {
		uint8_t byte = bytes[size - back];
		size_t length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;

		if ((byte & 0xc0u) != 0x80u)
			return length > back ? size - back : size;
	}
	return size;
}

void terminal_piece(FILE *stream, struct text_tail *tail, const uint8_t *bytes, size_t size)
{
	while (size > 0) {
		size_t some = sizeof tail->bytes - tail->used, whole;

		if (some > size)
			some = size;
		memcpy(tail->bytes + tail->used, bytes, some);
		tail->used += some;
		bytes += some;
		size -= some;
		whole = text_whole(tail->bytes, tail->used);
		terminal_text(stream, tail->bytes, whole);
		tail->used -= whole;
		memmove(tail->bytes, tail->bytes + whole, tail->used);
	}
}
