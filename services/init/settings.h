/* settings: what an image says about init itself, in /etc/cloister/init.conf (spec/init.md). */
#ifndef CLOISTER_SERVICES_INIT_SETTINGS_H
#define CLOISTER_SERVICES_INIT_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/kernel/fault.h"
#include "services/init/digest.h"

#define SETTINGS_FILE "etc/cloister/init.conf" /* beneath the root */

/* Whether configuration may come at run time. */
enum settings_changes {
	CHANGES_ONCE = 0, /* the first one locks register 17 */
	CHANGES_MANY = 1, /* the register stays open */
	CHANGES_NONE = 2  /* it is locked when the boot is measured */
};

/* What becomes of a unit whose files are others than those that were measured. */
enum settings_files { FILES_LOG = 0, FILES_REFUSE = 1 };

/* Zeroed is what no file says. */
struct settings {
	uint32_t changes;       /* enum settings_changes */
	uint32_t changed_files; /* enum settings_files */
};

/* Reads the file beneath `root`, a descriptor; *found is false where there is none, which is no
 * failure. Faults: those of conf.h and path.h, "io". */
int settings_read(struct settings *settings, int root, bool *found, uint8_t digest[DIGEST_SIZE],
	struct fault *fault);

#endif
