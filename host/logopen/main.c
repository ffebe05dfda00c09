/* logopen: opens what logseal has sealed (spec/sealed.md), far from any enclave. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/logopen/stream.h"
#include "runtime/channel/policy.h"
#include "runtime/control/text.h"
#include "runtime/kernel/machine.h"
#include "runtime/kernel/time_text.h"

#define EXIT_USAGE   2
#define EXIT_REFUSED 76

static const char usage[] =
	"usage: logopen --key FILE [OPTION...] [FILE]\n"
	"\n"
	"Opens a log that was sealed in an enclave, of FILE or standard input, and writes it\n"
	"to standard output. What was changed, left out, added or moved does not open.\n"
	"\n"
	"  --key FILE     the private key of X25519, in PEM form\n"
	"  --policy FILE  it must have been sealed in one of the images there: see\n"
	"                 `attest policy`; without it anybody may have sealed it\n"
	"  --at TIME      judge that at this time, such as 2027-01-31T12:00:00Z; by default\n"
	"                 at the one that the log begins with\n"
	"  --whole        its end must be there\n"
	"  --help, --version\n"
	"\n"
	"Exit codes: 0 opened, 2 wrong usage, 65 no sealed log, 66 no input, or no key, 70\n"
	"internal, 74 output failed, 76 refused: `reason: WORD` says why.\n";

struct opener {
	const char *key, *policy, *path;
	bool has_time, wants_whole, is_terminal, has_ended;
	int64_t at; /* seconds since 1970 */
	struct stream stream;
	struct text_tail tail;
};

/* --- Where it was sealed ---------------------------------------------------------------------- */

static int refuse_share(
	const struct sealed_head *head, const struct document *document, struct fault *fault)
{
	if (document_part_is(&document->public_key, head->bytes + SEALED_SHARE_AT, HPKE_KEY_SIZE) &&
		document_part_is(&document->user_data, SEALED_USER_DATA, strlen(SEALED_USER_DATA)))
		return 0;
	return fault_set(fault, "document", "the attestation document is not that of this log");
}

/* The time in the first record is the sealer's: if that one was in the enclave, it is right, and if
 * not, the document is not its own. */
static int judge(const struct opener *opener, int64_t time, struct fault *fault)
{
	static struct policy policy;
	static struct attestation_wish wish;
	static struct attestation attestation;
	const struct sealed_head *head = &opener->stream.head;
	const struct policy_image *image = NULL;

	if (policy_file(&policy, opener->policy, fault) != 0 ||
		policy_wish(&policy, &wish, fault) != 0)
		return -1;
	wish.wish.at = opener->has_time ? opener->at : time;
	if (head->size == SEALED_DOCUMENT_AT)
		return fault_set(fault, "document", "the log has no attestation document");
	if (policy_judge(&attestation, &policy, &wish, head->bytes + SEALED_DOCUMENT_AT,
		    head->size - SEALED_DOCUMENT_AT, &image, fault) != 0)
		return -1;
	if (attestation.verdict != VERDICT_ACCEPTED)
		return fault_set(fault, attestation.why.word, "%s", attestation.why.text);
	return refuse_share(head, &attestation.document, fault);
}

/* The first record says whose log it is, and since when. */
static int begin(const struct opener *opener, struct fields fields, struct fault *fault)
{
	char name[256] = "", when[TIME_TEXT_MAX];
	struct field field;
	uint64_t time = 0;

	while (fields_next(&fields, &field) == FIELDS_NEXT)
		if (field.tag == CONTROL_OF_NAME)
			(void)field_text(&field, name, sizeof name);
		else if (field.tag == CONTROL_OF_TIME)
			(void)field_long(&field, &time);
	if (opener->policy != NULL && judge(opener, (int64_t)(time / 1000000000u), fault) != 0)
		return -1;
	time_to_text((int64_t)(time & INT64_MAX), when);
	(void)fputs("logopen: unit ", stderr);
	print_escaped(stderr, name);
	(void)fprintf(stderr, ", sealed since %s%s\n", when,
		opener->policy != NULL ? "" : "; without --policy nobody says where, or by whom");
	return 0;
}

/* --- Records ---------------------------------------------------------------------------------- */

static int show(struct opener *opener, struct fields fields, struct fault *fault)
{
	struct field field;
	enum fields_result result;
	uint64_t missed;

	if (opener->has_ended)
		return fault_set(fault, "sealed", "something stands behind the end of the log");
	while ((result = fields_next(&fields, &field)) == FIELDS_NEXT) {
		if (field.tag == CONTROL_OF_LOG_END)
			opener->has_ended = true;
		else if (field.tag == CONTROL_OF_MISSED && field_long(&field, &missed) == 0)
			(void)fprintf(stderr,
				"logopen: %" PRIu64 " bytes were overwritten before they could be "
				"sealed\n",
				missed);
		else if (field.tag == CONTROL_OF_LOG_BYTES && opener->is_terminal)
			terminal_piece(stdout, &opener->tail, field.value, field.length);
		else if (field.tag == CONTROL_OF_LOG_BYTES)
			(void)fwrite(field.value, 1, field.length, stdout);
	}
	if (fflush(stdout) != 0)
		return fault_set(fault, "io", "writing the output failed");
	return result == FIELDS_END ? 0 : fault_set(fault, "malformed", "a record has no fields");
}

