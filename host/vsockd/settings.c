/* settings: see settings.h. */
#include "host/vsockd/settings.h"

#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum which { SOCKET = 1, CID, DIR, CONNECTIONS, BUFFER, READY_FD, LOG_OPTION, JSON, HELP, VERSION };

static const struct option options[] = {
	{"socket", required_argument, NULL, SOCKET},
	{"cid", required_argument, NULL, CID},
	{"dir", required_argument, NULL, DIR},
	{"connections", required_argument, NULL, CONNECTIONS},
	{"buffer", required_argument, NULL, BUFFER},
	{"ready-fd", required_argument, NULL, READY_FD},
	{"log", required_argument, NULL, LOG_OPTION},
	{"json", no_argument, NULL, JSON},
	{"help", no_argument, NULL, HELP},
	{"version", no_argument, NULL, VERSION},
	{NULL, 0, NULL, 0},
};

static void print_help(void)
{
	puts("usage: vsockd --socket PATH --cid CID --dir DIR [OPTION...]\n"
	     "\n"
	     "Carries the vsock of one virtual machine to Unix sockets: a vhost-user backend\n"
	     "that needs no root and no kernel module.\n"
	     "\n"
	     "  --socket PATH      listen here for QEMU: -chardev socket,id=c,path=PATH\n"
	     "  --cid CID          the guest's, 4 to 4294967294\n"
	     "  --dir DIR          guest to host: port P of CID 0 to 3 is the socket DIR/CID/P;\n"
	     "                     host to guest: connect to DIR/CID/vsock, of the guest's CID,\n"
	     "                     say \"CONNECT P\\n\" and read \"OK N\\n\". Guests that\n"
	     "                     share DIR reach each other by their CIDs\n"
	     "  --connections N    open at a time, each way: 1 to 30000; 4096 if not given\n"
	     "  --buffer BYTES     that may wait for the host, of each connection: 4096 to\n"
	     "                     16777216; 262144 if not given\n"
	     "  --ready-fd N       write a line to this descriptor when we listen, and close it\n"
	     "  --log LEVEL        error, warning, info (if not given) or debug\n"
	     "  --json             log as JSON, also on a terminal\n"
	     "  --help, --version\n"
	     "\n"
	     "Its log, on standard error, says \"listening\" when it serves. It ends when QEMU\n"
	     "does, or by SIGTERM or SIGINT. Exit codes: 0 done, 2 wrong usage, 65 the\n"
	     "front-end broke the protocol, 70 internal, 71 out of memory or descriptors,\n"
	     "73 can't listen, 74 the guest's memory is gone.");
}

/* Decimal digits alone, at most 4294967295. */
static int take_number(uint32_t *number, const char *text, uint32_t first, uint32_t last,
	const char *option, struct fault *fault)
{
	uint64_t value = 0;
	size_t size = strlen(text);

	if (size >= 1 && size <= 10 && strspn(text, "0123456789") == size)
		value = strtoull(text, NULL, 10);
	else
		value = UINT64_MAX;
	if (value < first || value > last)
		return fault_set(fault, "usage", "--%s takes a number from %" PRIu32 " to %" PRIu32,
			option, first, last);
	*number = (uint32_t)value;
	return 0;
}

static int take_level(struct settings *settings, const char *text, struct fault *fault)
{
	static const char *const names[] = {[LOG_ERROR] = "error",
		[LOG_WARNING] = "warning",
		[LOG_INFO] = "info",
		[LOG_DEBUG] = "debug"};

	for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(names[i], text) == 0) {
			settings->level = (enum log_level)i;
			return 0;
		}
	return fault_set(fault, "usage", "--log takes error, warning, info or debug");
}

static int take_ready(struct settings *settings, const char *text, struct fault *fault)
{
	uint32_t number = 0;

	if (take_number(&number, text, 0, INT_MAX, "ready-fd", fault) != 0)
		return -1;
	if (fcntl((int)number, F_SETFD, FD_CLOEXEC) != 0)
		return fault_set(fault, "usage", "--ready-fd: descriptor %s is not open", text);
	settings->ready = (int)number;
	return 0;
}

static int take(struct settings *settings, int option, struct fault *fault)
{
	switch (option) {
	case SOCKET:
		settings->socket = optarg;
		return 0;
	case CID:
		return take_number(&settings->cid, optarg, SETTINGS_CID_FIRST, SETTINGS_CID_LAST,
			"cid", fault);
	case DIR:
		settings->folder = optarg;
		return 0;
	case CONNECTIONS:
		return take_number(&settings->connections, optarg, 1, SETTINGS_CONNECTIONS_LAST,
			"connections", fault);
	case BUFFER:
		return take_number(&settings->buffer, optarg, SETTINGS_BUFFER_FIRST,
			SETTINGS_BUFFER_LAST, "buffer", fault);
	case READY_FD:
		return take_ready(settings, optarg, fault);
	case LOG_OPTION:
		return take_level(settings, optarg, fault);
	case JSON:
		settings->is_json = true;
		return 0;
	default:
		return fault_set(fault, "usage", "an option is unknown, or lacks its value");
	}
}

enum settings_result settings_read(
	struct settings *settings, int count, char **arguments, struct fault *fault)
{
	int option;

	*settings = (struct settings){.connections = SETTINGS_CONNECTIONS,
		.buffer = SETTINGS_BUFFER,
		.ready = -1,
		.level = LOG_INFO};
	opterr = 0;
	while ((option = getopt_long(count, arguments, "", options, NULL)) != -1) {
		if (option == HELP) {
			print_help();
			return SETTINGS_DONE;
		}
		if (option == VERSION) {
			puts("vsockd " CLOISTER_VERSION);
			return SETTINGS_DONE;
		}
		if (take(settings, option, fault) != 0)
			return SETTINGS_FAILED;
	}
	if (optind < count)
		(void)fault_set(fault, "usage", "'%s' is no option", arguments[optind]);
	else if (settings->socket == NULL || settings->folder == NULL || settings->cid == 0)
		(void)fault_set(fault, "usage", "--socket, --cid and --dir are needed");
	else
		return SETTINGS_RUN;
	return SETTINGS_FAILED;
}
