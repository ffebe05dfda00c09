/* replay: runs a harness over files, without a fuzzer: `make test` replays the corpora so.
 * usage: replay-NAME FILE-OR-FOLDER... */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/machine.h"

#define INPUT_MAX 1048576 /* no committed input is nearly as long */

static unsigned long inputs;

static int replay_file(const char *path)
{
	static uint8_t whole[INPUT_MAX];
	FILE *file = fopen(path, "rb");
	uint8_t *exact;
	size_t size;

	if (file == NULL) {
		perror(path);
		return -1;
	}
	size = fread(whole, 1, sizeof whole, file);
	fclose(file);
	exact = malloc(size + (size == 0)); /* exactly as long, so that a sanitizer sees the end */
	if (exact == NULL)
		return -1;
	memcpy(exact, whole, size);
	(void)LLVMFuzzerTestOneInput(exact, size);
	free(exact);
	inputs++;
	return 0;
}

static int replay_folder(DIR *folder, const char *path)
{
	const struct dirent *entry;
	char file[4096];
	int result = 0;

	while ((entry = readdir(folder)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
		result |= replay_file(file);
	}
	closedir(folder);
	return result;
}

int main(int count, char **words)
{
	int result = 0;

	for (int i = 1; i < count; i++) {
		DIR *folder = opendir(words[i]);

		result |= folder != NULL ? replay_folder(folder, words[i]) : replay_file(words[i]);
	}
	if (result == 0 && inputs > 0)
		printf("ok - %lu inputs\n", inputs);
	return result == 0 && inputs > 0 ? 0 : 1;
}
