/* nitro_words: see nitro_words.h. */
#include "host/enclave/nitro_words.h"

#include <stdio.h>

static void add(struct nitro_words *words, const char *word)
{
	words->list[words->count++] = word;
}

static void add_number(struct nitro_words *words, uint32_t number)
{
	char *text = words->numbers[words->numbers_count++];

	(void)snprintf(text, sizeof words->numbers[0], "%u", number);
	add(words, text);
}

void nitro_words_write(
	struct nitro_words *words, const struct settings *settings, const char *image)
{
	add(words, "nitro-cli");
	add(words, "run-enclave");
	add(words, "--eif-path");
	add(words, image);
	add(words, "--enclave-name");
	add(words, settings->name);
	add(words, "--enclave-cid");
	add_number(words, settings->cid);
	add(words, "--memory");
	add_number(words, settings->memory);
	if (settings->debug)
		add(words, "--debug-mode");
	add(words, settings->cpu_id_count > 0 ? "--cpu-ids" : "--cpu-count");
	for (unsigned i = 0; i < settings->cpu_id_count; i++)
		add_number(words, settings->cpu_ids[i]);
	if (settings->cpu_id_count == 0)
		add_number(words, settings->cpus);
}
