/* describe: the verb that prints what an image is, as `nitro-cli describe-eif` does, and checks
 * it. */
#include <getopt.h>

#include "host/eif/verbs.h"
#include "runtime/eif/description.h"

static const char help[] =
	"usage: eif describe FILE [--sections] [--json]\n"
	"\n"
	"Prints an image's measurements, checks and metadata as JSON, in the form of\n"
	"`nitro-cli describe-eif`. The exit code is not 0 when a check is false.\n"
	"\n"
	"  --sections   add type, offset, size and SHA-384 of each section\n"
	"  --json       accepted; the output is always JSON\n";

int verb_describe(int count, char **arguments, struct fault *fault)
{
	static const struct option options[] = {
		{"sections", no_argument, NULL, 's'},
		{"json", no_argument, NULL, 'j'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	bool sections = false;
	int code;

	while ((code = getopt_long(count, arguments, "", options, NULL)) != -1) {
		if (code == 'h') {
			fputs(help, stdout);
			return VERB_HELPED;
		}
		if (code == '?')
			return usage_fault(fault, "describe", arguments, optind - 1);
		sections = sections || code == 's';
	}
	if (optind + 1 != count)
		return fault_set(fault, "usage", "describe: give one image file");
	return describe_image(arguments[optind], sections, fault);
}
