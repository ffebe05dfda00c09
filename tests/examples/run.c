/* run: runs a command in an enclave, as `pipeline exec` does, or is a connection to a target there,
 * as `pipeline proxy`. What comes is passed on at once.
 *
 *   cc run.c $(pkg-config --cflags --libs cloister) -o run
 *   ./run ADDRESS OPTION=VALUE... -- COMMAND [ARGUMENT...]
 *   ./run ADDRESS OPTION=VALUE... forward=TARGET
 */
#include <cloister.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int pass_on(void *data, int stream, const void *bytes, size_t size)
{
	FILE *file = stream == 1 ? stdout : stderr;

	(void)data;
	return fwrite(bytes, 1, size, file) != size || fflush(file) != 0;
}

static size_t standard_input(void *data, void *bytes, size_t size)
{
	(void)data;
	return fread(bytes, 1, size, stdin);
}

static int fail(const char *what, const struct cloister_error *error)
{
	fprintf(stderr, "%s: %s (%s)\n", what, error->text, error->word);
	return 125;
}

/* Options of sessions, of commands, and what makes a connection of it. */
struct line {
	struct cloister_options *options;
	struct cloister_command *command;
};

static int take_option(struct line *line, char *word, struct cloister_error *error)
{
	static const char *const of_commands[] = {"environment", "directory", "user"};
	char *value = strchr(word, '=');

	if (value == NULL)
		return cloister_set(line->options, word, "", error); /* there is no such one */
	*value++ = '\0';
	if (strcmp(word, "forward") == 0) {
		cloister_command_free(line->command);
		line->command = cloister_forward_new(value, error);
		return line->command == NULL ? -1 : 0;
	}
	for (size_t i = 0; i < sizeof of_commands / sizeof of_commands[0]; i++)
		if (strcmp(word, of_commands[i]) == 0)
			return cloister_command_set(line->command, word, value, error);
	return cloister_set(line->options, word, value, error);
}

/* ADDRESS OPTION=VALUE... up to a "--". */
static int take_all(struct line *line, char **words, struct cloister_error *error)
{
	if (cloister_set(line->options, "address", *words, error) != 0)
		return -1;
	while (*++words != NULL && strcmp(*words, "--") != 0)
		if (take_option(line, *words, error) != 0)
			return -1;
	return 0;
}

static char **command_of(char **words)
{
	while (*words != NULL && strcmp(*words, "--") != 0)
		words++;
	return *words != NULL ? words + 1 : words;
}

int main(int count, char **words)
{
	struct line line = {.options = cloister_options_new(),
		.command = cloister_command_new((const char *const *)command_of(words))};
	struct cloister_error error;
	struct cloister *session;
	int status;

	if (count < 2 || line.options == NULL || line.command == NULL)
		return 2;
	if (take_all(&line, words + 1, &error) != 0)
		return fail("options", &error);
	if (cloister_connect(&session, line.options, &error) != 0)
		return fail("connecting", &error);
	cloister_options_free(line.options);

	cloister_command_input(line.command, standard_input, NULL);
	cloister_command_output(line.command, pass_on, NULL);
	if (cloister_exec(session, line.command, &status, &error) != 0)
		(void)fail("running", &error);
	cloister_command_free(line.command);
	cloister_close(session);
	return status;
}
