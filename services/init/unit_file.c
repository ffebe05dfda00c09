/* unit_file: see unit_file.h. */
#include "services/init/unit_file.h"

#include <stddef.h>
#include <string.h>

#include "gen/unit_words.h"
#include "runtime/kernel/machine.h"

MACHINE_BYTES(unit_words)

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
	unit->restart.base = 5000;
	unit->stop_seconds = UNIT_STOP_DEFAULT;
	unit->is_enabled = 1;
	unit->is_shown = 1;
}

/* Takes `size` bytes and a NUL of the unit's text; null where it is full. */
static char *take(struct unit_file *unit, const char *bytes, size_t size, struct fault *fault)
{
	char *taken = unit->text + unit->used;

	if (size >= UNIT_TEXT_MAX - unit->used) {
		(void)fault_set(fault, "limit", "the words of unit '%s' have more than %u bytes",
			unit->name, UNIT_TEXT_MAX);
		return NULL;
	}
	memcpy(taken, bytes, size);
	taken[size] = '\0';
	unit->used += (uint32_t)size + 1u;
	return taken;
}

/* Takes one more of a list that has a null at its end. */
static int append(struct unit_file *unit, const char **list, uint32_t *count, const char *bytes,
	size_t size, struct fault *fault)
{
	if (*count == UNIT_WORDS_MAX)
		return fault_set(fault, "limit",
			"unit '%s' has more than %u arguments, or more variables than that",
			unit->name, UNIT_WORDS_MAX);
	list[*count] = take(unit, bytes, size, fault);
	if (list[*count] == NULL)
		return -1;
	(*count)++;
	return 0;
}

int unit_file_argument(struct unit_file *unit, const char *word, size_t size, struct fault *fault)
{
	return append(unit, unit->arguments, &unit->argument_count, word, size, fault);
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
	const char *equals = memchr(word, '=', size);

	if (equals == NULL || equals == word || memchr(word, '\0', size) != NULL)
		return fault_set(fault, "syntax", "'%.*s' is no variable: NAME=VALUE is expected",
			(int)(size < 100 ? size : 100), word);
	if (has_variable(unit, word, (size_t)(equals - word) + 1u))
		return 0;
	return append(unit, unit->environment, &unit->variable_count, word, size, fault);
}

