/* eif: builds, describes and takes apart enclave image files, and packs ramdisks for them. */
#include <getopt.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/eif/verbs.h"
#include "runtime/eif/output.h"
#include "runtime/kernel/machine.h"

struct verb {
	const char *name;
	int (*run)(int count, char **arguments, struct fault *fault);
	const char *summary;
};

static const struct verb verbs[] = {
	{"build", verb_build, "make an image from kernel, command line and ramdisks"},
	{"describe", verb_describe, "print an image's measurements and metadata, and check it"},
	{"evidence", verb_evidence, "print what was shown of an image's sources"},
	{"extract", verb_extract, "take an image apart into files"},
	{"size", verb_size, "print how much memory an image wants"},
	{"ramdisk", verb_ramdisk, "pack directories and tar archives in canonical form"},
};
#define VERBS (sizeof verbs / sizeof verbs[0])

/* Words of faults that are not about a malformed image. */
struct exit_code {
	const char *word;
	int code;
};

static const struct exit_code exit_codes[] = {
	{"usage", 2},
	{"input", 66},
	{"crypto", 70},
	{"memory", 71},
	{"output", 73},
	{"io", 74},
	{"changed", 74},
	{"crc", 76},
	{"signature", 76},
	{"unverified", 76},
	{"metadata-digest", 76},
	{"tree", 76},
};
#define EXIT_MALFORMED 65

static void print_help(FILE *file)
{
	fputs("usage: eif VERB [ARGUMENT...]\n\n", file);
	for (size_t i = 0; i < VERBS; i++)
		fprintf(file, "  %-9s %s\n", verbs[i].name, verbs[i].summary);
	fputs("\neif VERB --help tells more. Exit codes: 0 done, 2 wrong usage, 65 malformed,\n"
	      "66 no input, 73 no output, 74 input or output failed, 76 a check is false.\n",
		file);
}

static int exit_code_of(const struct fault *fault)
{
	for (size_t i = 0; i < sizeof exit_codes / sizeof exit_codes[0]; i++) {
		if (strcmp(exit_codes[i].word, fault->word) == 0)
			return exit_codes[i].code;
	}
	return EXIT_MALFORMED;
}

/* Ends as the signal would have ended the program, now that nothing is left behind. */
static int end_by_signal(void)
{
	int number = output_interrupted();

	signal(number, SIG_DFL);
	raise(number);
	return 128 + number;
}

static int run(const struct verb *verb, int count, char **arguments)
{
	struct fault fault;
	int status = verb->run(count, arguments, &fault);

	if (status >= 0)
		return 0;
	if (output_interrupted() != 0)
		return end_by_signal();
	fault_print(stderr, "eif", &fault);
	fprintf(stderr, "reason: %s\n", fault.word);
	return exit_code_of(&fault);
}

int main(int count, char **arguments)
{
	/* Names in archives are UTF-8 whatever the environment says, or outputs would differ. */
	(void)setlocale(LC_CTYPE, "C.UTF-8");
	machine_trace_setup(getenv("CLOISTER_TRACE"));
	if (count >= 2 && strcmp(arguments[1], "--help") == 0) {
		print_help(stdout);
		return 0;
	}
	if (count >= 2 && strcmp(arguments[1], "--version") == 0) {
		puts("eif " CLOISTER_VERSION);
		return 0;
	}
	for (size_t i = 0; count >= 2 && i < VERBS; i++) {
		if (strcmp(arguments[1], verbs[i].name) == 0) {
			opterr = 0;
			output_catch_signals();
			return run(&verbs[i], count - 1, arguments + 1);
		}
	}
	if (count >= 2) {
		fputs("eif: no such verb: ", stderr);
		print_escaped(stderr, arguments[1]);
		fputs("\n\n", stderr);
	}
	print_help(stderr);
	return 2;
}
