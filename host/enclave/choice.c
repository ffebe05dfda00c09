/* choice: which enclave a verb is about; and how verbs print. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "host/enclave/settings.h"
#include "host/enclave/state.h"
#include "host/enclave/verbs.h"

enum code {
	CODE_NAME = 256,
	CODE_ID,
	CODE_ALL,
	CODE_METADATA,
	CODE_DISCONNECT,
	CODE_READY,
	CODE_HEALTHY,
	CODE_GONE,
	CODE_TIMEOUT,
	CODE_FOLLOW,
	CODE_CONSOLE,
	CODE_JSON,
	CODE_HELP
};

/* Options that only some verbs have. */
static bool is_allowed(int code, const char *extras)
{
	static const struct {
		int code;
		char letter;
	} rows[] = {{CODE_ALL, 'a'}, {CODE_METADATA, 'm'}, {CODE_DISCONNECT, 'd'},
		{CODE_READY, 'w'}, {CODE_HEALTHY, 'w'}, {CODE_GONE, 'w'}, {CODE_TIMEOUT, 'w'},
		{CODE_FOLLOW, 'l'}, {CODE_CONSOLE, 'l'}};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].code == code)
			return strchr(extras, rows[i].letter) != NULL;
	return code != '?';
}

static int take(struct choice *choice, const char *verb, int code, struct fault *fault)
{
	uint32_t seconds;

	choice->all = choice->all || code == CODE_ALL;
	choice->metadata = choice->metadata || code == CODE_METADATA;
	choice->json = choice->json || code == CODE_JSON;
	choice->healthy = choice->healthy || code == CODE_HEALTHY;
	choice->gone = choice->gone || code == CODE_GONE;
	choice->follow = choice->follow || code == CODE_FOLLOW;
	choice->console = choice->console || code == CODE_CONSOLE;
	if (code == CODE_NAME)
		choice->name = optarg;
	if (code == CODE_ID)
		choice->id = optarg;
	if (code == CODE_TIMEOUT)
		return settings_number("--timeout", optarg, 1, 86400, &choice->seconds, fault);
	if (code == CODE_DISCONNECT)
		return settings_number(verb, optarg, 1, 86400, &seconds, fault);
	return 0;
}

int choice_read(struct choice *choice, const char *verb, const char *help, const char *extras,
	int count, char **arguments, struct fault *fault)
{
	static const struct option table[] = {
		{"name", required_argument, NULL, CODE_NAME},
		{"enclave-name", required_argument, NULL, CODE_NAME},
		{"id", required_argument, NULL, CODE_ID},
		{"enclave-id", required_argument, NULL, CODE_ID},
		{"all", no_argument, NULL, CODE_ALL},
		{"metadata", no_argument, NULL, CODE_METADATA},
		{"disconnect-timeout", required_argument, NULL, CODE_DISCONNECT},
		{"ready", no_argument, NULL, CODE_READY},
		{"healthy", no_argument, NULL, CODE_HEALTHY},
		{"gone", no_argument, NULL, CODE_GONE},
		{"timeout", required_argument, NULL, CODE_TIMEOUT},
		{"follow", no_argument, NULL, CODE_FOLLOW},
		{"console", no_argument, NULL, CODE_CONSOLE},
		{"json", no_argument, NULL, CODE_JSON},
		{"help", no_argument, NULL, CODE_HELP},
		{0},
	};
	int code;

	memset(choice, 0, sizeof *choice);
	while ((code = getopt_long(count, arguments, "f", table, NULL)) != -1) {
		code = code == 'f' ? CODE_FOLLOW : code;
		if (code == CODE_HELP) {
			fputs(help, stdout);
			return VERB_HELPED;
		}
		if (!is_allowed(code, extras))
			return settings_unknown(verb, arguments, fault);
		if (take(choice, verb, code, fault) < 0)
			return -1;
	}
	if (optind < count && choice->name == NULL && choice->id == NULL)
		choice->name = arguments[optind++];
	if (optind < count)
		return fault_set(fault, "usage", "%s: what is '%.100s'?", verb, arguments[optind]);
	return 0;
}

int choice_find(const struct choice *choice, const char *verb, char folder[PATH_MAX], json_t **json,
	struct fault *fault)
{
	if (choice->name == NULL && choice->id == NULL)
		return fault_set(fault, "usage", "%s: which enclave? give --name or --id", verb);
	return state_find(choice->name, choice->id, folder, json, fault);
}

int print_json(const json_t *json, struct fault *fault)
{
	errno = 0;
	if (json_dumpf(json, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER) < 0 ||
		putchar('\n') == EOF || fflush(stdout) != 0)
		return fault_io(fault, errno == 0 ? EIO : errno, "writing the output failed");
	return 0;
}
