/* settings: see settings.h. */
#include "host/enclave/settings.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/enclave/backend.h"
#include "host/enclave/config.h"
#include "host/enclave/personality.h"

#define BOOT_SECONDS  60u
#define READY_SECONDS 60u
#define STOP_SECONDS  30u
#define PROBE_SECONDS 10u
#define SECONDS_MAX   86400u

static const char help[] =
	"usage: enclave run --eif FILE [OPTION...]\n"
	"\n"
	"Starts an enclave and returns when it was heard. Prints what nitro-cli prints.\n"
	"\n"
	"  --eif, --eif-path FILE        the image\n"
	"  --backend sandbox|qemu|nitro|auto   by default auto, the best that works\n"
	"  --cid, --enclave-cid N        its CID, from 4 on; 0: a free one\n"
	"  --name, --enclave-name NAME   by default the image's, without .eif\n"
	"  --memory MIB                  its memory; as advised by `size`; suffixes M, G, T\n"
	"  --cpus, --cpu-count N         2; noted, not enforced by a sandbox\n"
	"  --cpu-ids N...                which; only nitro takes them from its pool\n"
	"  --config FILE                 these as JSON, as nitro-cli's\n"
	"  --wait-ready                  return when its units are up\n"
	"  --debug-mode                  its console can be read; its measurements are zeros\n"
	"  --attach-console              read it at once; implies --debug-mode\n"
	"  --boot-timeout SECONDS        until it is heard; 60\n"
	"  --ready-timeout SECONDS       until it is ready; 60\n"
	"  --stop-timeout SECONDS        to shut down; 30\n"
	"  --health-interval SECONDS     between questions how it is; 10\n"
	"  --accel kvm | tcg             how QEMU runs it; kvm where that works\n"
	"  --nsmsim, --qemu, --vsockd PATH   other programs than those that are found\n"
	"  --json                        accepted; the output is always JSON\n";

enum code {
	CODE_IMAGE = 256,
	CODE_BACKEND,
	CODE_CID,
	CODE_NAME,
	CODE_MEMORY,
	CODE_CPUS,
	CODE_CPU_IDS,
	CODE_CONFIG,
	CODE_WAIT,
	CODE_DEBUG,
	CODE_ATTACH,
	CODE_BOOT,
	CODE_READY,
	CODE_STOP,
	CODE_HEALTH,
	CODE_NSMSIM,
	CODE_QEMU,
	CODE_ACCEL,
	CODE_VSOCKD,
	CODE_JSON,
	CODE_HELP
};

int settings_number(const char *option, const char *text, uint32_t least, uint32_t most,
	uint32_t *number, struct fault *fault)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (!isdigit((unsigned char)*text) || *end != '\0' || errno != 0 || value < least ||
		value > most)
		return fault_set(fault, "usage", "%s wants a number from %u to %u, not '%.100s'",
			option, least, most, text);
	*number = (uint32_t)value;
	return 0;
}

int settings_unknown(const char *verb, char **arguments, struct fault *fault)
{
	return fault_set(fault, "usage", "%s: unknown option, or its value is missing: %.200s",
		verb, arguments[optind - 1]);
}

