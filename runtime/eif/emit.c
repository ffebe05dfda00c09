/* emit: see emit.h. */
#include "runtime/eif/emit.h"

#include <errno.h>

#include <string.h>

void emit_start(struct emit *emit, FILE *file, bool pretty)
{
	*emit = (struct emit){.file = file, .pretty = pretty, .first = true};
}

static void emit_newline(struct emit *emit)
{
	if (!emit->pretty)
		return;
	fputc('\n', emit->file);
	for (int i = 0; i < emit->level; i++)
		fputs("  ", emit->file);
}

/* Prints one byte of a string. Returns false when the byte stands for itself. */
static bool emit_escape(FILE *file, unsigned char byte)
{
	static const char plain[] = "\"\\\b\f\n\r\t";
	static const char letters[] = "\"\\bfnrt";
	const char *found = byte == '\0' ? NULL : strchr(plain, byte);

	if (found != NULL)
		fprintf(file, "\\%c", letters[found - plain]);
	else if (byte < 0x20)
		fprintf(file, "\\u%04x", byte);
	else
		return false;
	return true;
}

static void emit_quoted(struct emit *emit, const char *text, size_t size)
{
	FILE *file = emit->file;

	fputc('"', file);
	for (size_t i = 0; i < size; i++) {
		unsigned char byte = (unsigned char)text[i];

		if (emit_escape(file, byte))
			continue;
		if (emit->terminal && byte == 0x7f) {
			fputs("\\u007f", file);
		} else if (emit->terminal && byte == 0xc2 && i + 1 < size &&
			   (unsigned char)text[i + 1] < 0xa0) {
			fprintf(file, "\\u%04x", (unsigned char)text[++i]);
		} else {
			fputc(byte, file);
		}
	}
	fputc('"', file);
}

/* What stands in front of a value: a comma, a new line, the key. */
static void emit_front(struct emit *emit, const char *key)
{
	if (!emit->first)
		fputc(',', emit->file);
	if (emit->level > 0)
		emit_newline(emit);
	emit->first = false;
	if (key == NULL)
		return;
	emit_quoted(emit, key, strlen(key));
	fputs(emit->pretty ? ": " : ":", emit->file);
}

void emit_begin(struct emit *emit, const char *key, char bracket)
{
	emit_front(emit, key);
	fputc(bracket, emit->file);
	emit->level++;
	emit->first = true;
}

void emit_end(struct emit *emit, char bracket)
{
	emit->level--;
	if (!emit->first)
		emit_newline(emit);
	fputc(bracket, emit->file);
	emit->first = false;
}

void emit_bytes(struct emit *emit, const char *key, const char *text, size_t size)
{
	emit_front(emit, key);
	emit_quoted(emit, text, size);
}

void emit_string(struct emit *emit, const char *key, const char *text)
{
	emit_bytes(emit, key, text, strlen(text));
}

void emit_literal(struct emit *emit, const char *key, const char *text)
{
	emit_front(emit, key);
	fputs(text, emit->file);
}

void emit_bool(struct emit *emit, const char *key, bool value)
{
	emit_literal(emit, key, value ? "true" : "false");
}

void emit_integer(struct emit *emit, const char *key, uint64_t value)
{
	char text[24];

	(void)snprintf(text, sizeof text, "%llu", (unsigned long long)value);
	emit_literal(emit, key, text);
}

int emit_finish(struct emit *emit, struct fault *fault)
{
	fputc('\n', emit->file);
	errno = 0;
	if (fflush(emit->file) != 0 || ferror(emit->file))
		return fault_io(fault, errno == 0 ? EIO : errno, "writing the output failed");
	return 0;
}
