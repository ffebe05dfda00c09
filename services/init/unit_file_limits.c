/* unit_file_limits: how much a unit may use. */
#include "services/init/unit_file_keys.h"

const struct unit_key unit_keys_limits[] = {
	UNIT_KEY_SIZE("MemoryMax", memory_max, UNIT_MEMORY_MIN, UNIT_MEMORY_MAX),
	UNIT_KEY_NUMBER("TasksMax", tasks_max, 1, UNIT_TASKS_MAX),
	UNIT_KEY_NUMBER("CPUMax", cpu_max, 1, UNIT_CPU_MAX),
	{.name = NULL},
};
