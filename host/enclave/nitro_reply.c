/* nitro_reply: see nitro_reply.h. */
#include "host/enclave/nitro_reply.h"

#include <stdbool.h>
#include <string.h>

#include "host/enclave/settings.h"

/* Letters, digits and marks of names; such a text goes into arguments and onto terminals. */
static bool is_word(const json_t *value)
{
	static const char good[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	const char *text = json_string_value(value);
	size_t size = text != NULL ? json_string_length(value) : 0;

	return size >= 1 && size < SETTINGS_ID_MAX && strspn(text, good) == size && *text != '-';
}

static bool is_number(const json_t *value, json_int_t most)
{
	return json_is_integer(value) && json_integer_value(value) >= 0 &&
	       json_integer_value(value) <= most;
}

static bool are_cpus(const json_t *value)
{
	if (!json_is_array(value) || json_array_size(value) > SETTINGS_CPUS_MAX)
		return false;
	for (size_t i = 0; i < json_array_size(value); i++)
		if (!is_number(json_array_get(value, i), 65535))
			return false;
	return true;
}

json_t *nitro_reply_enclave(const json_t *reply, struct fault *fault)
{
	static const struct {
		const char *key;
		json_int_t most; /* 0: a word; -1: CPUs */
	} rows[] = {{"EnclaveName", 0}, {"EnclaveID", 0}, {"ProcessID", INT32_MAX},
		{"EnclaveCID", UINT32_MAX}, {"NumberOfCPUs", 65536}, {"CPUIDs", -1},
		{"MemoryMiB", INT64_MAX / 1048576}};
	json_t *facts = json_object();

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		json_t *value = json_object_get(reply, rows[i].key);
		bool good = rows[i].most == 0  ? is_word(value)
			    : rows[i].most < 0 ? are_cpus(value)
					       : is_number(value, rows[i].most);

		if (good)
			(void)json_object_set(facts, rows[i].key, value);
	}
	if (json_object_get(facts, "EnclaveID") != NULL)
		return facts;
	json_decref(facts);
	(void)fault_set(fault, "nitro_cli", "nitro-cli tells no EnclaveID of the right form");
	return NULL;
}

const json_t *nitro_reply_find(const json_t *reply, const char *id)
{
	size_t count = json_array_size(reply);

	for (size_t i = 0; i < count && i < NITRO_ENCLAVES_MAX; i++) {
		const json_t *enclave = json_array_get(reply, i);
		const char *its = json_string_value(json_object_get(enclave, "EnclaveID"));

		if (its != NULL && strcmp(its, id) == 0)
			return enclave;
	}
	return NULL;
}
