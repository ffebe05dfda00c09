/* attest: the verb that fetches an attestation document, fresh for a nonce, and judges it. */
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "host/pipeline/document.h"
#include "host/pipeline/output.h"
#include "host/pipeline/profile.h"
#include "host/pipeline/verbs.h"
#include "runtime/client/request.h"
#include "runtime/crypto/attestation.h"
#include "runtime/crypto/document_show.h"

#define NONCE_SIZE     32u /* bytes of a nonce of ours */
#define EXIT_MALFORMED 65
#define EXIT_REFUSED   76

static const char help[] =
	"usage: pipeline attest [-o FILE] [--nonce HEX] [--user-data FILE] [--public-key FILE]\n"
	"\n"
	"Asks for an attestation document: what the enclave measured at its start, signed by\n"
	"the hypervisor. It is judged here and now, as `attest verify` does, and shown also\n"
	"when it is refused; the exit code is then 76.\n"
	"\n"
	"  -o FILE             keep the document (COSE_Sign1); - for standard output, and\n"
	"                      then nothing is shown\n"
	"  --nonce HEX         up to 512 bytes that it must hold; by default 32 random ones\n"
	"  --user-data FILE    up to 512 bytes, to be found in the document\n"
	"  --public-key FILE   up to 1024 bytes, to be found in the document\n"
	"  --json              {\"attested\", \"group\", \"verdict\", \"accepted\", \"reason\",\n"
	"                      \"nonce\", \"file\", \"bytes\", \"document\"}\n";

struct attest {
	const struct options *options;
	const char *output;
	struct connection connection;
	struct request request;
	struct field_writer fields;
	uint8_t memory[4096]; /* of the fields */
	uint8_t document[DOCUMENT_MAX];
	size_t size;
	struct attestation_wish wish;
	struct attestation attestation;
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

	if (options_connect(attest->options, &attest->connection, failure) != 0 ||
		request_open(&attest->request, &attest->connection, &events, attest, SLC_ATTEST,
			&attest->fields, failure) != 0)
		return -1;
	if (!attest->options->is_insecure)
		attest->wish.root =
			attest->connection.wish.root; /* the policy's, where it has one */
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

/* --- The result ------------------------------------------------------------------------------- */

static json_t *nonce_of(const struct attest *attest)
{
	char text[2 * DOCUMENT_NONCE_MAX + 1] = "";

	for (size_t i = 0; i < attest->wish.nonce_size; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", attest->wish.nonce[i]);
	return json_string(text);
}

static json_t *json_of(const struct attest *attest)
{
	const struct attestation *attestation = &attest->attestation;
	int is_accepted = attestation->verdict == VERDICT_ACCEPTED;

	return json_pack("{s:b, s:s?, s:s, s:b, s:s, s:o, s:o, s:I, s:o}", "attested",
		attest->connection.is_attested, "group",
		attest->connection.group[0] != '\0' ? attest->connection.group : NULL, "verdict",
		attestation->why.word, "accepted", is_accepted, "reason", attestation->why.text,
		"nonce", nonce_of(attest), "file",
		attest->output != NULL ? output_text(attest->output) : json_null(), "bytes",
		(json_int_t)attest->size, "document",
		attestation->facts.is_read ? document_json(&attestation->document) : json_null());
}

static int show(const struct attest *attest, struct fault *fault)
{
	const struct attestation *attestation = &attest->attestation;

	if (attest->output != NULL && strcmp(attest->output, "-") == 0) {
		(void)fwrite(attest->document, 1, attest->size, stdout);
		return output_finish(fault);
	}
	if (attest->options->json)
		return output_json(json_of(attest), fault);
	if (attest->options->quiet)
		return 0;
	if (attestation->facts.is_read)
		document_print(stdout, &attestation->document);
	printf("%-11s %s\n", "verdict", attestation->why.word);
	return output_finish(fault);
}

static int keep(const struct attest *attest, struct fault *fault)
{
	if (attest->output == NULL || strcmp(attest->output, "-") == 0)
		return 0;
	return document_write(attest->output, attest->document, attest->size, fault);
}

/* Kept and shown whatever the verdict is, which then decides. */
static int judge(struct attest *attest, struct failure *failure)
{
	struct attestation *attestation = &attest->attestation;
	struct fault *fault = &failure->fault;

	attest->wish.wish.at = (int64_t)time(NULL);
	if (attestation_judge(attestation, &attest->wish, attest->document, attest->size, fault) !=
			0 ||
		keep(attest, fault) != 0 || show(attest, fault) != 0)
		return -1;
	if (attestation->verdict == VERDICT_ACCEPTED)
		return 0;
	failure->other_code =
		attestation->verdict == VERDICT_MALFORMED ? EXIT_MALFORMED : EXIT_REFUSED;
	return fault_set(
		fault, attestation->why.word, "the document is refused: %s", attestation->why.text);
}

/* --- The command line ------------------------------------------------------------------------- */

enum { NONCE = OPTION_HELP + 1, USER_DATA, PUBLIC_KEY };

static int take_nonce(struct attest *attest, const char *digits, struct fault *fault)
{
	struct attestation_wish *wish = &attest->wish;

	if (wish->wish.wants_nonce)
		return fault_set(fault, "usage", "attest: --nonce stands twice");
	wish->wish.wants_nonce = true;
	return document_nonce(wish->nonce, &wish->nonce_size, digits, fault);
}

/* What documents are to be signed under, if the session does not say: it is plain. */
static int find_root(struct attest *attest, struct failure *failure)
{
	struct attestation_root *root = &attest->wish.root;
	struct options all = *attest->options;
	struct profile profile;
	int status = options_complete(&all, &profile, failure);

	if (status == 0)
		status = all.root == NULL ? attestation_root_aws(root, &failure->fault)
					  : attestation_root_file(root, all.root, &failure->fault);
	profile_close(&profile);
	return status;
}

/* What nobody has given: a nonce that was never there before. */
static int finish(struct attest *attest, struct failure *failure)
{
	struct attestation_wish *wish = &attest->wish;

	if (!wish->wish.wants_nonce) {
		if (RAND_bytes(wish->nonce, NONCE_SIZE) != 1)
			return fault_set(&failure->fault, "internal", "there are no random bytes");
		wish->nonce_size = NONCE_SIZE;
		wish->wish.wants_nonce = true;
	}
	field_put(&attest->fields, SLC_NONCE, wish->nonce, wish->nonce_size);
	return find_root(attest, failure);
}

static int take(struct attest *attest, int code, char **arguments, struct options *options,
	struct failure *failure)
{
	struct fault *fault = &failure->fault;

	switch (code) {
	case 'o':
		attest->output = optarg;
		return 0;
	case NONCE:
		return take_nonce(attest, optarg, fault);
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

	if (finish(attest, failure) != 0)
		return -1;
	if (attest->fields.is_full)
		return fault_set(&failure->fault, "usage", "attest: an option was given twice");
	status = fetch(attest, failure);
	connection_close(&attest->connection);
	return status == 0 ? judge(attest, failure) : status;
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
