/* show: the verb that prints what a document says, without judging it. */
#include <stdio.h>

#include "host/attest/options.h"
#include "host/attest/verbs.h"
#include "runtime/crypto/document_show.h"

static const char help[] =
	"usage: attest show --doc FILE [--json]\n"
	"\n"
	"Prints what an attestation document says. NOTHING OF IT IS CHECKED: anybody can\n"
	"write a document that says anything. `attest verify` checks.\n"
	"\n"
	"  --doc FILE   the document; - for standard input\n"
	"  --json       {\"module_id\", \"timestamp\", \"time\", \"pcrs\", \"nonce\", ...}\n";

static int show(const struct options *options, struct fault *fault)
{
	static uint8_t bytes[DOCUMENT_SIZE_MAX];
	static struct document document;
	size_t size;

	if (read_document(options->document, bytes, sizeof bytes, &size, fault) != 0 ||
		document_read(&document, bytes, size, fault) != 0)
		return -1;
	if (options->json)
		return print_json(document_json(&document), fault);
	document_print(stdout, &document);
	return finish_output(fault);
}

int verb_show(int count, char **arguments, struct fault *fault)
{
	static const struct option table[] = {{"doc", required_argument, NULL, OPTION_DOCUMENT},
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
		return fault_set(fault, "usage", "show takes no arguments but options");
	return options_finish(&options, fault) != 0 ? -1 : show(&options, fault);
}
