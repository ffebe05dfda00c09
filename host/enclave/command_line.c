/* command_line: see command_line.h. */
#include <stdbool.h>
#include <string.h>

#include "host/enclave/command_line.h"

static char init[] = "/init";

static bool is_variable(const char *word)
{
	size_t name = strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

	return name > 0 && word[name] == '=';
}

static bool is_set(const struct command_line *line, const char *word)
{
	size_t name = (size_t)(strchr(word, '=') - word) + 1;

	for (size_t i = 0; line->environment[i] != NULL; i++)
		if (strncmp(line->environment[i], word, name) == 0)
			return true;
	return false;
}

int command_line_read(struct command_line *line, const struct image *image,
	const char *const ours[], struct fault *fault)
{
	size_t arguments = 0, variables = 0, limit;
	bool is_behind = false;
	char *rest = NULL;

	*line = (struct command_line){.arguments = {init}};
	while (ours[variables] != NULL) {
		line->environment[variables] = ours[variables];
		variables++;
	}
	limit = variables + COMMAND_LINE_WORDS;
	if (image_section(image, image->contents.cmdline, (uint8_t **)&line->text, fault) < 0)
		return -1;
	for (char *word = strtok_r(line->text, " \t\n", &rest); word != NULL;
		word = strtok_r(NULL, " \t\n", &rest)) {
		if (strcmp(word, "--") == 0 && !is_behind) {
			is_behind = true;
		} else if (is_behind) {
			if (arguments == COMMAND_LINE_WORDS)
				goto full;
			line->arguments[++arguments] = word;
		} else if (is_variable(word) && !is_set(line, word)) {
			if (variables == limit)
				goto full;
			line->environment[variables++] = word;
		}
	}
	return 0;
full:
	return fault_set(fault, "cmdline", "the command line has more than %u words for /init",
		COMMAND_LINE_WORDS);
}
