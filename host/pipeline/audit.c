/* audit: the verb that fetches the enclave's log of sessions, commands and copies, and checks that
 * it leads to what the enclave's document says of it (spec/audit.md). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "host/pipeline/output.h"
#include "host/pipeline/verbs.h"
#include "runtime/channel/audit.h"
#include "runtime/channel/authorized.h"
#include "runtime/channel/record.h"
#include "runtime/client/request.h"

#define EXIT_MALFORMED 65
#define EXIT_REFUSED   76
#define NO_TAG         65535u /* no field is read in pieces */
#define HEX_MAX        (2 * RECORD_HEAD_SIZE + 1)

static const char help[] =
	"usage: pipeline audit [--json]\n"
	"\n"
	"Shows the log that the enclave keeps of its sessions, commands and copies, and checks\n"
	"it: each record is linked to the one before, and the last ones lead to the head that\n"
	"the enclave's document of this session holds; register 18, the mark of the first\n"
	"that read or changed anything, is the one that this log makes. Where that is not so\n"
	"the exit code is 76, and 65 where the log can't be read.\n"
	"\n"
	"  --json          {\"attested\", \"verdict\", \"intact\", \"reason\", \"entered\",\n"
	"                  \"marked\", \"head\", \"count\", \"dropped\", \"records\"\n"
	"                  [{\"number\", \"time\", \"session\", \"kind\", \"what\", \"peer\",\n"
	"                  \"digest\"}]}\n";

#define RECORDS_MAX 65536u /* of --json: more than an enclave keeps */

struct log_of_enclave {
	const struct options *options;
	struct connection connection;
	struct request request;
	struct field_reader reader;
	uint8_t memory[RECORD_MAX];
	struct record_log log;
	json_t *records; /* or null: they are printed as they come */
	enum audit verdict;
	bool is_whole;
};

/* --- Records ---------------------------------------------------------------------------------- */

