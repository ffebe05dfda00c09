/* unit_file_process: what is started, and as whom. */
#include <string.h>

#include "gen/unit_words.h"
#include "runtime/kernel/machine.h"
#include "runtime/net/address.h"
#include "services/init/unit_file_keys.h"

MACHINE_BYTES(unit_words)

/* The words of a command line; the longest word is a part of it. */
static int read_line(const struct unit_reading *reading, const char *line)
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

/* One word, or one variable, for each string of an array. */
static int read_array(const struct unit_reading *reading, const char *key,
	int (*add)(struct unit_file *unit, const char *word, size_t size, struct fault *fault))
{
	struct conf_strings words = {0};

	if (conf_list(reading->conf, reading->root, key, &words, reading->fault) != 0)
		return -1;
	for (uint32_t i = 0; i < words.count; i++) {
		const char *word = conf_at(reading->conf, &words, i);

		if (add(reading->unit, word, strlen(word), reading->fault) != 0)
			return unit_key_refuse(reading, key);
	}
	return 0;
}

static int read_command(const struct unit_reading *reading, const struct unit_key *key)
{
	const struct conf_entry *entry = conf_find(reading->conf, reading->root, key->name);
	const char *line = "";

	if (conf_require(reading->conf, reading->root, key->name, reading->fault) != 0)
		return -1;
	if (entry->type == CONF_TYPE_ARRAY) {
		if (read_array(reading, key->name, unit_file_argument) != 0)
			return -1;
	} else {
		if (conf_string(reading->conf, reading->root, key->name, &line, reading->fault) !=
			0)
			return -1;
		if (read_line(reading, line) != 0)
			return unit_key_refuse(reading, key->name);
	}
	if (reading->unit->argument_count > 0 && reading->unit->arguments[0][0] != '\0')
		return 0;
	(void)fault_set(reading->fault, "range", "it names no program");
	return unit_key_refuse(reading, key->name);
}

static int read_environment(const struct unit_reading *reading, const struct unit_key *key)
{
	return read_array(reading, key->name, unit_file_variable);
}

/* Nothing may have to be looked up, which would hold up everybody. */
static int add_socket(struct unit_file *unit, const char *word, size_t size, struct fault *fault)
{
	static struct address address; /* too large for a stack beside what else is there */

	const char *taken;

	if (unit->socket_count == UNIT_SOCKETS_MAX)
		return fault_set(fault, "limit", "it has more than %u addresses", UNIT_SOCKETS_MAX);
	taken = unit_file_take(unit, word, size, fault);
	if (taken == NULL || address_parse(taken, &address, fault) != 0)
		return -1;
	if (address.kind == ADDRESS_HYBRID)
		return fault_set(fault, "range", "'%.80s' is no address to listen on", taken);
	if (address_is_name(&address))
		return fault_set(fault, "range",
			"'%.80s' has a name, which would have to be looked up: write the number",
			taken);
	if (address.kind == ADDRESS_UNIX && address.text[0] != '/')
		return fault_set(fault, "range", "'%.80s' has no path from the root", taken);
	unit->sockets[unit->socket_count++] = taken;
	return 0;
}

static int read_sockets(const struct unit_reading *reading, const struct unit_key *key)
{
	return read_array(reading, key->name, add_socket);
}

const struct unit_key unit_keys_process[] = {
	{.name = "ExecStart", .read = read_command},
	{.name = "Environment", .read = read_environment},
	UNIT_KEY_PATHS("EnvFile", environment_files),
	{.name = "Sockets", .read = read_sockets},
	UNIT_KEY_TEXT("WorkingDirectory", directory),
	UNIT_KEY_TEXT("User", user),
	UNIT_KEY_TEXT("Group", group),
	{.name = NULL},
};
