/* permit: whether a key that proved itself may have what it asks for, as pure decisions over facts
 * (spec/keys.md). Nothing is read and nothing called, so that it can be proved:
 * verify/permit.acsl says that `allowed` implies that every check held, and which check each
 * refusal is about. What finds the facts is authorized.c; a fact that it did not find out is zero,
 * and zero refuses. */
#ifndef CLOISTER_RUNTIME_CHANNEL_PERMIT_H
#define CLOISTER_RUNTIME_CHANNEL_PERMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum permit {
	PERMIT_ALLOWED,
	PERMIT_KEY,     /* no such key is listed */
	PERMIT_EXPIRED, /* its time is over */
	PERMIT_VERB,    /* it may not do this at all */
	PERMIT_COMMAND, /* it may not run this */
	PERMIT_PATH,    /* it may not read, or change, what is there */
	PERMIT_USER,    /* it may not be this user */
	PERMIT_TARGET   /* it may not be led there */
};
#define PERMITS (PERMIT_TARGET + 1u)

#define PERMIT_VERBS 7u /* verbs are types of channels (protocol.h), and 0 is none */

struct permit_facts {
	bool is_listed;
	bool has_expiry;
	int64_t expires; /* seconds since 1970: the first one at which it is over */
	int64_t now;
	uint32_t verb;            /* what is asked for */
	bool verbs[PERMIT_VERBS]; /* what the key may */
	bool has_command;         /* the command is one of the key's */
	bool has_path;            /* the path lies in one of the key's, for this verb */
	bool names_user;          /* the request wants to be somebody else */
	bool has_user;            /* who is one of the key's */
	bool has_target;          /* the target is one of the key's */
};

/* The first check of the page's list that fails. */
enum permit permit_of(const struct permit_facts *facts);

/* Whether the key may enter at all: its first two checks. */
enum permit permit_entry(const struct permit_facts *facts);

/* Whether the key may see and signal a detached job: its own where it may run commands at all, and
 * that of anybody with the verb `control`. */
enum permit permit_job(const struct permit_facts *facts, bool is_own);

/* Whether path[0..n) is absolute and has one spelling: "/", or parts of which none is empty, "." or
 * "..", each with a slash in front. */
bool permit_path_ok(const char *path, size_t n);

/* Whether both are so, and path is the folder or lies beneath it. */
bool permit_beneath(const char *folder, size_t folder_size, const char *path, size_t n);

/* The decision in one word, for scripts; and what it means, for people. */
const char *permit_word(enum permit permit);
const char *permit_text(enum permit permit);

#endif
