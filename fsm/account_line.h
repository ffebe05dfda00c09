/* account_line: one line of /etc/passwd or /etc/group. Page: spec/account_line.md. */
#ifndef CLOISTER_FSM_ACCOUNT_LINE_H
#define CLOISTER_FSM_ACCOUNT_LINE_H

#include <stddef.h>
#include <stdint.h>

#define ACCOUNT_LINE_MAX  4294967294u /* the largest number of a user or a group */
#define ACCOUNT_LINE_NONE 4294967295u

struct account_line {
	int cs;
	uint32_t id;    /* of the user, or of the group whose line it is */
	uint32_t group; /* of the user; ACCOUNT_LINE_NONE where there is no number */
};

void account_line_init(struct account_line *m);

/* One byte. A machine that has ended (account_line_ended) stays as it is. */
void account_line_step(struct account_line *m, uint8_t c);

/* Steps over bytes[0..n) until they are used up or the machine has ended. Returns bytes used. */
size_t account_line_feed(struct account_line *m, const uint8_t *bytes, size_t n);

#endif
