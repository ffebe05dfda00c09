/* unit_file_life: when a unit is started, again, and stopped. */
#include "services/init/unit_file_keys.h"

static const char *const policies[] = {[RESTART_NO] = "no",
	[RESTART_ALWAYS] = "always",
	[RESTART_ON_FAILURE] = "on-failure",
	[RESTART_ON_SUCCESS] = "on-success",
	[RESTART_ON_SUCCESS + 1] = NULL};

/* Seconds; none at all is the shortest delay. */
static int read_delay(const struct unit_reading *reading, const struct unit_key *key)
{
	struct restart *restart = &reading->unit->restart;
	int64_t seconds = restart->base / 1000;

	if (conf_integer(reading->conf, reading->root, key->name, 0, RESTART_BASE_MAX / 1000,
		    &seconds, reading->fault) != 0)
		return -1;
	restart->base = seconds == 0 ? RESTART_DELAY_MIN : (uint32_t)seconds * 1000u;
	return 0;
}

static int read_window(const struct unit_reading *reading, const struct unit_key *key)
{
	struct restart *restart = &reading->unit->restart;
	int64_t seconds = restart->window / 1000;

	if (conf_integer(reading->conf, reading->root, key->name, 1, RESTART_BASE_MAX / 1000,
		    &seconds, reading->fault) != 0)
		return -1;
	restart->window = (uint32_t)seconds * 1000u;
	return 0;
}

const struct unit_key unit_keys_life[] = {
	UNIT_KEY_FLAG("ServiceEnable", is_enabled),
	UNIT_KEY_WORD("Restart", restart.policy, policies),
	{.name = "RestartSec", .read = read_delay},
	UNIT_KEY_NUMBER("RestartLimit", restart.limit, 0, RESTART_LIMIT_MAX),
	{.name = "RestartWindow", .read = read_window},
	UNIT_KEY_NUMBER("StopTimeout", stop_seconds, 1, 600),
	{.name = NULL},
};
