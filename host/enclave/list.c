/* list: the verbs that show enclaves, `list` to people, `describe` as nitro-cli does. */
#include <stdio.h>
#include <string.h>

#include "host/enclave/personality.h"
#include "host/enclave/state.h"
#include "host/enclave/verbs.h"

static const char list_help[] =
	"usage: enclave list [--json]\n"
	"\n"
	"Lists enclaves: name, CID, state, health, memory. What dead ones left is removed.\n"
	"\n"
	"  --json   as `enclave describe`\n";

static const char describe_help[] =
	"usage: enclave describe [--name NAME | --id ID] [--metadata]\n"
	"\n"
	"Prints enclaves as `nitro-cli describe-enclaves` does; the key Cloister has what\n"
	"nitro-cli has not. An enclave's measurements are those of its image: in debug mode\n"
	"too, although its documents then say zeros.\n"
	"\n"
	"  --name, --enclave-name NAME   only this one\n"
	"  --id, --enclave-id ID         only this one\n"
	"  --metadata                    with the image's name, version and metadata\n"
	"  --json                        accepted; the output is always JSON\n";

struct listing {
	const struct choice *choice;
	json_t *array;
};

static int collect(void *data, const char *name, const char *folder, json_t *json)
{
	static const char *const metadata[] = {"ImageName", "ImageVersion", "Metadata"};
	struct listing *listing = data;
	const struct choice *choice = listing->choice;
	const char *id = json_string_value(json_object_get(json, "EnclaveID"));

	(void)folder;
	/* One whose supervisor has only just begun has no id yet. */
	if (id == NULL || (choice->name != NULL && strcmp(choice->name, name) != 0) ||
		(choice->id != NULL && strcmp(choice->id, id) != 0))
		return 0;
	if (personality_is_on())
		(void)json_object_del(json, "Cloister");
	for (size_t i = 0; !choice->metadata && i < sizeof metadata / sizeof *metadata; i++)
		(void)json_object_del(json, metadata[i]);
	(void)json_array_append(listing->array, json);
	return 0;
}

static const char *text_of(const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));

	return text != NULL ? text : "-";
}

static int print_table(const json_t *array, struct fault *fault)
{
	printf("%-24s %10s %-12s %-12s %8s\n", "NAME", "CID", "STATE", "HEALTH", "MIB");
	for (size_t i = 0; i < json_array_size(array); i++) {
		const json_t *json = json_array_get(array, i);

		printf("%-24s %10lld %-12s %-12s %8lld\n", text_of(json, "EnclaveName"),
			(long long)json_integer_value(json_object_get(json, "EnclaveCID")),
			text_of(json, "State"),
			text_of(json_object_get(json, "Cloister"), "Health"),
			(long long)json_integer_value(json_object_get(json, "MemoryMiB")));
	}
	if (fflush(stdout) != 0)
		return fault_set(fault, "io", "writing the output failed");
	return 0;
}

static int show(const struct choice *choice, bool as_json, struct fault *fault)
{
	struct listing listing = {.choice = choice, .array = json_array()};
	int status = state_each(collect, &listing, fault);
	bool is_one = choice->name != NULL || choice->id != NULL;

	if (status == 0 && is_one && json_array_size(listing.array) == 0)
		status = fault_set(fault, "not_found", "there is no enclave '%.100s'",
			choice->name != NULL ? choice->name : choice->id);
	if (status == 0)
		status = as_json ? print_json(listing.array, fault)
				 : print_table(listing.array, fault);
	json_decref(listing.array);
	return status;
}

int verb_list(int count, char **arguments, struct fault *fault)
{
	struct choice choice;
	int status = choice_read(&choice, "list", list_help, "", count, arguments, fault);

	return status != 0 ? status : show(&choice, choice.json, fault);
}

int verb_describe(int count, char **arguments, struct fault *fault)
{
	struct choice choice;
	int status = choice_read(&choice, "describe", describe_help, "m", count, arguments, fault);

	return status != 0 ? status : show(&choice, true, fault);
}
