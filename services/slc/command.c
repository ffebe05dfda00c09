/* command: see command.h. */
#include "services/slc/command.h"

#include <string.h>

#include "runtime/channel/fields.h"
#include "runtime/channel/wire.h"

/* A header has more bytes than the NUL that takes its place: there is room. */
static const char *keep(struct command *command, const struct field *field)
{
	char *text = command->texts + command->used;

	if (field_text(field, text, sizeof command->texts - command->used) != 0)
		return NULL;
	command->used += field->length + 1u;
	return text;
}

/* False: it can't be kept. */
static bool take(struct command *command, const struct field *field)
{
	switch (field->tag) {
	case SLC_ARGUMENT:
		return command->argument_count < COMMAND_WORDS_MAX &&
		       (command->arguments[command->argument_count++] = keep(command, field)) !=
			       NULL;
	case SLC_ENVIRONMENT:
		return command->variable_count < REQUEST_VARIABLES_MAX &&
		       (command->environment[command->variable_count++] = keep(command, field)) !=
			       NULL;
	case SLC_DIRECTORY:
		return (command->directory = keep(command, field)) != NULL;
	case SLC_USER:
		return (command->user = keep(command, field)) != NULL;
	case SLC_TERMINAL:
		return (command->terminal = keep(command, field)) != NULL;
	case SLC_WINDOW_SIZE:
		for (unsigned i = 0; i < 4 && 4 * i + 4 <= field->length; i++)
			command->window[i] = wire_number(field->value + 4 * i);
		return true;
	case SLC_LOGIN:
		command->is_login = true;
		return true;
	default:
		return true;
	}
}

int command_read(struct command *command, const uint8_t *fields, size_t size)
{
	struct fields row = fields_of(fields, size);
	enum fields_result result;
	struct field field;

	command->directory = command->user = command->terminal = NULL;
	memset(command->window, 0, sizeof command->window);
	command->is_login = false;
	command->argument_count = command->variable_count = 0;
	command->used = 0;
	while ((result = fields_next(&row, &field)) == FIELDS_NEXT)
		if (!take(command, &field))
			return -1;
	command->arguments[command->argument_count] = NULL;
	command->environment[command->variable_count] = NULL;
	return result == FIELDS_END && command->argument_count > 0 ? 0 : -1;
}

void command_terms(struct command_terms *terms, const uint8_t *fields, size_t size)
{
	struct fields row = fields_of(fields, size);
	struct field field;

	*terms = (struct command_terms){0};
	while (fields_next(&row, &field) == FIELDS_NEXT) {
		if (field.tag == SLC_TIME)
			(void)field_number(&field, &terms->time);
		if (field.tag == SLC_OUTPUT_LIMIT)
			(void)field_long(&field, &terms->output);
		terms->has_terminal = terms->has_terminal || field.tag == SLC_TERMINAL;
		terms->is_detached = terms->is_detached || field.tag == SLC_DETACHED;
	}
}
