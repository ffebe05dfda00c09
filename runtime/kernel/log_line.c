/* log_line: see log_line.h. */
#include "runtime/kernel/log_line.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "gen/utf8.h"
#include "runtime/kernel/machine.h"
#include "runtime/kernel/time_text.h"

#define CLOSING     16u /* bytes kept free for the end: a quote, `,"cut":true}` and a line feed */
#define REPLACEMENT "\xef\xbf\xbd"

MACHINE_BYTES(utf8)

/* A line under construction. Once something did not fit, nothing more is added. */
struct text {
	char *bytes;
	size_t used;
	bool cut;
	bool json;
};

/* Adds all of it or nothing. */
static void add(struct text *text, const char *bytes, size_t n)
{
	if (text->used + n > LOG_LINE_MAX - CLOSING)
		text->cut = true;
	if (text->cut)
		return;
	memcpy(text->bytes + text->used, bytes, n);
	text->used += n;
}

__attribute__((format(printf, 2, 3))) static void add_format(
	struct text *text, const char *format, ...)
{
	char piece[64];
	va_list arguments;
	int n;

	va_start(arguments, format);
	n = vsnprintf(piece, sizeof piece, format, arguments);
	va_end(arguments);
	if (n > 0)
		add(text, piece, (size_t)n < sizeof piece ? (size_t)n : sizeof piece - 1);
}

/* --- Strings ---------------------------------------------------------------------------------- */

/* How many bytes at the front of bytes[0..n) are whole characters. The machine stops behind the
 * first byte that is wrong; the character which that one breaks has begun at most three before. */
static size_t whole_characters(const uint8_t *bytes, size_t n)
{
	struct utf8 machine;
	size_t used;

	utf8_init(&machine);
	used = utf8_drive(&machine, 0, bytes, n);
	while (machine.cs != UTF8_IN_WHOLE) {
		used--;
		utf8_init(&machine);
		(void)utf8_drive(&machine, 0, bytes, used);
	}
	return used;
}

/* The bytes of the character at the front of a text that is UTF-8. */
static size_t character_size(const uint8_t *bytes, size_t n)
{
	size_t size = 1;

	while (size < n && (bytes[size] & 0xc0u) == 0x80u)
		size++;
	return size;
}

/* U+0000 to U+001F, U+007F to U+009F: terminals act on these. */
static bool is_control(const uint8_t *character, size_t size)
{
	if (size == 1)
		return character[0] < 0x20 || character[0] == 0x7f;
	return size == 2 && character[0] == 0xc2 && character[1] < 0xa0;
}

static void add_character(struct text *text, const uint8_t *character, size_t size)
{
	if (is_control(character, size))
		add_format(text, "\\u%04x", character[size - 1]);
	else if (character[0] == '"' || character[0] == '\\')
		add_format(text, "\\%c", character[0]);
	else
		add(text, (const char *)character, size);
}

static void add_escaped(struct text *text, const void *string, size_t n)
{
	const uint8_t *bytes = string;

	while (n > 0 && !text->cut) {
		size_t whole = whole_characters(bytes, n);

		for (size_t i = 0, size; i < whole && !text->cut; i += size) {
			size = character_size(bytes + i, whole - i);
			add_character(text, bytes + i, size);
		}
		bytes += whole;
		n -= whole;
		if (n == 0)
			break;
		add(text, REPLACEMENT, sizeof REPLACEMENT - 1);
		bytes++;
		n--;
	}
}

/* A string that does not fit is cut after a character; its quote is closed in any case. */
static void add_quoted(struct text *text, const void *string, size_t n)
{
	add(text, "\"", 1);
	if (text->cut)
		return;
	add_escaped(text, string, n);
	text->bytes[text->used++] = '"';
}

/* --- Fields ----------------------------------------------------------------------------------- */

static void add_value(struct text *text, const struct log_field *field)
{
	switch (field->kind) {
	case LOG_KIND_NUMBER:
		add_format(text, "%" PRId64, field->number);
		break;
	case LOG_KIND_BOOLEAN:
		add_format(text, "%s", field->number != 0 ? "true" : "false");
		break;
	case LOG_KIND_STRING:
		add_quoted(text, field->text, field->size);
		break;
	}
}

/* A field without its value says nothing, so it goes whole. */
static void add_field(struct text *text, const struct log_field *field)
{
	size_t before = text->used, value;

	if (text->cut)
		return;
	add(text, text->json ? "," : " ", 1);
	if (text->json)
		add_quoted(text, field->key, strlen(field->key));
	else
		add_escaped(text, field->key, strlen(field->key));
	add(text, text->json ? ":" : "=", 1);
	value = text->used;
	if (!text->cut)
		add_value(text, field);
	if (text->cut && text->used == value)
		text->used = before;
}

static const char *level_name(enum log_level level)
{
	static const char *const names[] = {"error", "warning", "info", "debug"};

	return (unsigned)level < sizeof names / sizeof *names ? names[level] : "unknown";
}

static void add_front(struct text *text, const struct log_record *record)
{
	size_t program = strlen(record->program), message = strlen(record->message);
	char time[TIME_TEXT_MAX];

	add_format(text, "%s", text->json ? "{\"time\":\"" : "");
	time_to_text(record->time, time);
	add_format(text, "%s", time);
	add_format(text, text->json ? "\",\"level\":\"%s\",\"program\":" : " %s ",
		level_name(record->level));
	if (!text->json) {
		add_escaped(text, record->program, program);
		add(text, ": ", 2);
		add_escaped(text, record->message, message);
		return;
	}
	add_quoted(text, record->program, program);
	add_format(text, ",\"message\":");
	add_quoted(text, record->message, message);
}

/* The room for it was kept free. */
static size_t add_end(struct text *text)
{
	static const char json[] = ",\"cut\":true", plain[] = " cut=true";
	const char *says = text->json ? json : plain;
	size_t n = text->json ? sizeof json - 1 : sizeof plain - 1;

	if (text->cut) {
		memcpy(text->bytes + text->used, says, n);
		text->used += n;
	}
	if (text->json)
		text->bytes[text->used++] = '}';
	text->bytes[text->used++] = '\n';
	return text->used;
}

size_t log_line(char line[LOG_LINE_MAX], enum log_form form, const struct log_record *record)
{
	struct text text = {.bytes = line, .json = form != LOG_PLAIN};
	struct log_field dropped = log_number("dropped", (int64_t)record->dropped);

	add_front(&text, record);
	if (record->dropped != 0)
		add_field(&text, &dropped);
	for (size_t i = 0; i < record->count; i++)
		add_field(&text, &record->fields[i]);
	return add_end(&text);
}
