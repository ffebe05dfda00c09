/* authorized: any text as a file of keys. What is accepted keeps the limits that authorized.h
 * states: all texts lie in the file's own memory and end there, keys are keys, paths have their one
 * spelling, and a verb has something to use it on. Twice gives the same. A key may run its own
 * commands. */
#include "runtime/channel/authorized.h"

#include "fuzz/machine.h"

static struct conf conf; /* all are too large for a stack */
static struct authorized first, second;

static const char *item(const struct authorized_list *list, uint32_t i)
{
	const char *text = first.texts + list->items[i];

	FUZZ_REQUIRE(list->items[i] < first.used);
	FUZZ_REQUIRE(memchr(text, 0, first.used - list->items[i]) != NULL);
	return text;
}

static void check_commands(const struct authorized_key *key)
{
	const char *words[AUTHORIZED_WORDS_MAX + 1u];

	for (uint32_t i = 0; i < key->commands.count; i++) {
		const char *word = item(&key->commands, i);
		struct authorized_request request = {.type = SLC_EXEC, .arguments = words};
		uint32_t count = 0;

		for (; *word != '\0'; word += strlen(word) + 1) {
			FUZZ_REQUIRE(count < AUTHORIZED_WORDS_MAX);
			words[count++] = word;
			FUZZ_REQUIRE(word + strlen(word) + 1 < first.texts + first.used);
		}
		FUZZ_REQUIRE(count > 0);
		words[count] = NULL;
		FUZZ_REQUIRE(
			authorized_permits(&first, key, &request, INT64_MIN) == PERMIT_ALLOWED);
	}
}

static void check_paths(
	const struct authorized_key *key, const struct authorized_list *list, enum slc_type type)
{
	for (uint32_t i = 0; i < list->count; i++) {
		struct authorized_request request = {.type = type, .path = item(list, i)};

		request.path_size = strlen(request.path);
		FUZZ_REQUIRE(permit_path_ok(request.path, request.path_size));
		FUZZ_REQUIRE(
			authorized_permits(&first, key, &request, INT64_MIN) == PERMIT_ALLOWED);
	}
}

static void check_key(const struct authorized_key *key)
{
	const struct authorized_list *lists[] = {
		&key->commands, &key->read, &key->write, &key->users, &key->forward};
	struct key_public again;
	struct fault fault;

	FUZZ_REQUIRE(key->name[0] != '\0' && strlen(key->name) < AUTHORIZED_NAME_MAX);
	FUZZ_REQUIRE(key_public_read(&again, key->public.spki, key->public.size, &fault) == 0);
	FUZZ_REQUIRE(authorized_find(&first, key->public.spki, key->public.size) == key);
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
		FUZZ_REQUIRE(lists[i]->count <= AUTHORIZED_ITEMS_MAX);
		for (uint32_t k = 0; k < lists[i]->count; k++)
			(void)item(lists[i], k);
	}
	FUZZ_REQUIRE((key->commands.count > 0) == key->verbs[SLC_EXEC]);
	FUZZ_REQUIRE((key->read.count > 0) == key->verbs[SLC_GET]);
	FUZZ_REQUIRE((key->write.count > 0) == key->verbs[SLC_PUT]);
	FUZZ_REQUIRE((key->forward.count > 0) == key->verbs[SLC_FORWARD]);
	check_commands(key);
	check_paths(key, &key->read, SLC_GET);
	check_paths(key, &key->write, SLC_PUT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fault fault = {0}, again = {0};
	int failed = authorized_read(&first, &conf, "keys", data, size, &fault);

	FUZZ_REQUIRE(authorized_read(&second, &conf, "keys", data, size, &again) == failed);
	FUZZ_REQUIRE(first.count == second.count && strcmp(fault.text, again.text) == 0);
	if (failed != 0) {
		FUZZ_REQUIRE(fault.word[0] != '\0' && first.count == 0);
		return 0;
	}
	FUZZ_REQUIRE(first.count >= 1 && first.count <= AUTHORIZED_KEYS_MAX);
	FUZZ_REQUIRE(first.used == second.used && first.used <= AUTHORIZED_TEXT_MAX);
	for (uint32_t i = 0; i < first.count; i++)
		check_key(&first.keys[i]);
	return 0;
}