int settings_name(const char *text, char name[SETTINGS_NAME_MAX + 1u], struct fault *fault)
{
	static const char good[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	size_t size = strlen(text);

	if (size < 1 || size > SETTINGS_NAME_MAX || strspn(text, good) != size ||
		!isalnum((unsigned char)*text))
		return fault_set(fault, "usage",
			"an enclave's name has 1 to %u letters, digits, '.', '_' and '-', and "
			"begins with a letter or digit, not so '%.100s'",
			SETTINGS_NAME_MAX, text);
	memcpy(name, text, size + 1);
	return 0;
}

/* The image's last part without .eif, with what can't be in a name replaced. */
static void name_by_image(struct settings *settings)
{
	const char *slash = strrchr(settings->image, '/');
	const char *leaf = slash == NULL ? settings->image : slash + 1;
	size_t size = strlen(leaf);

	if (size > 4 && strcmp(leaf + size - 4, ".eif") == 0)
		size -= 4;
	size = size < SETTINGS_NAME_MAX - 8u ? size : SETTINGS_NAME_MAX - 8u;
	memcpy(settings->name, leaf, size);
	for (size_t i = 0; i < size; i++) {
		bool good = isalnum((unsigned char)leaf[i]) ||
			    (i > 0 && strchr("._-", leaf[i]) != NULL);

		if (!good)
			settings->name[i] = 'x';
	}
	settings->name[size] = '\0';
}

/* As nitro-cli: a number and perhaps M, G or T; MiB without. */
static int take_memory(struct settings *settings, const char *text, struct fault *fault)
{
	static const char suffixes[] = "MGT";
	char digits[16] = {0};
	size_t size = strlen(text);
	const char *suffix = size > 0 ? strchr(suffixes, text[size - 1]) : NULL;
	uint32_t factor = 1;

	if (size > sizeof digits)
		return fault_set(fault, "usage", "--memory: too many digits");
	memcpy(digits, text, size - (suffix != NULL));
	for (; suffix != NULL && suffix > suffixes; suffix--)
		factor *= 1024;
	if (settings_number("--memory", digits, 1, SETTINGS_MEMORY_MAX / factor, &settings->memory,
		    fault) < 0)
		return -1;
	settings->memory *= factor;
	return 0;
}

static int take_backend(struct settings *settings, const char *text, struct fault *fault)
{
	settings->backend = backend_find(text);
	if (settings->backend != NULL)
		return 0;
	return fault_set(fault, "usage",
		"there is no backend '%.100s' here; there are: sandbox, qemu, nitro, auto", text);
}

int settings_cid(uint32_t cid, struct fault *fault)
{
	if (cid != 0 && cid < SETTINGS_CID_MIN)
		return fault_set(fault, "usage",
			"the CIDs 1 to 3 are taken by others: give one "
			"from 4 on, or 0 for a free one");
	return 0;
}

static int take_accel(struct settings *settings, const char *text, struct fault *fault)
{
	settings->accel = text;
	if (strcmp(text, "kvm") == 0 || strcmp(text, "tcg") == 0)
		return 0;
	return fault_set(fault, "usage", "--accel wants kvm or tcg, not '%.100s'", text);
}

static int take_cid(struct settings *settings, const char *text, struct fault *fault)
{
	if (settings_number("--cid", text, 0, UINT32_MAX - 1u, &settings->cid, fault) < 0)
		return -1;
	return settings_cid(settings->cid, fault);
}

int settings_conflict(struct fault *fault, const char *format, ...)
{
	char text[FAULT_TEXT_MAX];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	return fault_set(fault, personality_is_on() ? "conflict" : "usage", "%s", text);
}

/* The numbers behind the option, as many as there are. */
static int take_cpu_ids(struct settings *settings, char **arguments, struct fault *fault)
{
	const char *text = optarg;

	do {
		if (settings->cpu_id_count == SETTINGS_CPU_IDS_MAX)
			return fault_set(
				fault, "usage", "--cpu-ids: more than %u", SETTINGS_CPU_IDS_MAX);
		if (settings_number("--cpu-ids", text, 0, SETTINGS_CPU_MAX,
			    &settings->cpu_ids[settings->cpu_id_count], fault) < 0)
			return -1;
		settings->cpus = ++settings->cpu_id_count;
		text = arguments[optind];
	} while (text != NULL && isdigit((unsigned char)*text) && optind++ > 0);
	return 0;
}

/* Notes what was said; the count of CPUs and their list exclude each other. */
static int note(struct settings *settings, int code, struct fault *fault)
{
	static const struct {
		int code;
		uint32_t given;
	} rows[] = {{CODE_IMAGE, SETTINGS_GAVE_IMAGE}, {CODE_NAME, SETTINGS_GAVE_NAME},
		{CODE_CID, SETTINGS_GAVE_CID}, {CODE_MEMORY, SETTINGS_GAVE_MEMORY},
		{CODE_CPUS, SETTINGS_GAVE_CPUS}, {CODE_CPU_IDS, SETTINGS_GAVE_CPUS}};

	if ((code == CODE_CPUS || code == CODE_CPU_IDS) &&
		(settings->given & SETTINGS_GAVE_CPUS) != 0)
		return settings_conflict(fault, "run: give either --cpu-count or --cpu-ids, once");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].code == code)
			settings->given |= rows[i].given;
	return 0;
}

static int take_seconds(
	const char *option, const char *text, uint32_t *seconds, struct fault *fault)
{
	return settings_number(option, text, 1, SECONDS_MAX, seconds, fault);
}

