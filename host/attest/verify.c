/* verify: the verb that judges a document. */
#include <stdio.h>

#include "host/attest/options.h"
#include "host/attest/verbs.h"
#include "runtime/channel/policy.h"
#include "runtime/crypto/document_show.h"

static const char help[] =
	"usage: attest verify --doc FILE [OPTION...]\n"
	"\n"
	"Judges an attestation document, and ends with 0 only when it is accepted: 76 when\n"
	"it is refused, 65 when it is none. `reason: WORD` says why.\n"
	"\n"
	"  --doc FILE      the document; - for standard input\n"
	"  --root FILE     trust this certificate, in PEM form, and not AWS's\n"
	"  --at TIME       judge at this time: 2024-09-07T14:37:39Z, or seconds since\n"
	"                  1970; by default now\n"
	"  --max-age D     refuse older ones: 90, 90s, 5m, 3h, 1d\n"
	"  --nonce HEX     it must hold this nonce\n"
	"  --pcr N=HEX     register N must have this value; repeatable\n"
	"  --policy FILE   it must be one of the images there, and have the root and the age\n"
	"                  of that policy: see `attest policy`\n"
	"  --event-log F   registers 16 and 17 must be what this log of init's events leads\n"
	"                  to, and 17 zero or not there where the log has nothing of it\n"
	"  --json          {\"verdict\", \"accepted\", \"reason\", \"image\", \"entered\",\n"
	"                  \"replayed\", \"document\"}\n"
	"\n"
	"`entered` is yes once somebody may have read or changed something inside: register\n"
	"18. Without --nonce or --max-age, a document that was recorded is as good as a new\n"
	"one for as long as its certificates last: about three hours. Without --pcr, any\n"
	"image will do.\n";

static void hex_of(const uint8_t value[EVENT_LOG_SIZE], char text[2 * EVENT_LOG_SIZE + 1])
{
	for (size_t i = 0; i < EVENT_LOG_SIZE; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", value[i]);
}

/* What the log of events leads to, whatever the verdict is; null where there is none. */
static json_t *replayed_json(const struct options *options)
{
	char boot[2 * EVENT_LOG_SIZE + 1], run_time[2 * EVENT_LOG_SIZE + 1];

	if (!options->has_events)
		return json_null();
	hex_of(options->events.values[0], boot);
	hex_of(options->events.values[1], run_time);
	return json_pack("{s:s, s:s}", "16", boot, "17", run_time);
}

/* What nobody has told the log must not be in the register. */
static void judge_silence(const struct options *options, struct attestation *attestation)
{
	const struct document_part *register_17 = &attestation->document.pcrs[EVENT_LOG_RUN_TIME];

	if (attestation->verdict != VERDICT_ACCEPTED || !options->has_events ||
		options->events.has[1] || register_17->size == 0 ||
		document_part_is_zero(register_17))
		return;
	attestation->verdict = VERDICT_PCR;
	(void)fault_set(&attestation->why, verdict_word(VERDICT_PCR),
		"register 17 says that configuration came at run time, and the log of events has "
		"nothing of it");
}

/* `image` is the one of the policy that was found, or null. */
static json_t *json_of(const struct options *options, const struct attestation *attestation,
	const struct policy_image *image)
{
	bool is_accepted = attestation->verdict == VERDICT_ACCEPTED;

	return json_pack("{s:s, s:b, s:s, s:s?, s:o, s:o, s:o}", "verdict", attestation->why.word,
		"accepted", is_accepted, "reason", attestation->why.text, "image",
		image != NULL ? image->name : NULL, "entered",
		attestation->facts.is_read
			? json_boolean(document_is_entered(&attestation->document))
			: json_null(),
		"replayed", replayed_json(options), "document",
		attestation->facts.is_read ? document_json(&attestation->document) : json_null());
}

static int print(const struct options *options, const struct attestation *attestation,
	const struct policy_image *image, struct fault *fault)
{
	if (options->json)
		return print_json(json_of(options, attestation, image), fault);
	if (attestation->facts.is_read)
		document_print(stdout, &attestation->document);
	if (attestation->facts.is_read)
		printf("%-11s %s\n", "entered",
			document_is_entered(&attestation->document) ? "yes" : "no");
	if (image != NULL) {
		printf("%-11s ", "image");
		print_escaped(stdout, image->name);
		putchar('\n');
	}
	printf("%-11s %s\n", "verdict", attestation->why.word);
	return finish_output(fault);
}

static int judge(struct options *options, struct fault *fault)
{
	static uint8_t bytes[DOCUMENT_SIZE_MAX];
	static struct attestation attestation;
	static struct policy policy;
	const struct policy_image *image = NULL;
	size_t size;

	if (options->policy != NULL && (policy_file(&policy, options->policy, fault) != 0 ||
					       policy_wish(&policy, &options->wish, fault) != 0))
		return -1;

	if (read_document(options->document, bytes, sizeof bytes, &size, fault) != 0 ||
		(options->policy == NULL ? attestation_judge(
						   &attestation, &options->wish, bytes, size, fault)
					 : policy_judge(&attestation, &policy, &options->wish,
						   bytes, size, &image, fault)) != 0)
		return -1;
	judge_silence(options, &attestation);
	if (print(options, &attestation, image, fault) != 0)
		return -1;
	if (attestation.verdict == VERDICT_ACCEPTED)
		return 0;
	return fault_set(fault, attestation.why.word, "%s: refused: %s", options->document,
		attestation.why.text);
}

int verb_verify(int count, char **arguments, struct fault *fault)
{
	static const struct option table[] = {{"doc", required_argument, NULL, OPTION_DOCUMENT},
		{"root", required_argument, NULL, OPTION_ROOT},
		{"at", required_argument, NULL, OPTION_AT},
		{"max-age", required_argument, NULL, OPTION_MAX_AGE},
		{"nonce", required_argument, NULL, OPTION_NONCE},
		{"pcr", required_argument, NULL, OPTION_PCR},
		{"policy", required_argument, NULL, OPTION_POLICY},
		{"event-log", required_argument, NULL, OPTION_EVENT_LOG},
		{"json", no_argument, NULL, OPTION_JSON}, {"help", no_argument, NULL, OPTION_HELP},
		{0}};
	static struct options options;
	int code;

	while ((code = getopt_long(count, arguments, "", table, NULL)) != -1) {
		if (code == OPTION_HELP) {
			fputs(help, stdout);
			return 0;
		}
		if (options_take(&options, code, optarg, fault) != 0)
			return -1;
	}
	if (optind != count)
		return fault_set(fault, "usage", "verify takes no arguments but options");
	return options_finish(&options, fault) != 0 ? -1 : judge(&options, fault);
}
