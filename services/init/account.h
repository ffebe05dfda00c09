/* account: a line of /etc/passwd or /etc/group, found without the C library's functions, which take
 * memory for it: the machine account_line reads it (spec/account_line.md). */
#ifndef CLOISTER_SERVICES_INIT_ACCOUNT_H
#define CLOISTER_SERVICES_INIT_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

struct account {
	uint32_t id;
	uint32_t group; /* of a user; UINT32_MAX where there is no number */
};

/* The number that a text is, decimal and below 2^32 - 1, which stands for none; false otherwise. */
bool account_number(const char *text, uint32_t *number);

/* The first line of a file whose name, or where that is null, whose id is this; false where there
 * is none, and *account stays. */
bool account_find(const char *path, const char *name, uint32_t id, struct account *account);

#endif
