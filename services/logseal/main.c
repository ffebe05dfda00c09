/* logseal: follows what a unit writes, and gives it sealed to whoever carries it (spec/sealed.md).
 * A unit of its own: init holds no keys. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "runtime/control/talk.h"
#include "runtime/crypto/nsm.h"
#include "runtime/kernel/confine.h"
#include "runtime/kernel/log.h"
#include "runtime/kernel/signals.h"
#include "services/logseal/output.h"

#define EXIT_USAGE     2
#define EXIT_MALFORMED 65
#define EXIT_INTERNAL  70
#define EXIT_IO        74
#define EXIT_NOT_THERE 75
#define EXIT_DENIED    77

static const char usage[] =
	"usage: logseal --unit NAME --to ADDRESS [OPTION...]\n"
	"\n"
	"Follows what a unit writes, seals it to the key that the unit's LogSeal names, and\n"
	"gives it to who listens at ADDRESS, who can carry it and not read it. logopen opens\n"
	"it. To be run as a unit, Before the one whose log it is.\n"
	"\n"
	"  --unit NAME       the unit\n"
	"  --to ADDRESS      vsock:CID:PORT, unix:PATH, tcp:IP:PORT, hybrid:PATH:PORT\n"
	"  --socket ADDRESS  where init listens; /run/cloister/init.sock if not given\n"
	"  --nsm PATH        the NSM; /dev/nsm if not given\n"
	"  --help, --version\n"
	"\n"
	"Exit codes: 0 asked to end, 2 wrong usage, 65 a wrong key, or init speaks another\n"
	"protocol, 66 no such unit or key, 70 it can't be confined, 74 ADDRESS takes no more,\n"
	"75 init or ADDRESS can't be reached, 77 the unit says no LogSeal.\n";

struct sealer {
	const char *unit, *to, *socket, *nsm;
	struct talk talk;
	struct output output;
	char key[CONTROL_TEXT_MAX]; /* the path that the unit names */
	uint64_t at;                /* the next byte of the log */
	bool has_failed;            /* the output has, with this fault */
	struct fault fault;
};

/* --- The end ---------------------------------------------------------------------------------- */

static volatile sig_atomic_t is_ending;
static volatile sig_atomic_t following = -1; /* the descriptor to wake up at */

/* Whoever waits for init at this descriptor, sees its end. */
static void ask_to_end(int number)
{
	(void)number;
	is_ending = 1;
	if (following >= 0)
		(void)shutdown(following, SHUT_RD);
}

static void catch_signals(void)
{
	struct sigaction action = {.sa_handler = ask_to_end};

	signals_ignore_pipe();
	(void)sigaction(SIGTERM, &action, NULL);
	(void)sigaction(SIGINT, &action, NULL);
}

/* --- Records ---------------------------------------------------------------------------------- */

