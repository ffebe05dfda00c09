/* unit_file_keys: see unit_file_keys.h. */
#include "services/init/unit_file_keys.h"

#include <string.h>

static void *member(const struct unit_reading *reading, const struct unit_key *key)
{
	return (char *)reading->unit + key->place;
}

int unit_key_refuse(const struct unit_reading *reading, const char *name)
{
	struct fault inner = *reading->fault;

	return conf_refuse(reading->conf, conf_find(reading->conf, reading->root, name),
		reading->fault, inner.word, "%s: %s", name, inner.text);
}

int unit_key_text(const struct unit_reading *reading, const struct unit_key *key)
{
	const char **value = member(reading, key), *text = NULL;

	if (conf_string(reading->conf, reading->root, key->name, &text, reading->fault) != 0)
		return -1;
	if (text == NULL)
		return 0;
	if (*text == '\0') {
		(void)fault_set(reading->fault, "range", "it is empty");
		return unit_key_refuse(reading, key->name);
	}
	*value = unit_file_take(reading->unit, text, strlen(text), reading->fault);
	return *value == NULL ? unit_key_refuse(reading, key->name) : 0;
}

int unit_key_flag(const struct unit_reading *reading, const struct unit_key *key)
{
	return conf_boolean(
		reading->conf, reading->root, key->name, member(reading, key), reading->fault);
}

static int read_integer(
	const struct unit_reading *reading, const struct unit_key *key, int64_t *value)
{
	return conf_integer(reading->conf, reading->root, key->name, key->low, key->high, value,
		reading->fault);
}

int unit_key_number(const struct unit_reading *reading, const struct unit_key *key)
{
	uint32_t *value = member(reading, key);
	int64_t number = *value;

	if (read_integer(reading, key, &number) != 0)
		return -1;
	*value = (uint32_t)number;
	return 0;
}

int unit_key_size(const struct unit_reading *reading, const struct unit_key *key)
{
	uint64_t *value = member(reading, key);
	int64_t number = (int64_t)*value;

	if (read_integer(reading, key, &number) != 0)
		return -1;
	*value = (uint64_t)number;
	return 0;
}

/* "a, b or c" */
static void list_words(const char *const *words, char *text, size_t room)
{
	size_t used = 0;

	for (; *words != NULL && used < room; words++) {
		const char *comma = words[1] == NULL ? "" : words[2] == NULL ? " or " : ", ";

		used += (size_t)snprintf(text + used, room - used, "%s%s", *words, comma);
	}
}

int unit_key_word(const struct unit_reading *reading, const struct unit_key *key)
{
	uint32_t *value = member(reading, key);
	const char *word = NULL;
	char list[160] = "";

	if (conf_string(reading->conf, reading->root, key->name, &word, reading->fault) != 0)
		return -1;
	for (uint32_t i = 0; word != NULL && key->words[i] != NULL; i++)
		if (strcmp(word, key->words[i]) == 0) {
			*value = i;
			return 0;
		}
	if (word == NULL)
		return 0;
	list_words(key->words, list, sizeof list);
	(void)fault_set(reading->fault, "range", "it is %s", list);
	return unit_key_refuse(reading, key->name);
}

/* Appends a name; with or without the suffix. */
static int add_name(const struct unit_reading *reading, struct unit_names *names, const char *name)
{
	size_t size = strlen(name), suffix = strlen(UNIT_SUFFIX);
	char *taken;

	if (size > suffix && strcmp(name + size - suffix, UNIT_SUFFIX) == 0)
		size -= suffix;
	if (names->count == UNIT_NAMES_MAX)
		return fault_set(
			reading->fault, "limit", "it has more than %u names", UNIT_NAMES_MAX);
	taken = unit_file_take(reading->unit, name, size, reading->fault);
	if (taken == NULL)
		return -1;
	if (!unit_name_ok(taken))
		return fault_set(reading->fault, "name", "'%.80s' is no name of a unit", taken);
	names->list[names->count++] = taken;
	return 0;
}

int unit_key_names(const struct unit_reading *reading, const struct unit_key *key)
{
	struct conf_strings list = {0};

	if (conf_list(reading->conf, reading->root, key->name, &list, reading->fault) != 0)
		return -1;
	for (uint32_t i = 0; i < list.count; i++)
		if (add_name(reading, member(reading, key), conf_at(reading->conf, &list, i)) != 0)
			return unit_key_refuse(reading, key->name);
	return 0;
}

static int add_path(const struct unit_reading *reading, struct unit_paths *paths, const char *path)
{
	if (paths->count == UNIT_PATHS_MAX)
		return fault_set(
			reading->fault, "limit", "it has more than %u paths", UNIT_PATHS_MAX);
	if (path[path[0] == '-' ? 1 : 0] != '/')
		return fault_set(reading->fault, "range",
			"'%.80s' is no path from the root: one begins with /, or -/", path);
	paths->list[paths->count] =
		unit_file_take(reading->unit, path, strlen(path), reading->fault);
	return paths->list[paths->count++] == NULL ? -1 : 0;
}

int unit_key_paths(const struct unit_reading *reading, const struct unit_key *key)
{
	struct conf_strings list = {0};

	if (conf_list(reading->conf, reading->root, key->name, &list, reading->fault) != 0)
		return -1;
	for (uint32_t i = 0; i < list.count; i++)
		if (add_path(reading, member(reading, key), conf_at(reading->conf, &list, i)) != 0)
			return unit_key_refuse(reading, key->name);
	return 0;
}
