/* verbs: see verbs.h. */
#include "host/attest/verbs.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

int read_document(const char *path, uint8_t *bytes, size_t most, size_t *size, struct fault *fault)
{
	bool is_input = strcmp(path, "-") == 0;
	FILE *file = is_input ? stdin : fopen(path, "rbe");
	bool has_failed, has_more;

	if (file == NULL)
		return fault_set(fault, "input", "can't read %s: %s", path, strerror(errno));
	*size = fread(bytes, 1, most, file);
	has_more = *size == most && fgetc(file) != EOF;
	has_failed = ferror(file) != 0;
	if (!is_input)
		(void)fclose(file);
	if (has_failed)
		return fault_set(fault, "input", "can't read %s", path);
	if (has_more)
		return fault_set(fault, "limit",
			"%s has more than the %zu bytes that an attestation document can have",
			path, most);
	return 0;
}

int finish_output(struct fault *fault)
{
	errno = 0;
	if (fflush(stdout) != 0 || ferror(stdout))
		return fault_io(fault, errno == 0 ? EIO : errno, "writing the output failed");
	return 0;
}

int print_json(json_t *value, struct fault *fault)
{
	if (value == NULL)
		return fault_set(fault, "memory", "no memory to print the result");
	(void)json_dumpf(value, stdout, JSON_COMPACT | JSON_ENSURE_ASCII);
	json_decref(value);
	putchar('\n');
	return finish_output(fault);
}
