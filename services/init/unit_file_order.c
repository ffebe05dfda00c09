/* unit_file_order: which units come before and after a unit. */
#include "services/init/unit_file_keys.h"

const struct unit_key unit_keys_order[] = {
	UNIT_KEY_NAMES("After", after),
	UNIT_KEY_NAMES("Before", before),
	UNIT_KEY_NAMES("Requires", required),
	UNIT_KEY_NAMES("Wants", wanted),
	UNIT_KEY_NAMES("Milestone", milestones),
	UNIT_KEY_NAMES("BindsTo", bound),
	UNIT_KEY_NAMES("RequiredBy", required_by),
	{.name = NULL},
};
