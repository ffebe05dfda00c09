/* conf_text: what a token of a configuration text stands for: the bytes of a string, the number
 * of an integer. Pure functions; their contracts are in verify/conf_text.acsl. Not for users
 * of conf.h. */
#ifndef CLOISTER_RUNTIME_KERNEL_CONF_TEXT_H
#define CLOISTER_RUNTIME_KERNEL_CONF_TEXT_H

#include <stddef.h>
#include <stdint.h>

enum conf_text_result {
	CONF_TEXT_OK,
	CONF_TEXT_ESCAPE, /* no escape of TOML's, or a code point that no text may hold */
	CONF_TEXT_NUL     /* an escape for the NUL, which is not in the subset */
};

/* Decodes what stands between the quotes of a basic string, text[0..n), into out, which has room
 * for n bytes: no escape is longer decoded than written. *size is the bytes written; where the
 * result is not OK, *at is the offset of the escape. */
enum conf_text_result conf_text_string(
	const uint8_t *text, size_t n, char *out, size_t *size, size_t *at);

/* Decodes an integer token: digits with underscores between, '-' in front or not. 0, or -1 when it
 * does not fit. */
int conf_text_integer(const uint8_t *text, size_t n, int64_t *number);

#endif
