/* attest: the verb that fetches an attestation document, fresh for a nonce. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/pipeline/document.h"
#include "host/pipeline/output.h"
#include "host/pipeline/request.h"
#include "host/pipeline/verbs.h"

static const char help[] =
	"usage: pipeline attest -o FILE [--nonce HEX] [--user-data FILE] [--public-key FILE]\n"
	"\n"
	"Asks for an attestation document: what the enclave measured at its start, signed by the\n"
	"hypervisor. It is kept as it is (COSE_Sign1); nothing in it is checked here.\n"
	"\n"
	"  -o FILE             where the document goes; - for standard output\n"
	"  --nonce HEX         up to 512 bytes, to be found in the document: it is fresh\n"
	"  --user-data FILE    up to 512 bytes, to be found in the document\n"
	"  --public-key FILE   up to 1024 bytes, to be found in the document\n"
	"  --json              {\"document\", \"bytes\"}\n";

struct attest {
	const struct options *options;
	const char *output;
	struct connection connection;
	struct request request;
	struct field_writer fields;
	uint8_t memory[4096]; /* of the fields */
	uint8_t document[DOCUMENT_MAX];
	size_t size;
};

static void accepted(struct channel *channel)
{
	channel_finish(channel, SLC_INPUT);
}

static void data(struct channel *channel, enum slc_stream stream, const uint8_t *bytes, size_t size)
{
	struct attest *attest = channel_owner(channel);

	channel_consumed(channel, size);
	if (stream != SLC_OUTPUT)
		return;
	if (size > sizeof attest->document - attest->size) {
		channel_abort(channel, SLC_REASON_LIMIT,
			"the document is longer than any document can be");
		return;
	}
	(void)memcpy(attest->document + attest->size, bytes, size);
	attest->size += size;
}

static void status(struct channel *channel, uint32_t status, const uint8_t *fields, size_t size)
{
	struct attest *attest = channel_owner(channel);

	request_status(&attest->request, status, fields, size);
}

static void ended(
	struct channel *channel, enum channel_outcome outcome, uint32_t reason, const char *text)
{
	struct attest *attest = channel_owner(channel);

	request_ended(&attest->request, outcome, reason, text);
}

static const struct channel_events events = {
	.accepted = accepted,
	.data = data,
	.status = status,
	.ended = ended,
};

static int fetch(struct attest *attest, struct failure *failure)
{
	const struct request *request = &attest->request;

	if (connection_open(&attest->connection, attest->options, failure) != 0 ||
		request_open(&attest->request, &attest->connection, &events, attest, SLC_ATTEST,
			&attest->fields, failure) != 0)
		return -1;
	while (request->channel != NULL)
		if (connection_turn(&attest->connection, failure) != 0)
			return -1;
	if (!request->is_done)
		return request_failure(request, &attest->connection, "the document", failure);
	if (request->status != 0 || attest->size == 0)
		return failure_reason(
			failure, SLC_REASON_PROTOCOL, "the answer has no document in it");
	return 0;
}

static int keep(const struct attest *attest, struct failure *failure)
{
	struct fault *fault = &failure->fault;
	const char *name = attest->output;

	if (strcmp(name, "-") == 0) {
		(void)fwrite(attest->document, 1, attest->size, stdout);
		return output_finish(fault);
	}
	if (document_write(name, attest->document, attest->size, fault) != 0)
		return -1;
	if (attest->options->json)
		return output_json(json_pack("{s:o, s:I}", "document", output_text(name), "bytes",
					   (json_int_t)attest->size),
			fault);
	if (!attest->options->quiet)
		fputs("pipeline: the document is kept and not shown: that needs the attestation "
		      "tools, which this version does not have\n",
			stderr);
	return 0;
}

/* --- The command line ------------------------------------------------------------------------- */

enum { NONCE = OPTION_HELP + 1, USER_DATA, PUBLIC_KEY };

static int take(struct attest *attest, int code, char **arguments, struct options *options,
	struct failure *failure)
{
	struct fault *fault = &failure->fault;

	switch (code) {
	case 'o':
		attest->output = optarg;
		return 0;
	case NONCE:
		return document_nonce(&attest->fields, optarg, fault);
	case USER_DATA:
		return document_part(&attest->fields, SLC_USER_DATA, optarg, 512, fault);
	case PUBLIC_KEY:
		return document_part(&attest->fields, SLC_PUBLIC_KEY, optarg, 1024, fault);
	default:
		return options_take(options, code, "attest", arguments, failure);
	}
}

static int run(struct attest *attest, struct failure *failure)
{
	int status;

	if (attest->output == NULL)
		return fault_set(&failure->fault, "usage",
			"attest: showing a document needs the attestation tools, which this "
			"version does not have; keep it with -o FILE");
	if (attest->fields.is_full)
		return fault_set(&failure->fault, "usage", "attest: an option was given twice");
	status = fetch(attest, failure);
	connection_close(&attest->connection);
	return status == 0 ? keep(attest, failure) : status;
}

int verb_attest(struct options *options, int count, char **arguments, struct failure *failure)
{
	static const struct option table[] = {OPTIONS_COMMON,
		{"nonce", required_argument, NULL, NONCE},
		{"user-data", required_argument, NULL, USER_DATA},
		{"public-key", required_argument, NULL, PUBLIC_KEY}, {0}};
	struct attest *attest = calloc(1, sizeof *attest);
	int status = 0, code;

	if (attest == NULL)
		return fault_set(&failure->fault, "memory", "no memory");
	attest->options = options;
	attest->fields = field_writer_of(attest->memory, sizeof attest->memory);
	while (status == 0 && (code = getopt_long(count, arguments, "o:", table, NULL)) != -1) {
		if (code == OPTION_HELP) {
			fputs(help, stdout);
			free(attest);
			return 0;
		}
		status = take(attest, code, arguments, options, failure);
	}
	if (status == 0 && optind != count)
		status = fault_set(
			&failure->fault, "usage", "attest takes no arguments but options");
	if (status == 0)
		status = run(attest, failure);
	free(attest);
	return status;
}
