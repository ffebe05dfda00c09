/* config: see config.h. */
#include "host/enclave/config.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct config {
	struct settings *settings;
	const char *path;
	struct fault *fault;
};

static int wrong(const struct config *config, const char *key, const char *wanted)
{
	return fault_set(
		config->fault, "config", "%.200s: %s is to be %s", config->path, key, wanted);
}

static int number(const struct config *config, const char *key, const json_t *value, uint32_t least,
	uint32_t most, uint32_t *into)
{
	char wanted[64];

	(void)snprintf(wanted, sizeof wanted, "a number from %u to %u", least, most);
	if (!json_is_integer(value) || json_integer_value(value) < (json_int_t)least ||
		json_integer_value(value) > (json_int_t)most)
		return wrong(config, key, wanted);
	*into = (uint32_t)json_integer_value(value);
	return 0;
}

static int take_image(const struct config *config, const char *key, const json_t *value)
{
	const char *text = json_string_value(value);

	if (text == NULL || *text == '\0')
		return wrong(config, key, "a path");
	config->settings->image = strdup(text); /* as long as the program runs */
	return config->settings->image != NULL
		       ? 0
		       : fault_set(config->fault, "memory", "no memory for the settings");
}

static int take_name(const struct config *config, const char *key, const json_t *value)
{
	const char *text = json_string_value(value);

	if (text == NULL)
		return wrong(config, key, "a name");
	config->settings->is_named = true;
	return settings_name(text, config->settings->name, config->fault);
}

static int take_cid(const struct config *config, const char *key, const json_t *value)
{
	struct settings *settings = config->settings;

	if (number(config, key, value, 0, UINT32_MAX - 1u, &settings->cid) < 0)
		return -1;
	return settings_cid(settings->cid, config->fault);
}

static int take_memory(const struct config *config, const char *key, const json_t *value)
{
	return number(config, key, value, 1, SETTINGS_MEMORY_MAX, &config->settings->memory);
}

static int take_count(const struct config *config, const char *key, const json_t *value)
{
	return number(config, key, value, 1, SETTINGS_CPUS_MAX, &config->settings->cpus);
}

static int take_ids(const struct config *config, const char *key, const json_t *value)
{
	struct settings *settings = config->settings;
	size_t count = json_array_size(value);

	if (!json_is_array(value) || count < 1 || count > SETTINGS_CPU_IDS_MAX)
		return wrong(config, key, "a list of CPUs");
	for (size_t i = 0; i < count; i++) {
		uint32_t cpu = 0;

		if (number(config, key, json_array_get(value, i), 0, SETTINGS_CPU_MAX, &cpu) < 0)
			return -1;
		settings->cpu_ids[i] = cpu;
	}
	settings->cpu_id_count = (uint32_t)count;
	settings->cpus = (uint32_t)count;
	return 0;
}

static int take_debug(const struct config *config, const char *key, const json_t *value)
{
	if (!json_is_boolean(value))
		return wrong(config, key, "true or false");
	config->settings->debug = config->settings->debug || json_is_true(value);
	return 0;
}

static int take_attach(const struct config *config, const char *key, const json_t *value)
{
	config->settings->attach = json_is_true(value);
	return take_debug(config, key, value);
}

/* Null is a key that is not there. */
static int take(const struct config *config, const char *key, const json_t *value)
{
	static const struct {
		const char *key;
		uint32_t given;
		int (*take)(const struct config *config, const char *key, const json_t *value);
	} rows[] = {{"eif_path", SETTINGS_GAVE_IMAGE, take_image},
		{"enclave_name", SETTINGS_GAVE_NAME, take_name},
		{"enclave_cid", SETTINGS_GAVE_CID, take_cid},
		{"memory_mib", SETTINGS_GAVE_MEMORY, take_memory},
		{"cpu_count", SETTINGS_GAVE_CPUS, take_count},
		{"cpu_ids", SETTINGS_GAVE_CPUS, take_ids}, {"debug_mode", 0, take_debug},
		{"attach_console", 0, take_attach}};
	struct settings *settings = config->settings;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (strcmp(rows[i].key, key) != 0)
			continue;
		if (json_is_null(value))
			return 0;
		if ((settings->given & rows[i].given) != 0)
			return settings_conflict(config->fault,
				"%.200s: %s is given twice, or on the command line too",
				config->path, key);
		settings->given |= rows[i].given;
		return rows[i].take(config, key, value);
	}
	return fault_set(
		config->fault, "config", "%.200s: unknown key '%.100s'", config->path, key);
}

static int read_file(
	const char *path, char bytes[CONFIG_SIZE_MAX], size_t *size, struct fault *fault)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	ssize_t got = fd < 0 ? -1 : 1;

	for (*size = 0; got > 0 && *size < CONFIG_SIZE_MAX; *size += (size_t)got) {
		got = read(fd, bytes + *size, CONFIG_SIZE_MAX - *size);
		if (got < 0)
			break;
	}
	if (got < 0)
		(void)fault_set(fault, "input", "cannot read '%.300s': %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return got < 0 ? -1 : 0;
}

int config_read(struct settings *settings, const char *path, struct fault *fault)
{
	struct config config = {settings, path, fault};
	static char bytes[CONFIG_SIZE_MAX];
	json_error_t error;
	json_t *json, *value;
	const char *key;
	size_t size;
	int status = 0;

	if (read_file(path, bytes, &size, fault) < 0)
		return -1;
	if (size == CONFIG_SIZE_MAX)
		return fault_set(
			fault, "config", "%.200s: longer than %u bytes", path, CONFIG_SIZE_MAX - 1);
	json = json_loadb(bytes, size, JSON_REJECT_DUPLICATES, &error);
	if (!json_is_object(json))
		status = fault_set(fault, "config", "%.200s:%d:%d: no JSON object: %s", path,
			error.line, error.column, json != NULL ? "of another kind" : error.text);
	json_object_foreach(json, key, value)
	{
		if (status == 0)
			status = take(&config, key, value);
	}
	json_decref(json);
	return status;
}
