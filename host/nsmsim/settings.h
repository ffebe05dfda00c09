/* settings: what the command line of nsmsim says. */
#ifndef CLOISTER_HOST_NSMSIM_SETTINGS_H
#define CLOISTER_HOST_NSMSIM_SETTINGS_H

#include <stdbool.h>

#include "runtime/kernel/fault.h"

#define SETTINGS_MODULE_MAX 64u /* bytes: what a certificate's name takes */

struct settings {
	const char *socket;
	const char *image;
	const char *folder; /* of the development root; null: the usual one */
	char module_id[SETTINGS_MODULE_MAX + 1u];
	int ready; /* a descriptor to tell that we listen; -1: none */
	bool is_debug;
	bool is_json;
	bool wants_root; /* `nsmsim root`: print where the root's certificate is, and end */
};

enum settings_result {
	SETTINGS_RUN,
	SETTINGS_DONE, /* --help or --version, which was answered */
	SETTINGS_FAILED
};

/* The texts of the arguments are used, not copied. Fault: "usage". */
enum settings_result settings_read(
	struct settings *settings, int count, char **arguments, struct fault *fault);

#endif
