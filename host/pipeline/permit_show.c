/* permit_show: see permit_show.h. */
#include "host/pipeline/permit_show.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "host/pipeline/output.h"

/* The lists of a key. */
static const struct row {
	const char *name;
	size_t place;
	bool are_commands; /* words, each with a NUL */
} rows[] = {
	{"commands", offsetof(struct authorized_key, commands), true},
	{"read", offsetof(struct authorized_key, read), false},
	{"write", offsetof(struct authorized_key, write), false},
	{"users", offsetof(struct authorized_key, users), false},
	{"forward", offsetof(struct authorized_key, forward), false},
	{"listen", offsetof(struct authorized_key, listen), false},
};
#define ROWS (sizeof rows / sizeof rows[0])

static const struct authorized_list *list_of(
	const struct authorized_key *key, const struct row *row)
{
	return (const struct authorized_list *)((const char *)key + row->place);
}

/* --- JSON ------------------------------------------------------------------------------------- */

static json_t *json_of_item(const char *text, bool is_command)
{
	json_t *words;

	if (!is_command)
		return output_text(text);
	words = json_array();
	for (; *text != '\0'; text += strlen(text) + 1)
		(void)json_array_append_new(words, output_text(text));
	return words;
}

static json_t *json_of_key(const struct authorized *authorized, const struct authorized_key *key)
{
	char fingerprint[KEY_FINGERPRINT_MAX];
	json_t *value, *verbs = json_array();

	key_fingerprint(&key->public, fingerprint);
	for (unsigned type = 1; type < PERMIT_VERBS; type++)
		if (key->verbs[type])
			(void)json_array_append_new(
				verbs, json_string(authorized_verb((enum slc_type)type)));
	value = json_pack("{s:s, s:s, s:s, s:o, s:o}", "name", key->name, "type",
		key_type_word(key->public.type), "fingerprint", fingerprint, "expires",
		key->has_expiry ? json_integer(key->expires) : json_null(), "verbs", verbs);
	for (size_t i = 0; i < ROWS; i++) {
		const struct authorized_list *list = list_of(key, &rows[i]);
		json_t *items = json_array();

		for (uint32_t k = 0; k < list->count; k++)
			(void)json_array_append_new(
				items, json_of_item(authorized->texts + list->items[k],
					       rows[i].are_commands));
		(void)json_object_set_new(value, rows[i].name, items);
	}
	return value;
}

/* --- People ----------------------------------------------------------------------------------- */

static void print_item(const char *text, bool is_command)
{
	for (;;) {
		const char *quote = strpbrk(text, " \t") != NULL ? "'" : "";

		printf(" %s", quote);
		print_escaped(stdout, text);
		fputs(quote, stdout);
		text += strlen(text) + 1;
		if (!is_command || *text == '\0')
			return;
	}
}

static void print_expiry(int64_t expires)
{
	time_t seconds = (time_t)expires;
	struct tm parts;
	char text[32] = "";

	if (gmtime_r(&seconds, &parts) != NULL)
		(void)strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
	printf("  %-9s %s\n", "expires", text);
}

static void print_key(const struct authorized *authorized, const struct authorized_key *key)
{
	char fingerprint[KEY_FINGERPRINT_MAX];

	key_fingerprint(&key->public, fingerprint);
	printf("%s\n  %-9s %s %s\n  %-9s", key->name, "key", key_type_word(key->public.type),
		fingerprint, "verbs");
	for (unsigned type = 1; type < PERMIT_VERBS; type++)
		if (key->verbs[type])
			printf(" %s", authorized_verb((enum slc_type)type));
	putchar('\n');
	for (size_t i = 0; i < ROWS; i++) {
		const struct authorized_list *list = list_of(key, &rows[i]);

		for (uint32_t k = 0; k < list->count; k++) {
			printf("  %-9s", k == 0 ? rows[i].name : "");
			print_item(authorized->texts + list->items[k], rows[i].are_commands);
			putchar('\n');
		}
	}
	if (key->has_expiry)
		print_expiry(key->expires);
}

/* --- Both ------------------------------------------------------------------------------------- */

int permit_show_file(
	const struct authorized *authorized, const struct options *options, struct fault *fault)
{
	json_t *keys;

	if (options->json) {
		keys = json_array();
		for (uint32_t i = 0; i < authorized->count; i++)
			(void)json_array_append_new(
				keys, json_of_key(authorized, &authorized->keys[i]));
		return output_json(keys, fault);
	}
	for (uint32_t i = 0; !options->quiet && i < authorized->count; i++)
		print_key(authorized, &authorized->keys[i]);
	return output_finish(fault);
}

int permit_show_answer(enum permit permit, const struct authorized_key *key,
	const struct options *options, struct fault *fault)
{
	if (options->json)
		return output_json(json_pack("{s:b, s:s, s:o}", "allowed", permit == PERMIT_ALLOWED,
					   "reason", permit_word(permit), "key",
					   key != NULL ? json_string(key->name) : json_null()),
			fault);
	if (permit == PERMIT_ALLOWED && !options->quiet)
		puts("allowed");
	return output_finish(fault);
}
