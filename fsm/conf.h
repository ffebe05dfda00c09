/* conf: the lexer of Cloister's configuration language: one token from the front of a text.
 * Page: spec/conf.md; the order of tokens is conf_line's. */
#ifndef CLOISTER_FSM_CONF_H
#define CLOISTER_FSM_CONF_H

#include <stddef.h>
#include <stdint.h>

/* What stands at the front of a text. */
enum conf_token {
	CONF_END = 1,     /* nothing: the text is used up; the only token of no length */
	CONF_SPACE,       /* blanks and tabs */
	CONF_COMMENT,     /* from '#' to the end of the line, which is not part of it */
	CONF_NEWLINE,     /* a line feed, or a carriage return and a line feed */
	CONF_WORD,        /* the bytes of bare keys, where they are none of the next two */
	CONF_INTEGER,     /* a decimal integer; a bare key too */
	CONF_BOOLEAN,     /* true or false; a bare key too */
	CONF_STRING,      /* "basic", with its quotes; its escapes are not looked at yet */
	CONF_LITERAL,     /* 'literal', with its quotes */
	CONF_EQUALS,      /* = */
	CONF_DOT,         /* . */
	CONF_COMMA,       /* , */
	CONF_OPEN,        /* [ */
	CONF_CLOSE,       /* ] */
	CONF_OPEN_PAIR,   /* [[ */
	CONF_CLOSE_PAIR,  /* ]] */
	CONF_MULTILINE,   /* three quotes: TOML has such strings, the subset has not */
	CONF_BRACE,       /* { or }: TOML has inline tables, the subset has not */
	CONF_PLUS,        /* +: TOML has such numbers, the subset knows only '-' */
	CONF_OPEN_STRING, /* a quote and all that may follow it, yet not the closing quote */
	CONF_BAD          /* one byte that begins no token */
};

/* Reads one token of bytes[0..n) and puts its length into *size. A comment or a string ends before
 * the first byte that it may not hold. No allocation, no system call, no state: the same bytes give
 * the same token. Whether bytes from 0x80 up are UTF-8 is the business of utf8. */
enum conf_token conf_lex(const uint8_t *bytes, size_t n, size_t *size);

#endif
