/* backends: by their names. */
#include <string.h>

#include "host/enclave/backend.h"

const struct backend_kind *backend_find(const char *name)
{
	static const struct backend_kind *const kinds[] = {&backend_sandbox, &backend_qemu};

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(kinds[i]->name, name) == 0)
			return kinds[i];
	return NULL;
}
