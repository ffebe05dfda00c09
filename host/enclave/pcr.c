/* pcr: the verb that prints PCR values: of a file or a certificate as nitro-cli does, of an image,
 * of an enclave that runs. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "host/enclave/judge.h"
#include "host/enclave/settings.h"
#include "host/enclave/state.h"
#include "host/enclave/verbs.h"
#include "runtime/eif/pcr.h"

static const char help[] =
	"usage: enclave pcr --input FILE | --signing-certificate FILE\n"
	"       enclave pcr --eif FILE | [--name] NAME | --id ID\n"
	"\n"
	"Prints PCR values as JSON.\n"
	"\n"
	"  --input FILE                  a file's SHA-384 extended from zero, as nitro-cli\n"
	"  --signing-certificate FILE    PCR8 of images signed with it, as nitro-cli\n"
	"  --eif, --eif-path FILE        those of an image, which is checked\n"
	"  --name, --enclave-name NAME   those of the image that an enclave was started from\n"
	"  --id, --enclave-id ID         the same\n"
	"  --json                        accepted; the output is always JSON\n";

enum code {
	CODE_INPUT = 256,
	CODE_CERTIFICATE,
	CODE_IMAGE,
	CODE_NAME,
	CODE_ID,
	CODE_JSON,
	CODE_HELP
};

struct subject {
	int code; /* 0: none yet */
	const char *text;
};

static int print_value(const char *key, const uint8_t pcr[MEASURE_SIZE], struct fault *fault)
{
	char text[MEASURE_HEX_SIZE];
	json_t *json;
	int status;

	measure_hex(pcr, text);
	json = json_pack("{s:s}", key, text);
	status = print_json(json, fault);
	json_decref(json);
	return status;
}

static int print_measurements(json_t *measurements, struct fault *fault)
{
	json_t *json = json_pack("{s:O}", "Measurements", measurements);
	int status = print_json(json, fault);

	json_decref(json);
	return status;
}

static int show_image(const char *path, struct fault *fault)
{
	struct judged judged;
	int status = judge_open(&judged, path, fault);

	if (status == 0)
		status = print_measurements(judged.measurements, fault);
	judge_close(&judged);
	return status;
}

static int show_running(const char *name, const char *id, struct fault *fault)
{
	char folder[PATH_MAX];
	const char *flags;
	json_t *json;
	int status;

	if (state_find(name, id, folder, &json, fault) < 0)
		return -1;
	flags = json_string_value(json_object_get(json, "Flags"));
	if (flags != NULL && strcmp(flags, "DEBUG_MODE") == 0)
		fputs("enclave: it runs in debug mode: its documents say zeros instead\n", stderr);
	status = print_measurements(json_object_get(json, "Measurements"), fault);
	json_decref(json);
	return status;
}

static int show(const struct subject *subject, struct fault *fault)
{
	uint8_t pcr[MEASURE_SIZE];

	switch (subject->code) {
	case CODE_INPUT:
		return pcr_of_file(subject->text, pcr, fault) < 0 ? -1
								  : print_value("PCR", pcr, fault);
	case CODE_CERTIFICATE:
		return pcr_of_certificate(subject->text, pcr, fault) < 0
			       ? -1
			       : print_value("PCR8", pcr, fault);
	case CODE_IMAGE:
		return show_image(subject->text, fault);
	case CODE_NAME:
		return show_running(subject->text, NULL, fault);
	default:
		return show_running(NULL, subject->text, fault);
	}
}

static int take(struct subject *subject, int code, const char *text, struct fault *fault)
{
	if (subject->code != 0)
		return fault_set(fault, "usage",
			"pcr: of one thing at a time: --input, --signing-certificate, --eif, "
			"--name or --id");
	*subject = (struct subject){code, text};
	return 0;
}

int verb_pcr(int count, char **arguments, struct fault *fault)
{
	static const struct option table[] = {
		{"input", required_argument, NULL, CODE_INPUT},
		{"signing-certificate", required_argument, NULL, CODE_CERTIFICATE},
		{"eif", required_argument, NULL, CODE_IMAGE},
		{"eif-path", required_argument, NULL, CODE_IMAGE},
		{"name", required_argument, NULL, CODE_NAME},
		{"enclave-name", required_argument, NULL, CODE_NAME},
		{"id", required_argument, NULL, CODE_ID},
		{"enclave-id", required_argument, NULL, CODE_ID},
		{"json", no_argument, NULL, CODE_JSON},
		{"help", no_argument, NULL, CODE_HELP},
		{0},
	};
	struct subject subject = {0};
	int code;

	while ((code = getopt_long(count, arguments, "", table, NULL)) != -1) {
		if (code == CODE_HELP) {
			fputs(help, stdout);
			return VERB_HELPED;
		}
		if (code == '?')
			return settings_unknown("pcr", arguments, fault);
		if (code != CODE_JSON && take(&subject, code, optarg, fault) < 0)
			return -1;
	}
	for (; optind < count; optind++)
		if (take(&subject, CODE_NAME, arguments[optind], fault) < 0)
			return -1;
	if (subject.code == 0)
		return fault_set(fault, "usage",
			"pcr: of what? give --input FILE, --signing-certificate FILE, --eif FILE "
			"or an enclave's name");
	return show(&subject, fault);
}
