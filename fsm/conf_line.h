/* conf_line: the order in which tokens may stand in a configuration text. Page: spec/conf_line.md;
 * the tokens themselves: spec/conf.md. */
#ifndef CLOISTER_FSM_CONF_LINE_H
#define CLOISTER_FSM_CONF_LINE_H

#include <stdint.h>

#include "fsm/conf_line_event.h"

/* What the plumbing must do with the token it has just fed. */
enum conf_line_effect {
	CONF_LINE_DO_KEY = 1,     /* the token is the key of a value that follows */
	CONF_LINE_DO_VALUE = 2,   /* the token is the value of that key */
	CONF_LINE_DO_ARRAY = 4,   /* the value of that key is an array, empty so far */
	CONF_LINE_DO_ELEMENT = 8, /* the token is the next element of that array */
	CONF_LINE_DO_HEADER = 16, /* the name of a table begins, empty so far */
	CONF_LINE_DO_NAME = 32,   /* the token is the next part of that name */
	CONF_LINE_DO_TABLE = 64,  /* that name is complete: keys that follow belong to this table */
	CONF_LINE_DO_ENTRY = 128, /* the same; the table is a new entry of an array of tables */
	CONF_LINE_DO_REFUSE = 256 /* the token can't stand here; the state before tells what can */
};

struct conf_line {
	int cs;
	uint32_t pair; /* 1: the header under way began with [[ */
};

void conf_line_init(struct conf_line *m);

/* One token; n is 0. Returns effects. */
uint32_t conf_line_step(struct conf_line *m, enum conf_line_event event, uint32_t n);

#endif
