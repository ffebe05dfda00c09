/* output: a file that appears under its name only when it is complete.
 *
 * It is written under a temporary name beside the final one and then renamed. Whatever fails, and
 * also when a person interrupts the program, the temporary file is removed.
 */
#ifndef CLOISTER_RUNTIME_EIF_OUTPUT_H
#define CLOISTER_RUNTIME_EIF_OUTPUT_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "runtime/kernel/fault.h"

struct output {
	int fd; /* -1 when there is no temporary file */
	char name[PATH_MAX];
	char temporary[PATH_MAX];
};

/* Notes SIGINT, SIGTERM and SIGHUP instead of dying, so that output_interrupted can tell. */
void output_catch_signals(void);

/* Returns the number of the signal that came, or 0. */
int output_interrupted(void);

/* Opens a temporary file beside `name`. Word "output" if that can't be, if `name` is something else
 * than a regular file, or if it exists and `replace` is false. */
int output_open(struct output *output, const char *name, bool replace, struct fault *fault);

/* Writes all bytes at the end, or at an offset. Word "io", or "interrupted". */
int output_write(struct output *output, const void *bytes, size_t size, struct fault *fault);
int output_write_at(
	struct output *output, const void *bytes, size_t size, off_t offset, struct fault *fault);

/* Gives the file its name. On failure the caller still has to call output_discard. */
int output_commit(struct output *output, struct fault *fault);

/* Removes the temporary file, if there is one. Does nothing after output_commit. */
void output_discard(struct output *output);

/* Opens a file without a name in the directory of `name`, for data that is needed twice. */
int output_scratch(const char *name, struct fault *fault);

#endif
