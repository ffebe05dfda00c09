/* run: runs a command in an enclave, as `pipeline exec` does. What comes is passed on at once.
 *
 *   cc run.c $(pkg-config --cflags --libs cloister) -o run
 *   ./run ADDRESS OPTION=VALUE... -- COMMAND [ARGUMENT...]
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

/* ADDRESS OPTION=VALUE... up to a "--". */
static int take_options(
	struct cloister_options *options, char **words, struct cloister_error *error)
{
	if (cloister_set(options, "address", *words, error) != 0)
		return -1;
	while (*++words != NULL && strcmp(*words, "--") != 0) {
		char *value = strchr(*words, '=');

		if (value == NULL)
			break;
		*value = '\0';
		if (cloister_set(options, *words, value + 1, error) != 0)
			return -1;
	}
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
	struct cloister_options *options = cloister_options_new();
	struct cloister_command *command;
	struct cloister_error error;
	struct cloister *session;
	int status;

	if (count < 2 || options == NULL)
		return 2;
	command = cloister_command_new((const char *const *)command_of(words));
	if (command == NULL)
		return 71;
	if (take_options(options, words + 1, &error) != 0)
		return fail("options", &error);
	if (cloister_connect(&session, options, &error) != 0)
		return fail("connecting", &error);
	cloister_options_free(options);

	cloister_command_input(command, standard_input, NULL);
	cloister_command_output(command, pass_on, NULL);
	if (cloister_exec(session, command, &status, &error) != 0)
		(void)fail("running", &error);
	cloister_command_free(command);
	cloister_close(session);
	return status;
}
