/* unit_file_command: commands of a unit file, as a line or as an array of words. */
#include <string.h>

#include "gen/unit_words.h"
#include "runtime/kernel/machine.h"
#include "services/init/unit_file_keys.h"

MACHINE_BYTES(unit_words)

/* The words of a command line; the longest word is a part of it. */
static int read_line(
	const struct unit_reading *reading, const char *line, const struct unit_list *list)
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
		if (unit_file_append(reading->unit, list, word, used, reading->fault) != 0)
			return -1;
		used = 0;
	}
	if (machine.cs == UNIT_WORDS_IN_OPEN)
		return fault_set(reading->fault, "syntax",
			"quotes are not closed, or nothing stands behind the last backslash");
	return 0;
}

static int read_array(
	const struct unit_reading *reading, const char *name, const struct unit_list *list)
{
	struct conf_strings words = {0};

	if (conf_list(reading->conf, reading->root, name, &words, reading->fault) != 0)
		return -1;
	for (uint32_t i = 0; i < words.count; i++) {
		const char *word = conf_at(reading->conf, &words, i);

		if (unit_file_append(reading->unit, list, word, strlen(word), reading->fault) != 0)
			return unit_key_refuse(reading, name);
	}
	return 0;
}

int unit_key_list(
	const struct unit_reading *reading, const char *name, const struct unit_list *list)
{
	const struct conf_entry *entry = conf_find(reading->conf, reading->root, name);
	const char *line = "";

	if (entry == NULL)
		return 0;
	if (entry->type == CONF_TYPE_ARRAY) {
		if (read_array(reading, name, list) != 0)
			return -1;
	} else {
		if (conf_string(reading->conf, reading->root, name, &line, reading->fault) != 0)
			return -1;
		if (read_line(reading, line, list) != 0)
			return unit_key_refuse(reading, name);
	}
	if (*list->count > 0 && list->words[0][0] != '\0')
		return 0;
	(void)fault_set(reading->fault, "range", "it names no program");
	return unit_key_refuse(reading, name);
}

int unit_key_command(const struct unit_reading *reading, const struct unit_key *key)
{
	struct unit_command *command = (struct unit_command *)((char *)reading->unit + key->place);
	const struct unit_list list = {command->words, &command->count, UNIT_COMMAND_MAX};

	return unit_key_list(reading, key->name, &list);
}
