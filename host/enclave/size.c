/* size: the verb that says how much memory an image wants, and the warning that `run` gives. */
#include "host/enclave/size.h"

#include <stdio.h>

#include "host/enclave/backend.h"
#include "host/enclave/verbs.h"

int verb_size(int count, char **arguments, struct fault *fault)
{
	return size_verb("enclave", count, arguments, fault);
}

void size_choose(struct settings *settings, const struct image *image)
{
	struct size_need need;

	size_of(image, SIZE_RUN_TIME, &need);
	if (settings->memory == 0) {
		settings->memory =
			(uint32_t)(need.advised < SETTINGS_MEMORY_MAX ? need.advised
								      : SETTINGS_MEMORY_MAX);
		if (settings->memory < settings->backend->memory)
			settings->memory = settings->backend->memory;
		return;
	}
	if (settings->memory < need.demanded)
		fprintf(stderr,
			"enclave: warning: %u MiB are less than 4 times the image: nitro-cli "
			"demands %llu MiB (E26), and %llu MiB are advised\n",
			settings->memory, (unsigned long long)need.demanded,
			(unsigned long long)need.advised);
	else if (settings->memory < need.advised)
		fprintf(stderr,
			"enclave: warning: %u MiB may not do: %llu MiB are advised (`enclave size` "
			"tells why)\n",
			settings->memory, (unsigned long long)need.advised);
}
