/* nitro_error: nitro-cli's errors, E00 to E60 (spec/nitro.md): what failed, and what helps. */
#ifndef CLOISTER_HOST_ENCLAVE_NITRO_ERROR_H
#define CLOISTER_HOST_ENCLAVE_NITRO_ERROR_H

#include "runtime/kernel/fault.h"

#define NITRO_ERRORS 61u

struct nitro_error {
	const char *text; /* what failed */
	const char *mend; /* what helps; null: nothing that is known for sure */
};

extern const struct nitro_error nitro_errors[NITRO_ERRORS];

/* The number of the last error that nitro-cli has printed as "[ Enn ]"; -1: none. *line is then
 * what stands behind it on its line, of *size bytes. */
int nitro_error_find(const char *text, const char **line, size_t *size);

/* The number that tells of a fault where one is wanted, by its word. */
unsigned nitro_error_of(const struct fault *fault);

#endif
