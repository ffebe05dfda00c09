/* nitro_words: the command line by which nitro-cli runs an image. */
#ifndef CLOISTER_HOST_ENCLAVE_NITRO_WORDS_H
#define CLOISTER_HOST_ENCLAVE_NITRO_WORDS_H

#include "host/enclave/settings.h"

#define NITRO_NUMBERS_MAX (SETTINGS_CPU_IDS_MAX + 3u)
#define NITRO_WORDS_MAX   (NITRO_NUMBERS_MAX + 16u)

struct nitro_words {
	const char *list[NITRO_WORDS_MAX + 1u]; /* to a null */
	char numbers[NITRO_NUMBERS_MAX][16];
	unsigned count, numbers_count;
};

/* From the program's name on, into zeroed words. `settings` and `image` are borrowed. */
void nitro_words_write(
	struct nitro_words *words, const struct settings *settings, const char *image);

#endif
