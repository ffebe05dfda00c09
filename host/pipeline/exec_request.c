/* exec_request: what a command line asks for, as the fields of an OPEN. See exec.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/pipeline/exec.h"
#include "host/pipeline/terminal.h"
#include "runtime/channel/wire.h"

#define FIELD_HEADER 6u
#define NUMBERS_SIZE 256u /* bytes that fields of fixed size take, and more */

static size_t text_size(const char *text)
{
	return text != NULL ? FIELD_HEADER + strlen(text) : 0;
}

/* A name alone stands for the variable as it is here, and for none where there is none. */
static const char *value_here(const char *variable)
{
	return strchr(variable, '=') == NULL ? getenv(variable) : NULL;
}

static size_t size_of(const struct exec_wish *wish)
{
	size_t size = NUMBERS_SIZE + text_size(wish->directory) + text_size(wish->user);

	for (const char *const *word = wish->words; *word != NULL; word++)
		size += text_size(*word);
	for (unsigned i = 0; i < wish->variable_count; i++)
		size += text_size(wish->variables[i]) + 1 +
			text_size(value_here(wish->variables[i]));
	return size;
}

static int put_variable(struct field_writer *writer, const char *variable)
{
	const char *value = value_here(variable);
	char *whole;

	if (strchr(variable, '=') != NULL)
		field_put_text(writer, SLC_ENVIRONMENT, variable);
	if (value == NULL)
		return 0;
	if (asprintf(&whole, "%s=%s", variable, value) < 0)
		return -1;
	field_put_text(writer, SLC_ENVIRONMENT, whole);
	free(whole);
	return 0;
}

static void put_terminal(struct field_writer *writer)
{
	uint32_t window[4];
	uint8_t bytes[16];

	terminal_window(window);
	for (unsigned i = 0; i < 4; i++)
		wire_put_number(bytes + 4 * i, window[i]);
	field_put_text(writer, SLC_TERMINAL, terminal_name());
	field_put(writer, SLC_WINDOW_SIZE, bytes, sizeof bytes);
}

static int refuse(uint8_t *bytes, struct fault *fault)
{
	free(bytes);
	return fault_set(fault, "memory", "no memory for the command");
}

int exec_write_request(
	const struct exec_wish *wish, struct field_writer *writer, struct fault *fault)
{
	size_t size = size_of(wish);
	uint8_t *bytes = malloc(size);

	if (bytes == NULL)
		return refuse(NULL, fault);
	*writer = field_writer_of(bytes, size);
	for (const char *const *word = wish->words; *word != NULL; word++)
		field_put_text(writer, SLC_ARGUMENT, *word);
	for (unsigned i = 0; i < wish->variable_count; i++)
		if (put_variable(writer, wish->variables[i]) != 0)
			return refuse(bytes, fault);
	if (wish->directory != NULL)
		field_put_text(writer, SLC_DIRECTORY, wish->directory);
	if (wish->user != NULL)
		field_put_text(writer, SLC_USER, wish->user);
	if (wish->time != 0)
		field_put_number(writer, SLC_TIME, wish->time);
	if (wish->has_terminal)
		put_terminal(writer);
	if (wish->is_detached)
		field_put(writer, SLC_DETACHED, NULL, 0);
	if (wish->output != 0)
		field_put_long(writer, SLC_OUTPUT_LIMIT, wish->output);
	if (wish->is_login)
		field_put(writer, SLC_LOGIN, NULL, 0);
	return 0;
}
