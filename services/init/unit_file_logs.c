/* unit_file_logs: what becomes of what a unit writes. */
#include "services/init/unit_file_keys.h"

/* 0 is no file; too little for files is refused rather than rounded. */
static int read_limit(const struct unit_reading *reading, const struct unit_key *key)
{
	if (unit_key_size(reading, key) != 0)
		return -1;
	if (reading->unit->logs.bytes == 0 || reading->unit->logs.bytes >= LOG_LIMIT_MIN)
		return 0;
	(void)fault_set(reading->fault, "range", "it is 0, or %u bytes or more", LOG_LIMIT_MIN);
	return unit_key_refuse(reading, key->name);
}

static int read_seal(const struct unit_reading *reading, const struct unit_key *key)
{
	if (unit_key_text(reading, key) != 0)
		return -1;
	if (reading->unit->seal != NULL &&
		conf_find(reading->conf, reading->root, "LogConsole") == NULL)
		reading->unit->is_shown = 0; /* the host has the console */
	if (reading->unit->seal == NULL || reading->unit->seal[0] == '/')
		return 0;
	(void)fault_set(reading->fault, "range", "it is a path from the root on");
	return unit_key_refuse(reading, key->name);
}

const struct unit_key unit_keys_logs[] = {
	UNIT_KEY_FLAG("LogConsole", is_shown),
	{.name = "LogLimit",
		.read = read_limit,
		.place = offsetof(struct unit_file, logs.bytes),
		.low = 0,
		.high = LOG_LIMIT_MAX},
	UNIT_KEY_NUMBER("LogFiles", logs.files, 1, LOG_FILES_MAX),
	UNIT_KEY_FLAG("LogTimes", logs.has_times),
	{.name = "LogSeal", .read = read_seal, .place = offsetof(struct unit_file, seal)},
	{.name = NULL},
};
