/* unit_file_logs: what becomes of what a unit writes. */
#include "services/init/unit_file_keys.h"

const struct unit_key unit_keys_logs[] = {
	UNIT_KEY_FLAG("LogConsole", is_shown),
	{.name = NULL},
};
