/* verbs: what initctl can be asked for; each returns its exit code, with a fault where that is not
 * 0. */
#ifndef CLOISTER_HOST_INITCTL_VERBS_H
#define CLOISTER_HOST_INITCTL_VERBS_H

#include "runtime/control/talk.h"

struct verb;

#define COMMAND_WORDS_MAX 64

struct command {
	const struct verb *verb;
	const char *socket; /* an address, or a path */
	const char *unit;   /* null: none was named */
	char **words;       /* all behind the verb */
	int word_count;
	const char *enclave; /* null: init is reached directly */
	const char *output;  /* a file instead of standard output */
	uint32_t lines;      /* UINT32_MAX: all */
	bool json, follows, dot, all, is_now;
	struct talk talk;
};

struct verb {
	const char *name;
	int (*run)(struct command *command, struct fault *fault);
	uint32_t number; /* of the request */
	enum { WORDS_NONE, WORDS_UNIT, WORDS_PATHS } wants;
};

int verb_change(struct command *command, struct fault *fault); /* show.c, from here on */
int verb_table(struct command *command, struct fault *fault);
int verb_status(struct command *command, struct fault *fault);
int verb_logs(struct command *command, struct fault *fault);   /* logs.c */
int verb_reload(struct command *command, struct fault *fault); /* reload.c */
int verb_why(struct command *command, struct fault *fault);    /* why.c */
int verb_ps(struct command *command, struct fault *fault);     /* ps.c */
int verb_check(struct command *command, struct fault *fault);  /* check.c; without a connection */

/* Asks for the verb's rows, each of which is given to `row`. */
int ask_rows(struct command *command, bool (*row)(void *user, struct fields fields), void *user,
	struct fault *fault);

#endif