static void print_time(char text[32], uint64_t milliseconds)
{
	const time_t seconds = (time_t)(milliseconds / 1000);
	struct tm parts;

	if (gmtime_r(&seconds, &parts) == NULL ||
		strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
		(void)snprintf(text, 32, "%llu", (unsigned long long)milliseconds);
}

static const char *kind_of(const struct record *record, char number[16])
{
	const char *word = NULL;

	if (record->kind == RECORD_SESSION)
		word = "session";
	else if (record->kind == RECORD_START)
		word = "start";
	else if (record->kind == SLC_LISTEN)
		word = "listen";
	else if (record->kind < PERMIT_VERBS)
		word = authorized_verb((enum slc_type)record->kind);
	(void)snprintf(number, 16, "%u", (unsigned)record->kind);
	return word != NULL ? word : number;
}

static void print_hex(char text[HEX_MAX], const uint8_t *bytes)
{
	for (size_t i = 0; i < RECORD_HEAD_SIZE; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", bytes[i]);
}

static void add_record(json_t *records, const struct record *record)
{
	const bool is_request = record->kind != RECORD_SESSION && record->kind != RECORD_START;
	char time[32], number[16], digest[HEX_MAX] = "";

	print_time(time, record->time);
	if (is_request)
		print_hex(digest, record->digest);
	(void)json_array_append_new(records,
		json_pack("{s:I, s:s, s:I, s:s, s:o, s:o, s:o}", "number",
			(json_int_t)record->number, "time", time, "session",
			(json_int_t)record->session, "kind", kind_of(record, number), "what",
			output_text(record->what), "peer",
			record->kind == RECORD_SESSION ? output_text(record->peer) : json_null(),
			"digest", is_request ? json_string(digest) : json_null()));
}

static void each(void *user, const struct record *record)
{
	struct log_of_enclave *all = user;
	char time[32], number[16];

	if (all->records != NULL) {
		if (json_array_size(all->records) >= RECORDS_MAX)
			request_abort(&all->request, SLC_REASON_LIMIT, NULL);
		else
			add_record(all->records, record);
		return;
	}
	if (all->options->quiet)
		return;
	print_time(time, record->time);
	printf("%6llu  %s  session %-5u  %-8s ", (unsigned long long)record->number, time,
		(unsigned)record->session, kind_of(record, number));
	print_escaped(stdout, record->what);
	if (record->kind == RECORD_SESSION) {
		putchar(' ');
		print_escaped(stdout, record->peer);
	}
	putchar('\n');
}

/* --- The channel ------------------------------------------------------------------------------ */

static void accepted(struct channel *channel)
{
	channel_finish(channel, SLC_INPUT);
}

static void data(struct channel *channel, enum slc_stream stream, const uint8_t *bytes, size_t size)
{
	struct log_of_enclave *all = channel_owner(channel);
	enum field_result result;
	struct field field;

	channel_consumed(channel, size);
	if (stream != SLC_OUTPUT || all->log.is_broken)
		return;
	while ((result = field_reader_next(&all->reader, &bytes, &size, &field)) == FIELD_WHOLE)
		record_log_take(&all->log, &field);
	if (result != FIELD_MORE)
		all->log.is_broken = true;
}

static void end(struct channel *channel, enum slc_stream stream)
{
	struct log_of_enclave *all = channel_owner(channel);

	if (stream == SLC_OUTPUT)
		all->is_whole = field_reader_may_end(&all->reader);
}

static void status(struct channel *channel, uint32_t status, const uint8_t *fields, size_t size)
{
	struct log_of_enclave *all = channel_owner(channel);

	request_status(&all->request, status, fields, size);
}

static void ended(
	struct channel *channel, enum channel_outcome outcome, uint32_t reason, const char *text)
{
	struct log_of_enclave *all = channel_owner(channel);

	request_ended(&all->request, outcome, reason, text);
}

static const struct channel_events events = {
	.accepted = accepted,
	.data = data,
	.end = end,
	.status = status,
	.ended = ended,
};

static int fetch(struct log_of_enclave *all, struct failure *failure)
{
	const struct request *request = &all->request;
	uint8_t none[1];
	const struct field_writer nothing = field_writer_of(none, sizeof none);

	if (options_connect(all->options, &all->connection, failure) != 0)
		return -1;
	record_log_begin(&all->log, all->connection.seen.number);
	all->log.each = each;
	all->log.user = all;
	field_reader_init(&all->reader, NO_TAG, all->memory, sizeof all->memory);
	if (request_open(&all->request, &all->connection, &events, all, SLC_AUDIT, &nothing,
		    failure) != 0)
		return -1;
	while (request->channel != NULL)
		if (connection_turn(&all->connection, failure) != 0)
			return -1;
	return request->is_done ? 0
				: request_failure(request, &all->connection, "the log", failure);
}

/* --- What it is worth ------------------------------------------------------------------------- */

/* A register that was zero, extended with the head. */
static bool is_marked_with(const uint8_t *head, const uint8_t *value)
{
	uint8_t wanted[RECORD_HEAD_SIZE] = {0};
	struct fault fault;

	return record_chain(wanted, head, RECORD_HEAD_SIZE, &fault) == 0 &&
	       memcmp(wanted, value, sizeof wanted) == 0;
}

static enum audit judge(const struct log_of_enclave *all)
{
	const struct connection_seen *seen = &all->connection.seen;
	const struct record_log *log = &all->log;
	const struct audit_facts facts = {
		.is_read = all->is_whole && !log->is_broken && log->has_base,
		.has_head = seen->has_log,
		.is_reached = log->is_reached && memcmp(log->at, seen->head, sizeof log->at) == 0,
		.is_attested = all->connection.is_attested,
		.is_entered = seen->is_entered,
		.has_mark = log->has_mark,
		.is_its_mark = log->has_mark && log->is_marked_right &&
			       is_marked_with(log->mark, seen->mark)};

	return audit_of(&facts);
}

static int show(struct log_of_enclave *all, struct fault *fault)
{
	const struct record_log *log = &all->log;
	const bool is_entered = all->connection.seen.is_entered;
	char head[HEX_MAX];

	print_hex(head, log->head);
	if (all->records != NULL)
		return output_json(
			json_pack("{s:b, s:s, s:b, s:s, s:b, s:o, s:s, s:I, s:I, s:O}", "attested",
				all->connection.is_attested, "verdict", audit_word(all->verdict),
				"intact", all->verdict == AUDIT_INTACT, "reason",
				audit_text(all->verdict), "entered", is_entered, "marked",
				log->has_mark ? json_integer((json_int_t)log->marked) : json_null(),
				"head", head, "count", (json_int_t)log->count, "dropped",
				(json_int_t)log->dropped, "records", all->records),
			fault);
	if (all->options->quiet)
		return 0;
	if (log->dropped > 0)
		printf("%-11s %llu older records\n", "dropped", (unsigned long long)log->dropped);
	printf("%-11s %s\n%-11s %s\n", "head", head, "entered", is_entered ? "yes" : "no");
	printf("%-11s %s\n", "verdict", audit_word(all->verdict));
	return output_finish(fault);
}

static int run(struct log_of_enclave *all, struct failure *failure)
{
	int status = fetch(all, failure);

	connection_close(&all->connection);
	if (status != 0)
		return -1;
	all->verdict = judge(all);
	if (show(all, &failure->fault) != 0)
		return -1;
	if (all->verdict == AUDIT_INTACT || all->verdict == AUDIT_UNATTESTED)
		return 0;
	failure->other_code = all->verdict == AUDIT_MALFORMED ? EXIT_MALFORMED : EXIT_REFUSED;
	return fault_set(&failure->fault, audit_word(all->verdict), "the log is not believed: %s",
		audit_text(all->verdict));
}

int verb_audit(struct options *options, int count, char **arguments, struct failure *failure)
{
	static const struct option table[] = {OPTIONS_COMMON, {0}};
	struct log_of_enclave *all;
	int code, status;

	while ((code = getopt_long(count, arguments, "", table, NULL)) != -1) {
		if (code == OPTION_HELP) {
			fputs(help, stdout);
			return 0;
		}
		if (options_take(options, code, "audit", arguments, failure) != 0)
			return -1;
	}
	if (optind != count)
		return fault_set(&failure->fault, "usage", "audit takes no arguments");
	all = calloc(1, sizeof *all);
	if (all == NULL)
		return fault_set(&failure->fault, "memory", "no memory");
	all->options = options;
	all->records = options->json ? json_array() : NULL;
	status = run(all, failure);
	json_decref(all->records);
	free(all);
	return status;
}
