/* settings: see settings.h. */
#include "services/slc/settings.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "fsm/slc_session.h"
#include "runtime/channel/authorized.h"
#include "runtime/crypto/nsm.h"
#include "services/slc/ledger.h"

#define SESSIONS_USUAL  256u
#define CHANNELS_USUAL  32u /* what a browser may want of one SOCKS5 proxy */
#define JOBS_USUAL      256u
#define FORWARDS_USUAL  256u
#define DETACHED_USUAL  16u
#define DOCUMENTS_USUAL 256u
#define DRAIN_USUAL     30u
#define RECORDS_USUAL   1024u
#define MOST            4096u /* sessions, jobs, forwards, seconds */

enum which {
	ADDR = 1,
	ROOT,
	NSM,
	KEYS,
	SESSIONS,
	CHANNELS,
	JOBS,
	FORWARDS,
	DETACHED,
	DOCUMENTS,
	RECORDS,
	RECORDS_IN,
	DRAIN,
	JSON,
	INSECURE,
	HELP,
	VERSION
};

static const struct option options[] = {
	{"addr", required_argument, NULL, ADDR},
	{"root", required_argument, NULL, ROOT},
	{"nsm", required_argument, NULL, NSM},
	{"keys", required_argument, NULL, KEYS},
	{"sessions", required_argument, NULL, SESSIONS},
	{"channels", required_argument, NULL, CHANNELS},
	{"jobs", required_argument, NULL, JOBS},
	{"forwards", required_argument, NULL, FORWARDS},
	{"detached", required_argument, NULL, DETACHED},
	{"documents", required_argument, NULL, DOCUMENTS},
	{"records", required_argument, NULL, RECORDS},
	{"records-in", required_argument, NULL, RECORDS_IN},
	{"drain", required_argument, NULL, DRAIN},
	{"json", no_argument, NULL, JSON},
#ifndef CLOISTER_IMAGE /* an image's slc doesn't know how to do without TLS */
	{"insecure-dev", no_argument, NULL, INSECURE},
#endif
	{"help", no_argument, NULL, HELP},
	{"version", no_argument, NULL, VERSION},
	{NULL, 0, NULL, 0},
};

static void print_help(void)
{
	puts("usage: slc --addr ADDRESS... [OPTION...]\n"
	     "\n"
	     "Serves the secure local channel to those who may: in an image, whose key it names.\n"
	     "\n"
	     "  --addr ADDRESS  listen on vsock:CID:PORT, unix:PATH, unix:@NAME, tcp:HOST:PORT\n"
	     "                  or hybrid:PATH:PORT; repeatable\n"
	     "  --root DIR      paths of copies are resolved beneath it (/)\n"
	     "  --nsm PATH      the Nitro Secure Module (/dev/nsm)\n"
	     "  --keys FILE     who may enter, and what for (" AUTHORIZED_PLACE "\n"
	     "                  in an image; elsewhere, without it, anybody)\n"
	     "  --sessions N    most at once (256)\n"
	     "  --channels N    most at once in a session (32)\n"
	     "  --jobs N        commands and copies, most at once (256)\n"
	     "  --detached N    commands without a client, those that have ended too (16)\n"
	     "  --forwards N    connections into the enclave, most at once (256)\n"
	     "  --documents N   most in a second, for sessions (256)\n"
	     "  --records N     of the log, most that are kept (1024)\n"
	     "  --records-in DIR  where they are kept, for the next start too (in memory)\n"
	     "  --drain SECONDS jobs may go on for so long when the service stops (30)\n"
	     "  --json          log as JSON, also on a terminal\n"
#ifndef CLOISTER_IMAGE
	     "  --insecure-dev  speak plainly, without TLS; no image's slc knows this option\n"
#endif
	     "  --help, --version\n"
	     "\n"
	     "SIGTERM and SIGINT stop it; a second one ends what runs. Exit codes: slc(8).");
}

static int read_number(struct fault *fault, const char *name, uint32_t most, uint32_t *number)
{
	char *end;
	uintmax_t value;

	errno = 0;
	value = strtoumax(optarg, &end, 10);
	if (optarg[0] < '0' || optarg[0] > '9' || *end != '\0' || errno != 0 || value > most ||
		value == 0)
		return fault_set(fault, "usage",
			"--%s takes a number from 1 to %" PRIu32 ", and not '%s'", name, most,
			optarg);
	*number = (uint32_t)value;
	return 0;
}

static int read_address(struct settings *settings, const char *folder, struct fault *fault)
{
	struct address *address = &settings->addresses[settings->address_count];

	if (settings->address_count == SETTINGS_ADDRESSES_MAX)
		return fault_set(fault, "usage", "--addr may stand %u times at most",
			SETTINGS_ADDRESSES_MAX);
	if (address_parse(optarg, address, fault) != 0 ||
		address_stand_in(address, folder, fault) != 0)
		return -1;
	settings->address_count++;
	return 0;
}

static int read_option(
	struct settings *settings, int option, const char *folder, struct fault *fault)
{
	switch (option) {
	case ADDR:
		return read_address(settings, folder, fault);
	case ROOT:
		settings->root = optarg;
		return 0;
	case NSM:
		settings->nsm = optarg;
		return 0;
	case KEYS:
		settings->keys = optarg;
		return 0;
	case SESSIONS:
		return read_number(fault, "sessions", MOST, &settings->sessions);
	case CHANNELS:
		return read_number(
			fault, "channels", SLC_SESSION_CHANNELS_MAX, &settings->channels);
	case JOBS:
		return read_number(fault, "jobs", MOST, &settings->jobs);
	case DETACHED:
		return read_number(fault, "detached", MOST, &settings->detached);
	case FORWARDS:
		return read_number(fault, "forwards", MOST, &settings->forwards);
	case DOCUMENTS:
		return read_number(fault, "documents", MOST, &settings->documents);
	case RECORDS:
		return read_number(fault, "records", LEDGER_MOST, &settings->records);
	case RECORDS_IN:
		settings->folder = optarg;
		return 0;
	case DRAIN:
		return read_number(fault, "drain", MOST, &settings->drain);
	case JSON:
		settings->is_json = true;
		return 0;
	case INSECURE:
		settings->is_insecure = true;
		return 0;
	default:
		return fault_set(fault, "usage", "an option is unknown, or lacks its value");
	}
}

enum settings_result settings_read(struct settings *settings, int count, char **arguments,
	const char *folder, struct fault *fault)
{
	int option;

	*settings = (struct settings){.root = "/",
		.nsm = NSM_PATH,
		.sessions = SESSIONS_USUAL,
		.channels = CHANNELS_USUAL,
		.jobs = JOBS_USUAL,
		.forwards = FORWARDS_USUAL,
		.detached = DETACHED_USUAL,
		.documents = DOCUMENTS_USUAL,
		.records = RECORDS_USUAL,
		.drain = DRAIN_USUAL};
	opterr = 0;
	while ((option = getopt_long(count, arguments, "", options, NULL)) != -1) {
		if (option == HELP) {
			print_help();
			return SETTINGS_DONE;
		}
		if (option == VERSION) {
			puts("slc " CLOISTER_VERSION);
			return SETTINGS_DONE;
		}
		if (read_option(settings, option, folder, fault) != 0)
			return SETTINGS_FAILED;
	}
	if (optind < count)
		(void)fault_set(fault, "usage", "'%s' is no option", arguments[optind]);
	else if (settings->address_count == 0)
		(void)fault_set(fault, "usage", "there is no --addr to listen on");
	else
		return SETTINGS_RUN;
	return SETTINGS_FAILED;
}