bool unit_file_is_limited(const struct unit_file *unit)
{
	return unit->memory_max != 0 || unit->tasks_max != 0 || unit->cpu_quota != 0;
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

struct reading {
	struct unit_file *unit;
	struct conf *conf;
	struct conf_entry *root;
	struct fault *fault;
};

/* Prefixes a fault of ours with where the key stands. */
static int refuse(const struct reading *reading, const char *key)
{
	struct fault inner = *reading->fault;

	return conf_refuse(reading->conf, conf_find(reading->conf, reading->root, key),
		reading->fault, inner.word, "%s: %s", key, inner.text);
}

/* The words of a command line; the longest word is a part of it. */
static int read_line(const struct reading *reading, const char *line)
{
	struct unit_words machine;
	char word[UNIT_TEXT_MAX];
	size_t used = 0;

	unit_words_init(&machine);
	for (const char *at = line; !unit_words_ended(&machine); at++) {
		(void)unit_words_drive(&machine, 0, (const uint8_t *)at, 1);
		if (machine.gives == UNIT_WORDS_BYTE && used == sizeof word)
			return fault_set(reading->fault, "limit", "a word has more than %u bytes",
				UNIT_TEXT_MAX);
		if (machine.gives == UNIT_WORDS_BYTE)
			word[used++] = *at;
		if (machine.gives != UNIT_WORDS_END)
			continue;
		if (unit_file_argument(reading->unit, word, used, reading->fault) != 0)
			return -1;
		used = 0;
	}
	if (machine.cs == UNIT_WORDS_IN_OPEN)
		return fault_set(reading->fault, "syntax",
			"quotes are not closed, or nothing stands behind the last backslash");
	return 0;
}

static int read_array(const struct reading *reading)
{
	struct conf_strings words = {0};

	if (conf_list(reading->conf, reading->root, "ExecStart", &words, reading->fault) != 0)
		return -1;
	for (uint32_t i = 0; i < words.count; i++) {
		const char *word = conf_at(reading->conf, &words, i);

		if (unit_file_argument(reading->unit, word, strlen(word), reading->fault) != 0)
			return refuse(reading, "ExecStart");
	}
	return 0;
}

static int read_command(const struct reading *reading)
{
	const struct conf_entry *entry = conf_find(reading->conf, reading->root, "ExecStart");
	const char *line = "";

	if (conf_require(reading->conf, reading->root, "ExecStart", reading->fault) != 0)
		return -1;
	if (entry->type == CONF_TYPE_ARRAY) {
		if (read_array(reading) != 0)
			return -1;
	} else {
		if (conf_string(reading->conf, reading->root, "ExecStart", &line, reading->fault) !=
			0)
			return -1;
		if (read_line(reading, line) != 0)
			return refuse(reading, "ExecStart");
	}
	if (reading->unit->argument_count > 0 && reading->unit->arguments[0][0] != '\0')
		return 0;
	(void)fault_set(reading->fault, "range", "it names no program");
	return refuse(reading, "ExecStart");
}

static int read_environment(const struct reading *reading)
{
	struct conf_strings list = {0};

	if (conf_list(reading->conf, reading->root, "Environment", &list, reading->fault) != 0)
		return -1;
	for (uint32_t i = 0; i < list.count; i++) {
		const char *word = conf_at(reading->conf, &list, i);

		if (unit_file_variable(reading->unit, word, strlen(word), reading->fault) != 0)
			return refuse(reading, "Environment");
	}
	return 0;
}

/* A string that stays; null where the key is missing. */
static int read_string(const struct reading *reading, const char *key, const char **value)
{
	const char *text = NULL;

	if (conf_string(reading->conf, reading->root, key, &text, reading->fault) != 0)
		return -1;
	if (text == NULL)
		return 0;
	if (*text == '\0') {
		(void)fault_set(reading->fault, "range", "it is empty");
		return refuse(reading, key);
	}
	*value = take(reading->unit, text, strlen(text), reading->fault);
	return *value == NULL ? refuse(reading, key) : 0;
}

static int read_restart(const struct reading *reading)
{
	static const char *const words[] = {[RESTART_NO] = "no",
		[RESTART_ALWAYS] = "always",
		[RESTART_ON_FAILURE] = "on-failure",
		[RESTART_ON_SUCCESS] = "on-success"};
	struct restart *restart = &reading->unit->restart;
	const char *word = words[RESTART_NO];
	int64_t seconds = restart->base / 1000, stop = reading->unit->stop_seconds;

	if (conf_string(reading->conf, reading->root, "Restart", &word, reading->fault) != 0 ||
		conf_integer(reading->conf, reading->root, "RestartSec", 0, RESTART_BASE_MAX / 1000,
			&seconds, reading->fault) != 0 ||
		conf_integer(reading->conf, reading->root, "StopTimeout", 1, 600, &stop,
			reading->fault) != 0)
		return -1;
	reading->unit->stop_seconds = (uint32_t)stop;
	restart->base = seconds == 0 ? RESTART_DELAY_MIN : (uint32_t)seconds * 1000u;
	for (uint32_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strcmp(word, words[i]) == 0) {
			restart->policy = i;
			return 0;
		}
	(void)fault_set(reading->fault, "range", "it is no, always, on-failure or on-success");
	return refuse(reading, "Restart");
}

/* A limit that is not named stays 0. */
static int read_limit(
	const struct reading *reading, const char *key, int64_t low, int64_t high, int64_t *value)
{
	*value = 0;
	return conf_integer(reading->conf, reading->root, key, low, high, value, reading->fault);
}

static int read_limits(const struct reading *reading)
{
	struct unit_file *unit = reading->unit;
	int64_t memory, tasks, quota;

	if (read_limit(reading, "MemoryMax", UNIT_MEMORY_MIN, UNIT_MEMORY_MAX, &memory) != 0 ||
		read_limit(reading, "TasksMax", 1, UNIT_TASKS_MAX, &tasks) != 0 ||
		read_limit(reading, "CPUQuota", 1, UNIT_QUOTA_MAX, &quota) != 0)
		return -1;
	unit->memory_max = (uint64_t)memory;
	unit->tasks_max = (uint32_t)tasks;
	unit->cpu_quota = (uint32_t)quota;
	return 0;
}

/* Names of units, with or without the suffix of their files. */
static int read_names(const struct reading *reading, const char *key, struct unit_names *names)
{
	struct conf_strings list = {0};

	if (conf_list(reading->conf, reading->root, key, &list, reading->fault) != 0)
		return -1;
	for (uint32_t i = 0; i < list.count; i++) {
		const char *name = conf_at(reading->conf, &list, i);
		size_t size = strlen(name), suffix = strlen(UNIT_SUFFIX);
		char *taken;

		if (size > suffix && strcmp(name + size - suffix, UNIT_SUFFIX) == 0)
			size -= suffix;
		if (names->count == UNIT_NAMES_MAX) {
			(void)fault_set(reading->fault, "limit", "it has more than %u names",
				UNIT_NAMES_MAX);
			return refuse(reading, key);
		}
		taken = take(reading->unit, name, size, reading->fault);
		if (taken != NULL && !unit_name_ok(taken)) {
			(void)fault_set(
				reading->fault, "name", "'%.80s' is no name of a unit", taken);
			taken = NULL;
		}
		if (taken == NULL)
			return refuse(reading, key);
		names->list[names->count++] = taken;
	}
	return 0;
}

int unit_file_read(struct unit_file *unit, struct conf *conf, const char *file, const void *text,
	size_t size, struct fault *fault)
{
	struct reading reading = {.unit = unit, .conf = conf, .fault = fault};

	if (conf_parse(conf, file, text, size, fault) != 0)
		return -1;
	reading.root = conf_root(conf);
	if (read_command(&reading) != 0 || read_environment(&reading) != 0 ||
		read_string(&reading, "WorkingDirectory", &unit->directory) != 0 ||
		read_string(&reading, "User", &unit->user) != 0 || read_restart(&reading) != 0 ||
		read_limits(&reading) != 0 ||
		conf_boolean(conf, reading.root, "ServiceEnable", &unit->is_enabled, fault) != 0 ||
		conf_boolean(conf, reading.root, "LogConsole", &unit->is_shown, fault) != 0 ||
		read_names(&reading, "After", &unit->after) != 0 ||
		read_names(&reading, "Before", &unit->before) != 0 ||
		read_names(&reading, "Requires", &unit->required) != 0)
		return -1;
	return conf_unknown(conf, fault);
}
