/* account: whom a command runs as, by the files /etc/passwd and /etc/group, and by nothing else. */
#ifndef CLOISTER_SERVICES_SLC_ACCOUNT_H
#define CLOISTER_SERVICES_SLC_ACCOUNT_H

#include <stdbool.h>
#include <sys/types.h>

#include "runtime/kernel/fault.h"
#include "services/slc/command.h"

#define ACCOUNT_GROUPS_MAX 64u
#define ACCOUNT_TEXT_MAX   4096u

struct account {
	bool changes; /* it is another one than ours */
	uid_t user;
	gid_t group;
	gid_t groups[ACCOUNT_GROUPS_MAX]; /* its own among them */
	unsigned group_count;
	char name[REQUEST_USER_MAX + 1u];
	char home[ACCOUNT_TEXT_MAX], shell[ACCOUNT_TEXT_MAX];
};

/* The user of this name, or number, which needs no line in the file; null: ours. Who is not root
 * can be nobody else. Faults, by words of reasons: "not_found", "denied", "limit". */
int account_find(struct account *account, const char *name, struct fault *fault);

/* In a new process: becomes it. Async-signal-safe. Returns 0 or an errno. */
int account_become(const struct account *account);

/* The environment of a command: PATH, HOME, USER, LOGNAME, SHELL and, with a terminal, TERM, where
 * the request does not name them itself, and what it names, the last of each name. Nothing of ours
 * is in it. */
#define ACCOUNT_VARIABLES 6u
struct environment {
	const char *list[ACCOUNT_VARIABLES + REQUEST_VARIABLES_MAX + 1u]; /* to a null */
	unsigned count;
	char texts[ACCOUNT_VARIABLES][ACCOUNT_TEXT_MAX + 16u];
};

void environment_make(struct environment *environment, const struct command *command,
	const struct account *account, const char *path);

/* The value of a variable in it, or null. */
const char *environment_value(const struct environment *environment, const char *name);

#endif