static int take(struct settings *settings, int code, char **arguments, struct fault *fault)
{
	switch (code) {
	case CODE_IMAGE:
		settings->image = optarg;
		return 0;
	case CODE_BACKEND:
		return take_backend(settings, optarg, fault);
	case CODE_CID:
		return take_cid(settings, optarg, fault);
	case CODE_NAME:
		settings->is_named = true;
		return settings_name(optarg, settings->name, fault);
	case CODE_MEMORY:
		return take_memory(settings, optarg, fault);
	case CODE_CPUS:
		return settings_number(
			"--cpu-count", optarg, 1, SETTINGS_CPUS_MAX, &settings->cpus, fault);
	case CODE_CPU_IDS:
		return take_cpu_ids(settings, arguments, fault);
	case CODE_CONFIG:
		settings->config = optarg;
		return 0;
	case CODE_WAIT:
		settings->wait_ready = true;
		return 0;
	case CODE_ATTACH:
		settings->attach = true;
		settings->debug = true;
		return 0;
	case CODE_DEBUG:
		settings->debug = true;
		return 0;
	case CODE_BOOT:
		return take_seconds("--boot-timeout", optarg, &settings->boot_seconds, fault);
	case CODE_READY:
		return take_seconds("--ready-timeout", optarg, &settings->ready_seconds, fault);
	case CODE_STOP:
		return take_seconds("--stop-timeout", optarg, &settings->stop_seconds, fault);
	case CODE_HEALTH:
		return take_seconds("--health-interval", optarg, &settings->health_seconds, fault);
	case CODE_NSMSIM:
		settings->nsmsim = optarg;
		return 0;
	case CODE_ACCEL:
		return take_accel(settings, optarg, fault);
	case CODE_QEMU:
		settings->qemu = optarg;
		return 0;
	case CODE_VSOCKD:
		settings->vsockd = optarg;
		return 0;
	case CODE_JSON:
		return 0;
	default:
		return settings_unknown("run", arguments, fault);
	}
}

/* What the file says, and what neither has. */
static int complete(struct settings *settings, struct fault *fault)
{
	const uint32_t demanded = SETTINGS_GAVE_IMAGE | SETTINGS_GAVE_MEMORY | SETTINGS_GAVE_CPUS;

	if (settings->config != NULL && config_read(settings, settings->config, fault) < 0)
		return -1;
	if (personality_is_on() && (settings->given & demanded) != demanded)
		return fault_set(fault, "missing",
			"run-enclave: give --eif-path, --memory, and --cpu-count or --cpu-ids");
	if (settings->image == NULL)
		return fault_set(fault, "usage", "run: which image? give --eif FILE");
	if (!settings->is_named)
		name_by_image(settings);
	return SETTINGS_RUN;
}

int settings_read(struct settings *settings, int count, char **arguments, struct fault *fault)
{
	static const struct option table[] = {
		{"eif", required_argument, NULL, CODE_IMAGE},
		{"eif-path", required_argument, NULL, CODE_IMAGE},
		{"backend", required_argument, NULL, CODE_BACKEND},
		{"cid", required_argument, NULL, CODE_CID},
		{"enclave-cid", required_argument, NULL, CODE_CID},
		{"name", required_argument, NULL, CODE_NAME},
		{"enclave-name", required_argument, NULL, CODE_NAME},
		{"memory", required_argument, NULL, CODE_MEMORY},
		{"cpus", required_argument, NULL, CODE_CPUS},
		{"cpu-count", required_argument, NULL, CODE_CPUS},
		{"cpu-ids", required_argument, NULL, CODE_CPU_IDS},
		{"config", required_argument, NULL, CODE_CONFIG},
		{"wait-ready", no_argument, NULL, CODE_WAIT},
		{"debug-mode", no_argument, NULL, CODE_DEBUG},
		{"attach-console", no_argument, NULL, CODE_ATTACH},
		{"boot-timeout", required_argument, NULL, CODE_BOOT},
		{"ready-timeout", required_argument, NULL, CODE_READY},
		{"stop-timeout", required_argument, NULL, CODE_STOP},
		{"health-interval", required_argument, NULL, CODE_HEALTH},
		{"nsmsim", required_argument, NULL, CODE_NSMSIM},
		{"qemu", required_argument, NULL, CODE_QEMU},
		{"accel", required_argument, NULL, CODE_ACCEL},
		{"vsockd", required_argument, NULL, CODE_VSOCKD},
		{"json", no_argument, NULL, CODE_JSON},
		{"help", no_argument, NULL, CODE_HELP},
		{0},
	};
	int code;

	memset(settings, 0, sizeof *settings);
	settings->backend = backend_default();
	settings->cpus = 2;
	settings->boot_seconds = BOOT_SECONDS;
	settings->ready_seconds = READY_SECONDS;
	settings->stop_seconds = STOP_SECONDS;
	settings->health_seconds = PROBE_SECONDS;
	while ((code = getopt_long(count, arguments, "", table, NULL)) != -1) {
		if (code == CODE_HELP) {
			fputs(help, stdout);
			return SETTINGS_DONE;
		}
		if (note(settings, code, fault) < 0 || take(settings, code, arguments, fault) < 0)
			return -1;
	}
	if (optind != count)
		return fault_set(fault, "usage", "run: what is '%.100s'?", arguments[optind]);
	return complete(settings, fault);
}
