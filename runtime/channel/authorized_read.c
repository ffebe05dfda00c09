/* authorized_read: reads the file of keys; see authorized.h. */
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gen/unit_words.h"
#include "runtime/channel/authorized.h"
#include "runtime/kernel/machine.h"
#include "runtime/kernel/time_text.h"
#include "runtime/net/address.h"

MACHINE_BYTES(unit_words)

#define NAME_BYTES "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.@+-"

/* Where reading stands. */
struct reading {
	struct authorized *authorized;
	struct authorized_key *key;
	struct conf *conf;
	struct conf_entry *table;
	struct fault *fault;
};

/* A fault of ours, with the place of the key it is about. */
__attribute__((format(printf, 4, 5))) static int refuse(
	const struct reading *reading, const char *name, const char *word, const char *format, ...)
{
	const struct conf_entry *entry = conf_find(reading->conf, reading->table, name);
	char text[FAULT_TEXT_MAX / 2];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	return conf_refuse(reading->conf, entry != NULL ? entry : reading->table, reading->fault,
		word, "%s: %s", name, text);
}

/* --- Texts ------------------------------------------------------------------------------------ */

/* Keeps bytes[0..size) and a NUL. */
static int keep(const struct reading *reading, const char *bytes, size_t size)
{
	struct authorized *authorized = reading->authorized;

	if (size >= AUTHORIZED_TEXT_MAX - authorized->used)
		return -1;
	(void)memcpy(authorized->texts + authorized->used, bytes, size);
	authorized->texts[authorized->used + size] = '\0';
	authorized->used += (uint32_t)size + 1u;
	return 0;
}

static int keep_text(const struct reading *reading, const char *name, const char *text)
{
	if (keep(reading, text, strlen(text)) == 0)
		return 0;
	return refuse(reading, name, "limit", "all lists together have more than %u bytes",
		AUTHORIZED_TEXT_MAX);
}

/* The words of a command, with an empty one behind them. */
static int keep_command(const struct reading *reading, const char *name, const char *line)
{
	struct unit_words machine;
	char word[CONF_TEXT_MAX / 64u];
	uint32_t count = 0;
	size_t used = 0;
	bool fits = true;

	unit_words_init(&machine);
	for (const char *at = line; fits && !unit_words_ended(&machine); at++) {
		(void)unit_words_drive(&machine, 0, (const uint8_t *)at, 1);
		if (machine.gives == UNIT_WORDS_BYTE) {
			fits = used < sizeof word;
			if (fits)
				word[used++] = *at;
		} else if (machine.gives == UNIT_WORDS_END) {
			fits = used > 0 && count < AUTHORIZED_WORDS_MAX &&
			       keep(reading, word, used) == 0;
			count++;
			used = 0;
		}
	}
	if (machine.cs == UNIT_WORDS_IN_OPEN)
		return refuse(reading, name, "syntax", "'%.80s': quotes are not closed", line);
	if (fits && count > 0 && keep(reading, "", 0) == 0)
		return 0;
	return refuse(reading, name, "range",
		"'%.80s' is no command of 1 to %u words, or too long a one", line,
		AUTHORIZED_WORDS_MAX);
}

static int keep_path(const struct reading *reading, const char *name, const char *path)
{
	if (!permit_path_ok(path, strlen(path)))
		return refuse(reading, name, "path",
			"'%.80s' is no path from / on, without '.', '..' and further slashes",
			path);
	return keep_text(reading, name, path);
}

static int keep_user(const struct reading *reading, const char *name, const char *user)
{
	if (*user == '\0')
		return refuse(reading, name, "range", "a user has a name");
	return keep_text(reading, name, user);
}

/* In the one spelling that requests are compared in. */
static int keep_target(const struct reading *reading, const char *name, const char *target)
{
	struct address address;
	char text[ADDRESS_TEXT_MAX];
	struct fault inner;

	if (strcmp(target, "*") == 0)
		return keep_text(reading, name, target);
	if (address_parse(target, &address, &inner) != 0)
		return refuse(reading, name, "range", "%s", inner.text);
	address_print(&address, text);
	return keep_text(reading, name, text);
}

