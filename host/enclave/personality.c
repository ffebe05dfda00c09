/* personality: see personality.h. */
#include "host/enclave/personality.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "host/enclave/nitro_error.h"
#include "host/enclave/verbs.h"
#include "runtime/eif/description.h"

#define LINK "https://docs.aws.amazon.com/enclaves/latest/user/cli-errors.html"

static bool is_on;

static const char help[] =
	"usage: nitro-cli VERB [OPTION...]\n"
	"\n"
	"  run-enclave          --eif-path FILE --memory MIB --cpu-count N | --cpu-ids N...\n"
	"                       [--enclave-cid N] [--enclave-name NAME] [--debug-mode]\n"
	"                       [--attach-console] | --config FILE\n"
	"  describe-enclaves    [--metadata]\n"
	"  terminate-enclave    --enclave-id ID | --enclave-name NAME | --all\n"
	"  console              --enclave-id ID | --enclave-name NAME\n"
	"                       [--disconnect-timeout SECONDS]\n"
	"  describe-eif         --eif-path FILE\n"
	"  pcr                  --input FILE | --signing-certificate FILE\n"
	"  explain              --error-code Enn\n"
	"\n"
	"This is Cloister's enclave under another name: enclaves run where CLOISTER_BACKEND\n"
	"says (sandbox, qemu, nitro), by default on Nitro where that can be, else with QEMU,\n"
	"else in a sandbox. `enclave` does the same and more; `eif build` makes images.\n";

bool personality_wanted(const char *name)
{
	const char *slash = strrchr(name, '/');

	return strcmp(slash == NULL ? name : slash + 1, "nitro-cli") == 0;
}

bool personality_is_on(void)
{
	return is_on;
}

/* --- Verbs that are only its ------------------------------------------------------------------ */

/* One option with a value, which has to be there. */
static int read_one(const char *verb, const char *option, int count, char **arguments,
	const char **value, struct fault *fault)
{
	const struct option table[] = {
		{option, required_argument, NULL, 'o'}, {"help", no_argument, NULL, 'h'}, {0}};
	int code;

	while ((code = getopt_long(count, arguments, "", table, NULL)) != -1) {
		if (code == 'h') {
			fputs(help, stdout);
			return VERB_HELPED;
		}
		if (code != 'o')
			return fault_set(fault, "usage",
				"%s: unknown option, or its value is missing: %.200s", verb,
				arguments[optind - 1]);
		*value = optarg;
	}
	if (optind < count)
		return fault_set(fault, "usage", "%s: what is '%.100s'?", verb, arguments[optind]);
	if (*value == NULL)
		return fault_set(fault, "missing", "%s: --%s is missing", verb, option);
	return 0;
}

/* A false check is a value in the output, and no failure. */
static int describe_eif(int count, char **arguments, struct fault *fault)
{
	const char *path = NULL;
	int status = read_one("describe-eif", "eif-path", count, arguments, &path, fault);

	if (status == 0)
		status = describe_image(path, false, fault);
	if (status < 0 &&
		(strcmp(fault->word, "crc") == 0 || strcmp(fault->word, "signature") == 0))
		return 0;
	return status;
}

static int explain(int count, char **arguments, struct fault *fault)
{
	const char *code = NULL, *line;
	char text[16];
	size_t size;
	int status = read_one("explain", "error-code", count, arguments, &code, fault), number;

	if (status != 0)
		return status;
	(void)snprintf(text, sizeof text, "[ %.8s ]", code);
	number = nitro_error_find(text, &line, &size);
	if (number < 0)
		return fault_set(fault, "usage",
			"explain: there is no error '%.100s': give E00 to E%u", code,
			NITRO_ERRORS - 1);
	printf("E%02d: %s", number, nitro_errors[number].text);
	if (nitro_errors[number].mend != NULL)
		printf(": %s", nitro_errors[number].mend);
	putchar('\n');
	return 0;
}

/* --- All of them ------------------------------------------------------------------------------ */

static int fail(const struct fault *fault)
{
	unsigned number = nitro_error_of(fault);

	fprintf(stderr, "[ E%02u ] ", number);
	print_escaped(stderr, fault->text);
	fprintf(stderr, "\n\nFor more: nitro-cli explain --error-code E%02u, or " LINK "#E%02u\n",
		number, number);
	return number == 0 ? 1 : (int)number; /* a failure never ends with 0 */
}

int personality_run(int count, char **arguments)
{
	static const struct {
		const char *name;
		int (*run)(int count, char **arguments, struct fault *fault);
	} verbs[] = {{"run-enclave", verb_run}, {"describe-enclaves", verb_describe},
		{"terminate-enclave", verb_terminate}, {"console", verb_console},
		{"describe-eif", describe_eif}, {"pcr", verb_pcr}, {"explain", explain}};
	struct fault fault = {0};

	is_on = true;
	if (count >= 2 &&
		(strcmp(arguments[1], "--help") == 0 || strcmp(arguments[1], "-h") == 0)) {
		fputs(help, stdout);
		return 0;
	}
	if (count >= 2 &&
		(strcmp(arguments[1], "--version") == 0 || strcmp(arguments[1], "-V") == 0)) {
		puts("Nitro CLI of Cloister " CLOISTER_VERSION);
		return 0;
	}
	for (size_t i = 0; count >= 2 && i < sizeof verbs / sizeof *verbs; i++)
		if (strcmp(arguments[1], verbs[i].name) == 0)
			return verbs[i].run(count - 1, arguments + 1, &fault) >= 0 ? 0
										   : fail(&fault);
	(void)fault_set(&fault, "command", "there is no verb '%.100s'; nitro-cli --help lists them",
		count >= 2 ? arguments[1] : "");
	return fail(&fault);
}
