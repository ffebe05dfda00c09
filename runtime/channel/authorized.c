/* authorized: who is listed, and what is permitted; see authorized.h. authorized_read.c reads. */
#include "runtime/channel/authorized.h"

#include <string.h>

static const char *const verbs[PERMIT_VERBS] = {
	[SLC_EXEC] = "exec",
	[SLC_PUT] = "put",
	[SLC_GET] = "get",
	[SLC_ATTEST] = "attest",
	[SLC_FORWARD] = "forward",
	[SLC_CONTROL] = "control",
};

const char *authorized_verb(enum slc_type type)
{
	return verbs[type];
}

enum slc_type authorized_type(const char *verb)
{
	for (unsigned type = SLC_EXEC; type < PERMIT_VERBS; type++)
		if (strcmp(verbs[type], verb) == 0)
			return (enum slc_type)type;
	return (enum slc_type)0;
}

static const char *item(
	const struct authorized *authorized, const struct authorized_list *list, uint32_t index)
{
	return authorized->texts + list->items[index];
}

const struct authorized_key *authorized_find(
	const struct authorized *authorized, const void *spki, size_t size)
{
	for (uint32_t i = 0; i < authorized->count; i++) {
		const struct key_public *public = &authorized->keys[i].public;

		if (public->size == size && memcmp(public->spki, spki, size) == 0)
			return &authorized->keys[i];
	}
	return NULL;
}

/* --- Facts ------------------------------------------------------------------------------------ */

/* Whether the arguments are the words of the item, one by one; a "*" at its end stands for any
 * that are left, or none. */
static bool is_command(const char *words, const char *const *arguments)
{
	for (; *words != '\0'; words += strlen(words) + 1, arguments++) {
		if (strcmp(words, "*") == 0 && words[2] == '\0')
			return true;
		if (*arguments == NULL || strcmp(words, *arguments) != 0)
			return false;
	}
	return *arguments == NULL;
}

/* The item that permits every command: one word, "*". */
static bool is_any(const char *words)
{
	return strcmp(words, "*") == 0 && words[2] == '\0';
}

/* Who chooses LD_PRELOAD or where a program finds its files has another program run: where he does,
 * only the item counts that permits every one. */
static bool has_command(const struct authorized *authorized, const struct authorized_list *list,
	const char *const *arguments, bool is_altered)
{
	for (uint32_t i = 0; arguments != NULL && *arguments != NULL && i < list->count; i++) {
		const char *words = item(authorized, list, i);

		if (is_altered ? is_any(words) : is_command(words, arguments))
			return true;
	}
	return false;
}

static bool has_text(
	const struct authorized *authorized, const struct authorized_list *list, const char *text)
{
	for (uint32_t i = 0; text != NULL && i < list->count; i++) {
		const char *listed = item(authorized, list, i);

		if (strcmp(listed, "*") == 0 || strcmp(listed, text) == 0)
			return true;
	}
	return false;
}

static const struct authorized_list *paths_of(const struct authorized_key *key, enum slc_type type)
{
	return type == SLC_PUT ? &key->write : &key->read;
}

bool authorized_follows(
	const struct authorized *authorized, const struct authorized_key *key, enum slc_type type)
{
	const struct authorized_list *list = paths_of(key, type);

	for (uint32_t i = 0; i < list->count; i++)
		if (strcmp(item(authorized, list, i), "/") == 0)
			return true;
	return false;
}

/* Where all is permitted, in any spelling; else slashes at the end do not count. */
static bool has_path(const struct authorized *authorized, const struct authorized_list *list,
	const char *path, size_t n)
{
	while (path != NULL && n > 1 && path[n - 1] == '/')
		n--;
	for (uint32_t i = 0; path != NULL && i < list->count; i++) {
		const char *folder = item(authorized, list, i);

		if (strcmp(folder, "/") == 0 || permit_beneath(folder, strlen(folder), path, n))
			return true;
	}
	return false;
}

/* --- Decisions -------------------------------------------------------------------------------- */

static struct permit_facts facts_of(const struct authorized_key *key, int64_t now)
{
	struct permit_facts facts = {.now = now};

	if (key == NULL)
		return facts;
	facts.is_listed = true;
	facts.has_expiry = key->has_expiry;
	facts.expires = key->expires;
	(void)memcpy(facts.verbs, key->verbs, sizeof facts.verbs);
	return facts;
}

enum permit authorized_enters(const struct authorized_key *key, int64_t now)
{
	struct permit_facts facts = facts_of(key, now);

	return permit_entry(&facts);
}

enum permit authorized_job(const struct authorized_key *key, bool is_own, int64_t now)
{
	struct permit_facts facts = facts_of(key, now);

	return permit_job(&facts, is_own);
}

enum permit authorized_permits(const struct authorized *authorized,
	const struct authorized_key *key, const struct authorized_request *request, int64_t now)
{
	const bool is_listen = request->type == SLC_LISTEN;
	struct permit_facts facts = facts_of(key, now);

	/* Who listens has connections led to him: the verb is the same, the list another one. */
	facts.verb = (uint32_t)(is_listen ? SLC_FORWARD : request->type);
	if (key != NULL) {
		facts.has_command = has_command(
			authorized, &key->commands, request->arguments, request->is_altered);
		facts.names_user = request->user != NULL;
		facts.has_user = has_text(authorized, &key->users, request->user);
		facts.has_path = has_path(authorized, paths_of(key, request->type), request->path,
			request->path_size);
		facts.has_target = has_text(
			authorized, is_listen ? &key->listen : &key->forward, request->target);
	}
	return permit_of(&facts);
}
