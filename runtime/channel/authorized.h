/* authorized: the keys that may enter, and what each may do: /etc/cloister/authorized_keys of the
 * measured image (spec/keys.md), in the configuration language. What is not listed there is not
 * permitted: a list that is missing is an empty one, and "*" (of paths "/") permits all.
 *
 * Words of faults: those of conf.h, and "key", "name", "path", "time". */
#ifndef CLOISTER_RUNTIME_CHANNEL_AUTHORIZED_H
#define CLOISTER_RUNTIME_CHANNEL_AUTHORIZED_H

#include "runtime/channel/permit.h"
#include "runtime/channel/protocol.h"
#include "runtime/crypto/key.h"
#include "runtime/kernel/conf.h"

#define AUTHORIZED_PLACE     "/etc/cloister/authorized_keys"
#define AUTHORIZED_KEYS_MAX  64u    /* keys of a file */
#define AUTHORIZED_ITEMS_MAX 32u    /* items of a list */
#define AUTHORIZED_NAME_MAX  64u    /* bytes of a name with the NUL */
#define AUTHORIZED_WORDS_MAX 32u    /* words of a command that is listed */
#define AUTHORIZED_TEXT_MAX  65536u /* bytes of all items of all lists, with a NUL each */

/* Texts; each is an offset into `texts` of struct authorized. */
struct authorized_list {
	uint32_t count;
	uint32_t items[AUTHORIZED_ITEMS_MAX];
};

struct authorized_key {
	char name[AUTHORIZED_NAME_MAX];
	struct key_public public;
	bool verbs[PERMIT_VERBS];
	bool has_expiry;
	int64_t expires;
	struct authorized_list commands; /* each item: words with a NUL each, and an empty end */
	struct authorized_list read, write;
	struct authorized_list users;
	struct authorized_list forward, listen;
};

/* No pointers: a copy is as good as the original. About 100 KiB. */
struct authorized {
	uint32_t count, used;
	struct authorized_key keys[AUTHORIZED_KEYS_MAX];
	char texts[AUTHORIZED_TEXT_MAX];
};

/* Reads text[0..size) of the file `file`; `conf` is used on the way. A file without a key is none
 * ("missing"): who wants nobody to enter has no file. */
int authorized_read(struct authorized *authorized, struct conf *conf, const char *file,
	const void *text, size_t size, struct fault *fault);

/* The same of a file. A file that is not there is "not_found", one that can't be read "input". */
int authorized_file(struct authorized *authorized, const char *path, struct fault *fault);

/* "exec" and the like of a type of channel, and back: 0 where there is no such verb. */
const char *authorized_verb(enum slc_type type);
enum slc_type authorized_type(const char *verb);

/* The key with these bytes, or null. */
const struct authorized_key *authorized_find(
	const struct authorized *authorized, const void *spki, size_t size);

/* What somebody wants, of whom `key` was found, or not (null). */
struct authorized_request {
	enum slc_type type;
	const char *const *arguments; /* exec: to a null */
	const char *user;             /* exec: the one that was asked for; null: none was */
	bool is_altered;  /* exec: it chooses variables, or where it starts; or is a login */
	const char *path; /* put and get: path[0..path_size) */
	size_t path_size;
	const char *target; /* forward and listen: an address as address_print prints it */
};

/* Whether the key may enter; whether it may have that. `now` is in seconds since 1970. */
enum permit authorized_enters(const struct authorized_key *key, int64_t now);
enum permit authorized_permits(const struct authorized *authorized,
	const struct authorized_key *key, const struct authorized_request *request, int64_t now);

/* Whether it may have anything of a detached job, its own or another one's. */
enum permit authorized_job(const struct authorized_key *key, bool is_own, int64_t now);

/* Whether the named path of a put or get may lead through symbolic links: only where the key may
 * have every path of that kind. Else a link that somebody has put there would lead out of what the
 * key may have, whatever its name says. */
bool authorized_follows(
	const struct authorized *authorized, const struct authorized_key *key, enum slc_type type);

#endif
