/* measure: what is started, into a register of the NSM and the log of events (spec/pcr.md). All of
 * it blocks: for a process of its own. */
#ifndef CLOISTER_SERVICES_INIT_MEASURE_H
#define CLOISTER_SERVICES_INIT_MEASURE_H

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

#include "runtime/crypto/nsm.h"
#include "services/init/digest.h"
#include "services/init/unit_file.h"

#define MEASURE_FOLDER       "/run/cloister"
#define MEASURE_EVENTS       MEASURE_FOLDER "/boot.events"
#define MEASURE_PCR_BOOT     16u
#define MEASURE_PCR_RUN_TIME 17u

struct measuring {
	struct nsm *nsm; /* null: there is none, and the log is all */
	FILE *log;
	uint32_t pcr;
};

/* One event, and one whose bytes are none. */
int measure_event(const struct measuring *measuring, const char *what,
	const uint8_t digest[DIGEST_SIZE], struct fault *fault);
int measure_word(const struct measuring *measuring, const char *what, struct fault *fault);

/* The unit's file by its digest, where there is one, its files of variables, and its program. */
int measure_unit(const struct measuring *measuring, const struct unit_file *unit,
	const uint8_t *digest, struct fault *fault);

/* Opens a file of EnvFile; -1 where there is none. */
int measure_open_variables(const char *path);

#define MEASURE_PROGRAMS_MAX 4u /* of a unit */

/* The programs that a unit's file names, as they stand there; returns how many. */
uint32_t measure_programs(const struct unit_file *unit, const char *programs[MEASURE_PROGRAMS_MAX]);

/* The file that one of them is, by the folders of PATH: the first that root may execute. What is
 * measured, marked and executed is that one. */
bool program_find(const struct unit_file *unit, const char *folders, const char *program,
	char path[PATH_MAX]);

/* Opens one of them, as it will be looked up; -1 where there is none. `path` has PATH_MAX bytes. */
int measure_open_program(const struct unit_file *unit, const char *program, char *path);

#endif
