/* unit_file: see unit_file.h. */
#include "services/init/unit_file.h"

#include <signal.h>
#include <string.h>

#include "services/init/unit_file_keys.h"

#define NAME_BYTES "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.@:-"

bool unit_name_ok(const char *name)
{
	size_t size = strlen(name);

	return size > 0 && size < UNIT_NAME_MAX && name[0] != '.' &&
	       strspn(name, NAME_BYTES) == size;
}

void unit_file_begin(struct unit_file *unit, const char *name)
{
	memset(unit, 0, offsetof(struct unit_file, text));
	(void)snprintf(unit->name, sizeof unit->name, "%s", name);
	unit->instance = strchr(unit->name, '@');
	unit->instance =
		unit->instance == NULL || unit->instance[1] == '\0' ? NULL : unit->instance + 1;
	unit->rights.bars = -1;
	unit->restart.base = 5000;
	unit->restart.limit = RESTART_LIMIT;
	unit->restart.window = RESTART_WINDOW;
	unit->stop_seconds = UNIT_STOP_DEFAULT;
	unit->life.stop_signal = SIGTERM;
	unit->life.health_interval = UNIT_HEALTH_INTERVAL;
	unit->life.health_retries = UNIT_HEALTH_RETRIES;
	unit->is_enabled = 1;
	unit->is_shown = 1;
	unit->logs = (struct log_limits){
		.bytes = LOG_LIMIT_DEFAULT, .files = LOG_FILES_DEFAULT, .has_times = 1};
}

static int too_long(const struct unit_file *unit, struct fault *fault)
{
	return fault_set(fault, "limit", "the words of unit '%s' have more than %u bytes",
		unit->name, UNIT_TEXT_MAX);
}

/* What a word of an instance is, behind the unit's text; returns its size, or -1. */
static ssize_t expand(struct unit_file *unit, const char *bytes, size_t size, struct fault *fault)
{
	size_t instance = strlen(unit->instance), used = 0;

	for (size_t i = 0; i < size; i++) {
		const char *part = bytes + i;
		size_t part_size = 1;

		if (bytes[i] == '%' && (i + 1u == size || strchr("i%", bytes[i + 1u]) == NULL))
			return fault_set(fault, "syntax",
				"'%.*s': a percent sign of an instance is %%%%, and its name %%i",
				(int)(size < 80 ? size : 80), bytes);
		if (bytes[i] == '%' && bytes[++i] == 'i') {
			part = unit->instance;
			part_size = instance;
		}
		if (part_size >= UNIT_TEXT_MAX - unit->used - used)
			return too_long(unit, fault);
		memcpy(unit->text + unit->used + used, part, part_size);
		used += part_size;
	}
	return (ssize_t)used;
}

char *unit_file_take(struct unit_file *unit, const char *bytes, size_t size, struct fault *fault)
{
	char *taken = unit->text + unit->used;
	ssize_t used = (ssize_t)size;

	if (size >= UNIT_TEXT_MAX - unit->used)
		used = too_long(unit, fault);
	else if (unit->instance != NULL)
		used = expand(unit, bytes, size, fault);
	else
		memcpy(taken, bytes, size);
	if (used < 0)
		return NULL;
	taken[used] = '\0';
	unit->used += (uint32_t)used + 1u;
	return taken;
}

int unit_file_append(struct unit_file *unit, const struct unit_list *list, const char *bytes,
	size_t size, struct fault *fault)
{
	uint32_t *count = list->count;

	if (*count == list->most)
		return fault_set(fault, "limit",
			"unit '%s' has more than %u arguments, or more variables than that",
			unit->name, list->most);
	list->words[*count] = unit_file_take(unit, bytes, size, fault);
	if (list->words[*count] == NULL)
		return -1;
	(*count)++;
	return 0;
}

int unit_file_argument(struct unit_file *unit, const char *word, size_t size, struct fault *fault)
{
	const struct unit_list list = {unit->arguments, &unit->argument_count, UNIT_WORDS_MAX};

	return unit_file_append(unit, &list, word, size, fault);
}

static bool has_variable(const struct unit_file *unit, const char *word, size_t name_size)
{
	for (uint32_t i = 0; i < unit->variable_count; i++)
		if (strncmp(unit->environment[i], word, name_size) == 0)
			return true;
	return false;
}

int unit_file_variable(struct unit_file *unit, const char *word, size_t size, struct fault *fault)
{
	const struct unit_list list = {unit->environment, &unit->variable_count, UNIT_WORDS_MAX};
	const char *equals = memchr(word, '=', size);

	if (equals == NULL || equals == word || memchr(word, '\0', size) != NULL)
		return fault_set(fault, "syntax", "'%.*s' is no variable: NAME=VALUE is expected",
			(int)(size < 100 ? size : 100), word);
	if (has_variable(unit, word, (size_t)(equals - word) + 1u))
		return 0;
	return unit_file_append(unit, &list, word, size, fault);
}

uint32_t unit_file_start_seconds(const struct unit_file *unit)
{
	if (unit->life.start_seconds != 0)
		return unit->life.start_seconds;
	return unit->life.type == UNIT_TYPE_ONESHOT ? UNIT_ONESHOT_DEFAULT : UNIT_START_DEFAULT;
}

bool unit_file_notifies(const struct unit_file *unit)
{
	return unit->life.type == UNIT_TYPE_NOTIFY || unit->life.watchdog != 0;
}

bool unit_file_is_limited(const struct unit_file *unit)
{
	return unit->memory_max != 0 || unit->tasks_max != 0 || unit->cpu_max != 0;
}

const char *unit_file_value(const struct unit_file *unit, const char *name)
{
	size_t size = strlen(name);

	for (uint32_t i = 0; i < unit->variable_count; i++)
		if (strncmp(unit->environment[i], name, size) == 0 &&
			unit->environment[i][size] == '=')
			return unit->environment[i] + size + 1;
	return NULL;
}

/* --- Keys of a file --------------------------------------------------------------------------- */

/* Themes, in the order in which they are read: the first fault is the one that is told. */
static const struct unit_key *const themes[] = {
	unit_keys_process,
	unit_keys_rights,
	unit_keys_life,
	unit_keys_ready,
	unit_keys_limits,
	unit_keys_logs,
	unit_keys_order,
};

int unit_file_read(struct unit_file *unit, struct conf *conf, const char *file, const void *text,
	size_t size, struct fault *fault)
{
	struct unit_reading reading = {.unit = unit, .conf = conf, .fault = fault};

	if (conf_parse(conf, file, text, size, fault) != 0)
		return -1;
	reading.root = conf_root(conf);
	for (size_t i = 0; i < sizeof themes / sizeof themes[0]; i++)
		for (const struct unit_key *key = themes[i]; key->name != NULL; key++)
			if (key->read(&reading, key) != 0)
				return -1;
	return conf_unknown(conf, fault);
}

void unit_file_names(
	const struct unit_file *unit, void (*call)(void *user, const char *name), void *user)
{
	for (const struct unit_key *key = unit_keys_order; key->name != NULL; key++) {
		const struct unit_names *names =
			(const struct unit_names *)((const char *)unit + key->place);

		for (uint32_t i = 0; key->read == unit_key_names && i < names->count; i++)
			call(user, names->list[i]);
	}
}
