/* settings: see settings.h. */
#include "host/nsmsim/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum which { SOCKET = 1, EIF, DEBUG_MODE, MODULE_ID, ROOT_DIR, READY_FD, JSON, HELP, VERSION };

static const struct option options[] = {
	{"socket", required_argument, NULL, SOCKET},
	{"eif", required_argument, NULL, EIF},
	{"debug-mode", no_argument, NULL, DEBUG_MODE},
	{"module-id", required_argument, NULL, MODULE_ID},
	{"root-dir", required_argument, NULL, ROOT_DIR},
	{"ready-fd", required_argument, NULL, READY_FD},
	{"json", no_argument, NULL, JSON},
	{"help", no_argument, NULL, HELP},
	{"version", no_argument, NULL, VERSION},
	{NULL, 0, NULL, 0},
};

static void print_help(void)
{
	puts("usage: nsmsim --socket PATH --eif FILE [OPTION...]\n"
	     "       nsmsim root [--root-dir DIR]\n"
	     "\n"
	     "Simulates the Nitro Secure Module of one enclave: measures the image, keeps the\n"
	     "registers, and signs documents under a development root that it makes at first\n"
	     "use. Verifiers refuse that root unless it is named: `nsmsim root` prints the\n"
	     "path of its certificate, for `attest verify --root`.\n"
	     "\n"
	     "  --socket PATH    listen here: SOCK_SEQPACKET, a request a packet\n"
	     "  --eif FILE       the image that registers 0, 1, 2 and 8 are of\n"
	     "  --debug-mode     registers 0 to 15 are zero, as in an enclave in debug mode\n"
	     "  --module-id ID   what documents call the module, up to 64 of A-Z a-z 0-9 - _ .\n"
	     "  --root-dir DIR   where the development root is kept; by default\n"
	     "                   $XDG_STATE_HOME/cloister/nsmsim, or ~/.local/state/...\n"
	     "  --ready-fd N     write a line to this descriptor when we listen, and close it\n"
	     "  --json           log as JSON, also on a terminal\n"
	     "  --help, --version\n"
	     "\n"
	     "Its log, on standard error, says \"listening\" when it serves; SIGTERM and SIGINT\n"
	     "end it. Exit codes: 0 done, 2 wrong usage, 65 malformed image, 66 no image,\n"
	     "70 internal, 71 no memory, 73 can't listen or keep the root, 76 a check of the\n"
	     "image is false.");
}

static int take_module_id(struct settings *settings, const char *text, struct fault *fault)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789-_.";
	size_t size = strlen(text);

	if (size < 1 || size > SETTINGS_MODULE_MAX || strspn(text, allowed) != size)
		return fault_set(fault, "usage",
			"--module-id takes 1 to %u letters, digits and - _ .", SETTINGS_MODULE_MAX);
	(void)memcpy(settings->module_id, text, size + 1);
	return 0;
}

/* In the form of hardware's: an instance and an enclave of it. */
static void make_module_id(struct settings *settings)
{
	uint64_t number = 0;

	(void)!getrandom(&number, sizeof number, 0);
	(void)snprintf(settings->module_id, sizeof settings->module_id,
		"i-00000000000000000-enc%016" PRIx64, number);
}

static int take_ready(struct settings *settings, const char *text, struct fault *fault)
{
	char *end;
	long number;

	errno = 0;
	number = strtol(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || number < 0 || number > INT_MAX ||
		fcntl((int)number, F_SETFD, FD_CLOEXEC) != 0)
		return fault_set(
			fault, "usage", "--ready-fd takes the number of an open descriptor");
	settings->ready = (int)number;
	return 0;
}

static int take(struct settings *settings, int option, struct fault *fault)
{
	switch (option) {
	case SOCKET:
		settings->socket = optarg;
		return 0;
	case EIF:
		settings->image = optarg;
		return 0;
	case DEBUG_MODE:
		settings->is_debug = true;
		return 0;
	case MODULE_ID:
		return take_module_id(settings, optarg, fault);
	case ROOT_DIR:
		settings->folder = optarg;
		return 0;
	case READY_FD:
		return take_ready(settings, optarg, fault);
	case JSON:
		settings->is_json = true;
		return 0;
	default:
		return fault_set(fault, "usage", "an option is unknown, or lacks its value");
	}
}

static enum settings_result judge(
	struct settings *settings, int count, char **arguments, struct fault *fault)
{
	if (optind + 1 == count && strcmp(arguments[optind], "root") == 0) {
		settings->wants_root = true;
		return SETTINGS_RUN;
	}
	if (optind < count)
		(void)fault_set(fault, "usage", "'%s' is no option", arguments[optind]);
	else if (settings->socket == NULL || settings->image == NULL)
		(void)fault_set(fault, "usage", "--socket and --eif are needed");
	else
		return SETTINGS_RUN;
	return SETTINGS_FAILED;
}

enum settings_result settings_read(
	struct settings *settings, int count, char **arguments, struct fault *fault)
{
	int option;

	*settings = (struct settings){.ready = -1};
	make_module_id(settings);
	opterr = 0;
	while ((option = getopt_long(count, arguments, "", options, NULL)) != -1) {
		if (option == HELP) {
			print_help();
			return SETTINGS_DONE;
		}
		if (option == VERSION) {
			puts("nsmsim " CLOISTER_VERSION);
			return SETTINGS_DONE;
		}
		if (take(settings, option, fault) != 0)
			return SETTINGS_FAILED;
	}
	return judge(settings, count, arguments, fault);
}
