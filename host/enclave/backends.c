/* backends: by their names. */
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/enclave/backend.h"
#include "host/enclave/nitro_cli.h"
#include "host/enclave/personality.h"
#include "host/enclave/qemu_find.h"

static const struct backend_kind *best(void)
{
	int device = open("/dev/nitro_enclaves", O_RDWR | O_CLOEXEC | O_NOCTTY);
	char program[PATH_MAX];
	struct fault ignored;

	if (device >= 0)
		close(device);
	if (device >= 0 && nitro_cli_find(program, &ignored) == 0)
		return &backend_nitro;
	return qemu_find(NULL, program, &ignored) == 0 ? &backend_qemu : &backend_sandbox;
}

const struct backend_kind *backend_find(const char *name)
{
	static const struct backend_kind *const kinds[] = {
		&backend_sandbox, &backend_qemu, &backend_nitro};

	if (strcmp(name, "auto") == 0)
		return best();
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(kinds[i]->name, name) == 0)
			return kinds[i];
	return NULL;
}

const struct backend_kind *backend_default(void)
{
	const char *name = getenv("CLOISTER_BACKEND");
	const struct backend_kind *kind =
		name != NULL && personality_is_on() ? backend_find(name) : NULL;

	if (kind != NULL)
		return kind;
	return personality_is_on() ? best() : &backend_sandbox;
}
