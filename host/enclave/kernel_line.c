/* kernel_line: see kernel_line.h. */
#include "host/enclave/kernel_line.h"

#include <string.h>

/* Behind the time, as in "[    1.234567] ", where there is one. */
static const char *behind_time(const char *text)
{
	const char *end = *text == '[' ? strstr(text, "] ") : NULL;

	return end != NULL ? end + 2 : text;
}

static enum kernel_word word_of(const char *text)
{
	static const struct {
		const char *begin;
		enum kernel_word word;
	} table[] = {{"Kernel panic - not syncing", KERNEL_PANICS}, {"reboot: ", KERNEL_LEAVES}};

	text = behind_time(text);
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (strncmp(text, table[i].begin, strlen(table[i].begin)) == 0)
			return table[i].word;
	return KERNEL_SAYS_NOTHING;
}

size_t kernel_line_feed(
	struct kernel_line *line, const char *bytes, size_t size, enum kernel_word *word)
{
	*word = KERNEL_SAYS_NOTHING;
	for (size_t i = 0; i < size; i++) {
		if (bytes[i] != '\n') {
			if (bytes[i] != '\r' && bytes[i] != '\0' && line->size < KERNEL_LINE_MAX)
				line->text[line->size++] = bytes[i];
			continue;
		}
		line->text[line->size] = '\0';
		line->size = 0;
		*word = word_of(line->text);
		if (*word != KERNEL_SAYS_NOTHING)
			return i + 1;
	}
	return size;
}
