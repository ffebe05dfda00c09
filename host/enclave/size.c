/* size: the verb that says how much memory an image wants, and the warning that `run` gives. */
#include "host/enclave/size.h"

#include <stdio.h>

#include "host/enclave/backend.h"
#include "host/enclave/personality.h"
#include "host/enclave/verbs.h"

int verb_size(int count, char **arguments, struct fault *fault)
{
	return size_verb("enclave", count, arguments, fault);
}

static void choose(struct settings *settings, const struct size_need *need)
{
	settings->memory = (uint32_t)(need->advised < SETTINGS_MEMORY_MAX ? need->advised
									  : SETTINGS_MEMORY_MAX);
	if (settings->memory < settings->backend->memory)
		settings->memory = settings->backend->memory;
}

int size_choose(struct settings *settings, const struct image *image, struct fault *fault)
{
	unsigned long long demanded, advised;
	struct size_need need;

	size_of(image, SIZE_RUN_TIME, &need);
	demanded = need.demanded;
	advised = need.advised;
	if (settings->memory == 0)
		choose(settings, &need);
	if (settings->memory < need.demanded && personality_is_on())
		return fault_set(fault, "too_small",
			"%u MiB are too little for this image: give --memory %llu or more",
			settings->memory, demanded);
	if (settings->memory < need.demanded)
		fprintf(stderr,
			"enclave: warning: %u MiB are less than 4 times the image: nitro-cli "
			"demands %llu MiB (E26), and %llu MiB are advised\n",
			settings->memory, demanded, advised);
	else if (settings->memory < need.advised && !personality_is_on())
		fprintf(stderr,
			"enclave: warning: %u MiB may not do: %llu MiB are advised (`enclave size` "
			"tells why)\n",
			settings->memory, advised);
	return 0;
}
