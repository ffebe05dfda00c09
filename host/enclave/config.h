/* config: the settings of `run` that a file has, in nitro-cli's form: a JSON object with eif_path,
 * enclave_cid, memory_mib, cpu_count or cpu_ids, debug_mode, attach_console, enclave_name. */
#ifndef CLOISTER_HOST_ENCLAVE_CONFIG_H
#define CLOISTER_HOST_ENCLAVE_CONFIG_H

#include "host/enclave/settings.h"

#define CONFIG_SIZE_MAX 65536u /* bytes */

/* Faults: "input" (it can't be read), "config" (it is no such object, has an unknown key or a wrong
 * value), "usage" ("conflict" for nitro-cli: what it says stands on the command line too). */
int config_read(struct settings *settings, const char *path, struct fault *fault);

#endif
