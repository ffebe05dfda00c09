/* conf_reader: a text that is being read: the token at hand, where it stands, and what has been
 * understood so far. Shared by conf_parse.c and conf_expected.c; not for users of conf.h. */
#ifndef CLOISTER_RUNTIME_KERNEL_CONF_READER_H
#define CLOISTER_RUNTIME_KERNEL_CONF_READER_H

#include "gen/conf.h"
#include "gen/conf_line.h"
#include "runtime/kernel/conf_store.h"

struct conf_reader {
	struct conf *conf;
	const uint8_t *text;
	size_t size;
	size_t at; /* where the token begins */
	size_t length;
	enum conf_token token;
	enum conf_token before;  /* the token that the machine took last */
	struct conf_place place; /* where the token begins, for people */
	struct conf_line machine;
	struct conf_entry *table; /* the table that keys go to */
	struct conf_entry *entry; /* the newest key */
	struct conf_part parts[CONF_DEPTH_MAX];
	uint32_t part_count;
	struct fault *fault;
};

/* The place of text[at + offset), which must be on the line of the token. */
struct conf_place conf_place_within(const struct conf_reader *reader, size_t offset);

/* Refuses a token that no text may hold. Always returns -1. */
int conf_refuse_token(const struct conf_reader *reader);

/* Says what was expected in `state` (enum conf_line_state) instead of the token. Returns -1. */
int conf_refuse_order(const struct conf_reader *reader, int state);

#endif
