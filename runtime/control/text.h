/* text: strings as JSON has them, and as a terminal may have them. */
#ifndef CLOISTER_RUNTIME_CONTROL_TEXT_H
#define CLOISTER_RUNTIME_CONTROL_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* With its quotes. What is no UTF-8 becomes U+FFFD. */
void json_text(FILE *stream, const void *bytes, size_t size);

/* Line feeds and tabs as they are; what a terminal would act on, and what is no UTF-8, as \xNN. */
void terminal_text(FILE *stream, const void *bytes, size_t size);

/* How many of the bytes are not the beginning of a character whose end is missing. */
size_t text_whole(const uint8_t *bytes, size_t size);

/* What comes in pieces, of which a character may be in two. Zeroed is empty. */
struct text_tail {
	uint8_t bytes[256];
	size_t used;
};

void terminal_piece(FILE *stream, struct text_tail *tail, const uint8_t *bytes, size_t size);

#endif