static int open_log(struct opener *opener, FILE *file, struct fault *fault)
{
	uint8_t key[HPKE_KEY_SIZE];
	enum stream_result result;
	struct fields fields;
	uint64_t records = 0;

	if (hpke_private_file(key, opener->key, fault) != 0 ||
		stream_begin(&opener->stream, file, key, fault) != 0)
		return -1;
	while ((result = stream_next(&opener->stream, &fields, fault)) == STREAM_RECORD)
		if ((records++ == 0 ? begin(opener, fields, fault) : show(opener, fields, fault)) !=
			0)
			return -1;
	if (result == STREAM_FAILED)
		return -1;
	terminal_text(stdout, opener->tail.bytes, opener->tail.used);
	if (opener->has_ended)
		return 0;
	if (opener->wants_whole || records == 0)
		return fault_set(fault, "cut", "the end of the log is not here");
	(void)fprintf(stderr, "logopen: the log goes on, or was cut here\n");
	return 0;
}

/* --- Arguments -------------------------------------------------------------------------------- */

/* -1: go on; else it was answered, with this code. */
static int take(struct opener *opener, int option)
{
	switch (option) {
	case 'k':
		opener->key = optarg;
		return -1;
	case 'p':
		opener->policy = optarg;
		return -1;
	case 'a':
		opener->has_time = true;
		if (time_of_text(optarg, &opener->at) == 0)
			return -1;
		(void)fprintf(stderr, "logopen: --at wants a time such as 2027-01-31T12:00:00Z\n");
		return EXIT_USAGE;
	case 'w':
		opener->wants_whole = true;
		return -1;
	case 'h':
		return fputs(usage, stdout) < 0;
	case 'v':
		return printf("logopen %s\n", CLOISTER_VERSION) < 0;
	default:
		(void)fputs(usage, stderr);
		return EXIT_USAGE;
	}
}

static int read_arguments(struct opener *opener, int count, char **arguments)
{
	static const struct option options[] = {{"key", required_argument, NULL, 'k'},
		{"policy", required_argument, NULL, 'p'}, {"at", required_argument, NULL, 'a'},
		{"whole", no_argument, NULL, 'w'}, {"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'v'}, {NULL, 0, NULL, 0}};
	int option;

	while ((option = getopt_long(count, arguments, "", options, NULL)) != -1) {
		int code = take(opener, option);

		if (code >= 0)
			return code;
	}
	if (opener->key == NULL || count - optind > 1) {
		(void)fprintf(
			stderr, "logopen: --key is wanted, and one file at most\n\n%s", usage);
		return EXIT_USAGE;
	}
	opener->path = count > optind ? arguments[optind] : "-";
	return -1;
}

static int code_of(const char *word)
{
	static const struct {
		const char *word;
		int code;
	} codes[] = {{"malformed", 65}, {"key", 65}, {"input", 66}, {"permission", 66},
		{"not_found", 66}, {"certificate", 66}, {"crypto", 70}, {"memory", 71}, {"io", 74},
		{"sealed", EXIT_REFUSED}, {"cut", EXIT_REFUSED}, {"document", EXIT_REFUSED}};

	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
		if (strcmp(codes[i].word, word) == 0)
			return codes[i].code;
	for (unsigned i = VERDICT_MALFORMED; i < VERDICTS; i++)
		if (strcmp(verdict_word((enum verdict)i), word) == 0)
			return EXIT_REFUSED;
	return 65; /* of the policy's file */
}

int main(int count, char **arguments)
{
	static struct opener opener;
	struct fault fault = {0};
	FILE *file = stdin;
	int code = read_arguments(&opener, count, arguments);

	if (code >= 0)
		return code;
	opener.is_terminal = isatty(STDOUT_FILENO);
	if (strcmp(opener.path, "-") != 0)
		file = fopen(opener.path, "re");
	if (file == NULL)
		(void)fault_set(
			&fault, "input", "cannot open '%.200s': %s", opener.path, strerror(errno));
	if (file != NULL && open_log(&opener, file, &fault) == 0 && fflush(stdout) == 0)
		return 0;
	fault_print(stderr, "logopen", &fault);
	(void)fprintf(stderr, "reason: ");
	print_escaped(stderr, fault.word);
	(void)fputc('\n', stderr);
	return code_of(fault.word);
}
