/* output: see output.h. */
#include "host/pipeline/output.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int output_json(json_t *value, struct fault *fault)
{
	if (value == NULL)
		return fault_set(fault, "memory", "no memory to print the result");
	(void)json_dumpf(value, stdout, JSON_COMPACT | JSON_ENSURE_ASCII); /* the stream keeps
									      its error */
	json_decref(value);
	putchar('\n');
	return output_finish(fault);
}

json_t *output_text(const char *text)
{
	json_t *value = json_string(text);
	char *escaped = NULL;
	size_t size = 0;
	FILE *file;

	if (value != NULL)
		return value;
	file = open_memstream(&escaped, &size);
	if (file == NULL)
		return NULL;
	print_escaped(file, text);
	if (fclose(file) == 0)
		value = json_string(escaped);
	free(escaped);
	return value;
}

void output_alarm(const char *text)
{
	bool is_terminal = isatty(STDERR_FILENO) == 1;

	fprintf(stderr, "%spipeline: %s%s\n", is_terminal ? "\033[31m" : "", text,
		is_terminal ? "\033[0m" : "");
}

int output_finish(struct fault *fault)
{
	errno = 0;
	if (fflush(stdout) != 0 || ferror(stdout))
		return fault_io(fault, errno == 0 ? EIO : errno, "writing the output failed");
	return 0;
}
