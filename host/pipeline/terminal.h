/* terminal: ours, while a command inside has one: what is typed goes there as it is, and whatever
 * ends us, but for SIGKILL, leaves it as it was. One in a process. */
#ifndef CLOISTER_HOST_PIPELINE_TERMINAL_H
#define CLOISTER_HOST_PIPELINE_TERMINAL_H

#include <stdbool.h>
#include <stdint.h>

#define TERMINAL_NAME_MAX 64u

/* Columns, rows and both in pixels; zeroes where it does not say. */
void terminal_window(uint32_t window[4]);

/* The name of its kind, by TERM, or "dumb" where that is none. */
const char *terminal_name(void);

/* Has it show what comes as it is, for the other terminal has done what is to be done; and, with
 * keys, pass on what is typed as it is. May be called again, and with another wish. Nothing where
 * standard input is no terminal. */
void terminal_enter(bool with_keys);

/* Has it as it was. Also called when the process exits, or dies by a signal that has no action of
 * ours. */
void terminal_leave(void);

/* Stops this process as SIGTSTP does, and goes on later, the terminal being left meanwhile. */
void terminal_pause(void);

#endif
