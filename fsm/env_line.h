/* env_line: one line of a file of variables. Page: spec/env_line.md. */
#ifndef CLOISTER_FSM_ENV_LINE_H
#define CLOISTER_FSM_ENV_LINE_H

#include <stddef.h>
#include <stdint.h>

struct env_line {
	int cs;
};

void env_line_init(struct env_line *m);

/* One byte. A machine that has ended (env_line_ended) stays as it is. */
void env_line_step(struct env_line *m, uint8_t c);

/* Steps over bytes[0..n) until they are used up or the machine has ended. Returns bytes used. */
size_t env_line_feed(struct env_line *m, const uint8_t *bytes, size_t n);

#endif