/* --- Lists ------------------------------------------------------------------------------------ */

struct rule {
	const char *name;
	size_t place; /* of the list in a key */
	int (*keep)(const struct reading *reading, const char *name, const char *text);
	enum slc_type verb; /* the verb that it limits, and that has nothing without it */
};

static const struct rule rules[] = {
	{"commands", offsetof(struct authorized_key, commands), keep_command, SLC_EXEC},
	{"read", offsetof(struct authorized_key, read), keep_path, SLC_GET},
	{"write", offsetof(struct authorized_key, write), keep_path, SLC_PUT},
	{"forward", offsetof(struct authorized_key, forward), keep_target, SLC_FORWARD},
	{"users", offsetof(struct authorized_key, users), keep_user, SLC_EXEC},
	{"listen", offsetof(struct authorized_key, listen), keep_target, SLC_FORWARD},
};
#define RULES  (sizeof rules / sizeof rules[0])
#define NEEDED (RULES - 2u) /* users and listen may be left out */

static int read_list(const struct reading *reading, const struct rule *rule)
{
	struct authorized_list *list =
		(struct authorized_list *)((char *)reading->key + rule->place);
	struct conf_strings texts = {0};

	if (conf_list(reading->conf, reading->table, rule->name, &texts, reading->fault) != 0)
		return -1;
	if (texts.count > AUTHORIZED_ITEMS_MAX)
		return refuse(reading, rule->name, "limit", "it has more than %u items",
			AUTHORIZED_ITEMS_MAX);
	for (uint32_t i = 0; i < texts.count; i++) {
		list->items[i] = reading->authorized->used;
		if (rule->keep(reading, rule->name, conf_at(reading->conf, &texts, i)) != 0)
			return -1;
		list->count = i + 1u;
	}
	return 0;
}

/* What limits a verb that the key has not, and a verb that nothing is listed for, is a mistake. */
static int check_list(const struct reading *reading, size_t index)
{
	const struct rule *rule = &rules[index];
	const struct authorized_list *list =
		(const struct authorized_list *)((const char *)reading->key + rule->place);
	bool has_verb = reading->key->verbs[rule->verb];
	const char *word = authorized_verb(rule->verb);

	if (list->count > 0 && !has_verb)
		return refuse(reading, rule->name, "range", "the key has not the verb '%s'", word);
	if (list->count == 0 && has_verb && index < NEEDED)
		return refuse(reading, rule->name, "missing",
			"the key has the verb '%s', and nothing to use it on: what is not listed "
			"is not permitted",
			word);
	return 0;
}

/* --- Keys ------------------------------------------------------------------------------------- */

static int read_verbs(const struct reading *reading)
{
	struct conf_strings texts = {0};

	if (conf_require(reading->conf, reading->table, "verbs", reading->fault) != 0 ||
		conf_list(reading->conf, reading->table, "verbs", &texts, reading->fault) != 0)
		return -1;
	for (uint32_t i = 0; i < texts.count; i++) {
		const char *text = conf_at(reading->conf, &texts, i);
		enum slc_type type = authorized_type(text);

		if (type == 0)
			return refuse(reading, "verbs", "range",
				"'%.40s' is none of exec, put, get, attest, forward and control",
				text);
		if (reading->key->verbs[type])
			return refuse(reading, "verbs", "duplicate", "'%s' stands twice", text);
		reading->key->verbs[type] = true;
	}
	return 0;
}

static int read_name(const struct reading *reading)
{
	struct authorized *authorized = reading->authorized;
	const char *name = "";
	size_t size;

	if (conf_require(reading->conf, reading->table, "name", reading->fault) != 0 ||
		conf_string(reading->conf, reading->table, "name", &name, reading->fault) != 0)
		return -1;
	size = strlen(name);
	if (size < 1 || size >= AUTHORIZED_NAME_MAX || strspn(name, NAME_BYTES) != size)
		return refuse(reading, "name", "name",
			"'%.80s' is not 1 to %u of A-Z a-z 0-9 "
			"_ . @ + -",
			name, AUTHORIZED_NAME_MAX - 1u);
	for (uint32_t i = 0; i < authorized->count; i++)
		if (strcmp(authorized->keys[i].name, name) == 0)
			return refuse(reading, "name", "duplicate", "'%s' is another key's", name);
	(void)memcpy(reading->key->name, name, size + 1u);
	return 0;
}

