/* command: what an exec asks for, taken apart: words, variables, where, as whom (spec/slc.md). */
#ifndef CLOISTER_SERVICES_SLC_COMMAND_H
#define CLOISTER_SERVICES_SLC_COMMAND_H

#include "services/slc/request.h"

#define COMMAND_WORDS_MAX (REQUEST_SIZE_MAX / SLC_FIELD_SIZE) /* no more can be in a request */

struct command {
	const char *arguments[COMMAND_WORDS_MAX + 1u];       /* to a null */
	const char *environment[REQUEST_VARIABLES_MAX + 1u]; /* to a null */
	const char *directory, *user, *terminal;             /* null: not named */
	uint32_t window[4];                                  /* columns, rows, and in pixels */
	bool is_login;
	unsigned argument_count, variable_count;
	char texts[REQUEST_SIZE_MAX]; /* where they are */
	size_t used;
};

/* Expects fields that request_check lets pass, and returns -1 where it finds others. */
int command_read(struct command *command, const uint8_t *fields, size_t size);

/* What the front itself heeds. */
struct command_terms {
	uint32_t time; /* seconds that it may take; 0: any */
	bool has_terminal, is_detached;
	uint64_t output; /* bytes that it may say; 0: any */
};

void command_terms(struct command_terms *terms, const uint8_t *fields, size_t size);

#endif
