/* conf_line: what can come next in a configuration text. Page: spec/conf_line.md. */
#ifndef CLOISTER_FSM_CONF_LINE_EVENT_H
#define CLOISTER_FSM_CONF_LINE_EVENT_H

/* Ragel reads this too: plain decimal numbers, 1, 2, 3, ... */
enum conf_line_event {
	CONF_LINE_WORD = 1,
	CONF_LINE_INTEGER = 2,
	CONF_LINE_BOOLEAN = 3,
	CONF_LINE_STRING = 4,
	CONF_LINE_EQUALS = 5,
	CONF_LINE_DOT = 6,
	CONF_LINE_COMMA = 7,
	CONF_LINE_OPEN = 8,
	CONF_LINE_CLOSE = 9,
	CONF_LINE_OPEN_PAIR = 10,
	CONF_LINE_CLOSE_PAIR = 11,
	CONF_LINE_NEWLINE = 12,
	CONF_LINE_END = 13
};

#endif
