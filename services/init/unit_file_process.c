/* unit_file_process: what is started, and as whom. */
#include <string.h>

#include "runtime/net/address.h"
#include "services/init/unit_file_keys.h"

static int read_command(const struct unit_reading *reading, const struct unit_key *key)
{
	struct unit_file *unit = reading->unit;
	const struct unit_list list = {unit->arguments, &unit->argument_count, UNIT_WORDS_MAX};

	if (conf_require(reading->conf, reading->root, key->name, reading->fault) != 0)
		return -1;
	return unit_key_list(reading, key->name, &list);
}

/* One variable, or one address, for each string of an array. */
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
