/* environment: the variables of a unit's process, put together when it starts. */
#ifndef CLOISTER_SERVICES_INIT_ENVIRONMENT_H
#define CLOISTER_SERVICES_INIT_ENVIRONMENT_H

#include "services/init/unit_file.h"

#define ENVIRONMENT_BYTES_MAX 16384u /* of all files of a unit together */
#define ENVIRONMENT_FILE_MAX  128u   /* variables of them */
#define ENVIRONMENT_OURS_MAX  16u    /* variables that we add */

/* Pointers lead into itself, into the unit's file and into what it was given. */
struct environment {
	const char *list[UNIT_WORDS_MAX + ENVIRONMENT_FILE_MAX + ENVIRONMENT_OURS_MAX + 1u];
	uint32_t count;
	size_t used;
	char text[ENVIRONMENT_BYTES_MAX + 1u];
};

/* `ours`, to a null, then what Environment says, then what the files of EnvFile say, then
 * `inherited`, to a null, and PATH. Of a name the first counts. Faults: "not_found", "io"
 * (a file can't be read), "limit", "syntax" (a line is no variable), with file and line. */
int environment_make(struct environment *environment, const struct unit_file *unit,
	const char *const *ours, const char *const *inherited, struct fault *fault);

/* The value of a variable; null where there is none. */
const char *environment_value(const struct environment *environment, const char *name);

#endif
