/* mark: by what a unit's program and its files of variables are known again without reading them:
 * which files they are, their sizes, and when they or what is said of them changed last. */
#ifndef CLOISTER_SERVICES_INIT_MARK_H
#define CLOISTER_SERVICES_INIT_MARK_H

#include "services/init/digest.h"
#include "services/init/unit_file.h"

/* Of the files as they are now, those that are missing included. */
void mark_files(uint8_t mark[DIGEST_SIZE], const struct unit_file *unit);

#endif