static struct field_writer record(uint8_t *room, size_t size)
{
	struct field_writer writer = field_writer_of(room, size);
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	field_put_long(&writer, CONTROL_OF_TIME,
		(uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec);
	return writer;
}

static bool put(struct sealer *sealer, const struct field_writer *writer)
{
	if (output_record(&sealer->output, writer->bytes, writer->used, &sealer->fault) == 0)
		return true;
	sealer->has_failed = true;
	return false;
}

static bool put_bytes(void *user, const uint8_t *bytes, size_t size)
{
	struct sealer *sealer = user;
	uint8_t room[SEALED_PLAIN_MAX];

	while (size > 0) {
		struct field_writer writer = record(room, sizeof room);
		size_t some = size < SEALED_PLAIN_MAX / 2u ? size : SEALED_PLAIN_MAX / 2u;

		field_put_long(&writer, CONTROL_OF_LOG_AT, sealer->at);
		field_put(&writer, CONTROL_OF_LOG_BYTES, bytes, some);
		if (!put(sealer, &writer))
			return false;
		sealer->at += some;
		bytes += some;
		size -= some;
	}
	return true;
}

static bool put_missed(void *user, struct fields fields)
{
	struct sealer *sealer = user;
	uint8_t room[256];
	struct field_writer writer = record(room, sizeof room);
	struct field field;
	uint64_t missed = 0;

	while (fields_next(&fields, &field) == FIELDS_NEXT)
		if (field.tag == CONTROL_OF_MISSED)
			(void)field_long(&field, &missed);
	field_put_long(&writer, CONTROL_OF_LOG_AT, sealer->at);
	field_put_long(&writer, CONTROL_OF_MISSED, missed);
	sealer->at += missed;
	return put(sealer, &writer);
}

static bool put_begin(struct sealer *sealer)
{
	uint8_t room[256];
	struct field_writer writer = record(room, sizeof room);

	field_put_text(&writer, CONTROL_OF_NAME, sealer->unit);
	return put(sealer, &writer);
}

static bool put_end(struct sealer *sealer)
{
	uint8_t room[256];
	struct field_writer writer = record(room, sizeof room);

	field_put_number(&writer, CONTROL_OF_LOG_END, 1);
	return put(sealer, &writer);
}

/* --- What the unit says ----------------------------------------------------------------------- */

static bool take_status(void *user, struct fields fields)
{
	struct sealer *sealer = user;
	struct field field;

	while (fields_next(&fields, &field) == FIELDS_NEXT)
		if (field.tag == CONTROL_OF_LOG_SEAL &&
			field_text(&field, sealer->key, sizeof sealer->key) != 0)
			return false;
	return true;
}

static int find_key(struct sealer *sealer, uint8_t key[HPKE_KEY_SIZE], struct fault *fault)
{
	const struct request request = {
		.verb = CONTROL_STATUS, .unit = sealer->unit, .lines = UINT32_MAX};
	const struct listener_of_reply listener = {
		.row = take_status, .bytes = put_bytes, .user = sealer};
	int code = talk_ask(&sealer->talk, &request, &listener, fault);

	if (code != 0)
		return code;
	if (sealer->key[0] == '\0') {
		(void)fault_set(fault, "denied",
			"unit '%.64s' has no LogSeal: what it writes stays in the enclave",
			sealer->unit);
		return EXIT_DENIED;
	}
	if (hpke_public_file(key, sealer->key, fault) == 0)
		return 0;
	return strcmp(fault->word, "input") == 0 ? 66 : EXIT_MALFORMED;
}

/* --- Following -------------------------------------------------------------------------------- */

static int ask_log(struct sealer *sealer, bool follows, struct fault *fault)
{
	const struct request request = {.verb = CONTROL_LOGS,
		.unit = sealer->unit,
		.lines = UINT32_MAX,
		.follows = follows,
		.has_at = true,
		.at = sealer->at};
	const struct listener_of_reply listener = {
		.row = put_missed, .bytes = put_bytes, .user = sealer};
	int code;

	following = follows ? sealer->talk.fd : -1;
	if (follows && is_ending != 0)
		return EXIT_IO; /* before it was known where to wake us up */
	code = talk_ask(&sealer->talk, &request, &listener, fault);
	following = -1;
	return code;
}

/* Who reads too slowly is let go by init, and comes again: what was lost meanwhile is counted. Once
 * asked to end, what there still is, and the end. */
static int follow(struct sealer *sealer, struct fault *fault)
{
	for (;;) {
		bool follows = is_ending == 0;
		int code = ask_log(sealer, follows, fault);

		if (sealer->has_failed) {
			*fault = sealer->fault;
			return EXIT_IO;
		}
		if (!follows && code == 0 && !put_end(sealer)) {
			*fault = sealer->fault;
			return EXIT_IO;
		}
		if (!follows || code != EXIT_IO)
			return code;
		talk_close(&sealer->talk);
		code = talk_open(&sealer->talk, sealer->socket, fault);
		if (code != 0)
			return code;
	}
}

/* What is left is to ask init, also anew, and to write to what is connected. */
static int confine_sealer(struct fault *fault)
{
	const struct confine_profile profile = {.name = "logseal",
		.keep_user = true,
		.calls = CONFINE_NETWORK | CONFINE_FILES, /* names of Unix sockets */
		.refusal = CONFINE_KILL,
		.files = CONFINE_FILES_WISHED};
	struct confine_report report;

	return confine(&profile, &report, fault);
}

static int seal(struct sealer *sealer, struct fault *fault)
{
	uint8_t key[HPKE_KEY_SIZE];
	int code = talk_open(&sealer->talk, sealer->socket, fault);

	if (code == 0)
		code = find_key(sealer, key, fault);
	if (code != 0)
		return code;
	sealer->output.is_ending = &is_ending;
	sealer->output.fd = talk_reach(sealer->to, fault);
	if (sealer->output.fd < 0)
		return strcmp(fault->word, "address") == 0 ? EXIT_USAGE : EXIT_NOT_THERE;
	if (output_begin(&sealer->output, key, sealer->nsm, fault) != 0)
		return strcmp(fault->word, "key") == 0 ? EXIT_MALFORMED : EXIT_IO;
	if (confine_sealer(fault) != 0)
		return EXIT_INTERNAL;
	LOG(LOG_INFO, "a log is sealed", log_string("unit", sealer->unit),
		log_string("key", sealer->key), log_string("to", sealer->to));
	if (!put_begin(sealer)) {
		*fault = sealer->fault;
		return EXIT_IO;
	}
	return follow(sealer, fault);
}

/* --- Arguments -------------------------------------------------------------------------------- */

/* -1: go on; else it was answered, with this code. */
static int read_arguments(struct sealer *sealer, int count, char **arguments)
{
	static const struct option options[] = {{"unit", required_argument, NULL, 'u'},
		{"to", required_argument, NULL, 't'}, {"socket", required_argument, NULL, 's'},
		{"nsm", required_argument, NULL, 'n'}, {"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'v'}, {NULL, 0, NULL, 0}};
	int option;

	while ((option = getopt_long(count, arguments, "", options, NULL)) != -1)
		switch (option) {
		case 'u':
			sealer->unit = optarg;
			break;
		case 't':
			sealer->to = optarg;
			break;
		case 's':
			sealer->socket = optarg;
			break;
		case 'n':
			sealer->nsm = optarg;
			break;
		case 'h':
			return fputs(usage, stdout) < 0;
		case 'v':
			return printf("logseal %s\n", CLOISTER_VERSION) < 0;
		default:
			(void)fputs(usage, stderr);
			return EXIT_USAGE;
		}
	if (sealer->unit != NULL && sealer->to != NULL && optind == count)
		return -1;
	(void)fprintf(stderr, "logseal: --unit and --to are wanted, and nothing behind them\n\n%s",
		usage);
	return EXIT_USAGE;
}

int main(int count, char **arguments)
{
	static struct sealer sealer = {
		.socket = CONTROL_SOCKET, .nsm = NSM_PATH, .talk = {.fd = -1}};
	const struct log_sink sink = {.program = "logseal", .fd = STDERR_FILENO, .level = LOG_INFO};
	struct fault fault = {0};
	int code = read_arguments(&sealer, count, arguments);

	if (code >= 0)
		return code;
	catch_signals();
	log_start(&sink);
	code = seal(&sealer, &fault);
	talk_close(&sealer.talk);
	if (code == 0)
		return 0;
	fault_print(stderr, "logseal", &fault);
	(void)fprintf(stderr, "reason: ");
	print_escaped(stderr, fault.word);
	(void)fputc('\n', stderr);
	return code;
}