static int read_public(const struct reading *reading)
{
	const struct authorized *authorized = reading->authorized;
	const struct authorized_key *other;
	struct key_public *public = &reading->key->public;
	const char *text = "";
	struct fault inner;

	if (conf_require(reading->conf, reading->table, "public", reading->fault) != 0 ||
		conf_string(reading->conf, reading->table, "public", &text, reading->fault) != 0)
		return -1;
	if (key_public_base64(public, text, &inner) != 0)
		return refuse(reading, "public", "key", "%s", inner.text);
	other = authorized_find(authorized, public->spki, public->size);
	if (other != NULL)
		return refuse(reading, "public", "duplicate", "it is the key '%s'", other->name);
	return 0;
}

static int read_expiry(const struct reading *reading)
{
	const char *text = NULL;

	if (conf_string(reading->conf, reading->table, "expires", &text, reading->fault) != 0)
		return -1;
	if (text == NULL)
		return 0;
	reading->key->has_expiry = true;
	if (time_of_text(text, &reading->key->expires) == 0)
		return 0;
	return refuse(reading, "expires", "time",
		"'%.40s' is no time of the form 2027-01-31T12:00:00Z", text);
}

static int read_key(const struct reading *reading)
{
	*reading->key = (struct authorized_key){.has_expiry = false};
	if (read_name(reading) != 0 || read_public(reading) != 0 || read_verbs(reading) != 0 ||
		read_expiry(reading) != 0)
		return -1;
	for (size_t i = 0; i < RULES; i++)
		if (read_list(reading, &rules[i]) != 0)
			return -1;
	for (size_t i = 0; i < RULES; i++)
		if (check_list(reading, i) != 0)
			return -1;
	return 0;
}

static int read_keys(struct authorized *authorized, struct conf *conf, struct fault *fault)
{
	struct reading reading = {.authorized = authorized, .conf = conf, .fault = fault};
	struct conf_entry *table = NULL;

	authorized->count = authorized->used = 0;
	if (conf_require(conf, conf_root(conf), "key", fault) != 0 ||
		conf_tables(conf, conf_root(conf), "key", &table, fault) != 0)
		return -1;
	for (; table != NULL; table = conf_next(conf, table)) {
		reading.table = table;
		if (authorized->count == AUTHORIZED_KEYS_MAX)
			return conf_refuse(conf, table, fault, "limit",
				"there are more than %u keys", AUTHORIZED_KEYS_MAX);
		reading.key = &authorized->keys[authorized->count];
		if (read_key(&reading) != 0)
			return -1;
		authorized->count++;
	}
	return conf_unknown(conf, fault);
}

/* A file with a mistake in it lets nobody in. */
static int take(struct authorized *authorized, struct conf *conf, struct fault *fault)
{
	if (read_keys(authorized, conf, fault) == 0)
		return 0;
	authorized->count = 0;
	return -1;
}

int authorized_read(struct authorized *authorized, struct conf *conf, const char *file,
	const void *text, size_t size, struct fault *fault)
{
	authorized->count = 0;
	return conf_parse(conf, file, text, size, fault) == 0 ? take(authorized, conf, fault) : -1;
}

int authorized_file(struct authorized *authorized, const char *path, struct fault *fault)
{
	struct conf *conf = malloc(sizeof *conf);
	int status = -1;

	authorized->count = 0;
	if (conf == NULL)
		return fault_set(fault, "memory", "no memory to read %s", path);
	if (conf_parse_file(conf, path, fault) == 0)
		status = take(authorized, conf, fault);
	free(conf);
	return status;
}
