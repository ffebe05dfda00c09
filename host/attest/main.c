/* attest: judges and shows attestation documents, far from any enclave. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/attest/verbs.h"
#include "runtime/crypto/verdict.h"
#include "runtime/kernel/machine.h"

struct verb {
	const char *name;
	int (*run)(int count, char **arguments, struct fault *fault);
	const char *summary;
};

static const struct verb verbs[] = {
	{"verify", verb_verify, "judge a document: 0 only when it is accepted"},
	{"show", verb_show, "print what a document says, unchecked"},
	{"policy", verb_policy, "make a policy that accepts the images measured so"},
};
#define VERBS (sizeof verbs / sizeof verbs[0])

/* Words of faults that are neither verdicts nor about a malformed document. */
static const struct {
	const char *word;
	int code;
} exit_codes[] = {
	{"usage", 2},
	{"not_found", 66},
	{"input", 66},
	{"certificate", 66},
	{"crypto", 70},
	{"memory", 71},
	{"io", 74},
};
#define EXIT_MALFORMED 65
#define EXIT_REFUSED   76

static void print_help(FILE *file)
{
	fputs("usage: attest VERB [OPTION...]\n\n", file);
	for (size_t i = 0; i < VERBS; i++)
		fprintf(file, "  %-8s %s\n", verbs[i].name, verbs[i].summary);
	fputs("\nattest VERB --help tells more. Exit codes: 0 accepted, or shown; 2 wrong usage,\n"
	      "65 no attestation document, 66 no input, 70 internal, 71 no memory, 74 output\n"
	      "failed, 76 refused.\n",
		file);
}

static int exit_code_of(const struct fault *fault)
{
	for (size_t i = 0; i < sizeof exit_codes / sizeof exit_codes[0]; i++)
		if (strcmp(exit_codes[i].word, fault->word) == 0)
			return exit_codes[i].code;
	for (unsigned i = VERDICT_MALFORMED + 1; i < VERDICTS; i++)
		if (strcmp(verdict_word((enum verdict)i), fault->word) == 0)
			return EXIT_REFUSED;
	return EXIT_MALFORMED;
}

static int run(const struct verb *verb, int count, char **arguments)
{
	struct fault fault;

	if (verb->run(count, arguments, &fault) == 0)
		return 0;
	fault_print(stderr, "attest", &fault);
	fprintf(stderr, "reason: %s\n", fault.word);
	return exit_code_of(&fault);
}

int main(int count, char **arguments)
{
	machine_trace_setup(getenv("CLOISTER_TRACE"));
	opterr = 0;
	if (count >= 2 && strcmp(arguments[1], "--help") == 0) {
		print_help(stdout);
		return 0;
	}
	if (count >= 2 && strcmp(arguments[1], "--version") == 0) {
		puts("attest " CLOISTER_VERSION);
		return 0;
	}
	for (size_t i = 0; count >= 2 && i < VERBS; i++)
		if (strcmp(arguments[1], verbs[i].name) == 0)
			return run(&verbs[i], count - 1, arguments + 1);
	if (count >= 2) {
		fputs("attest: no such verb: ", stderr);
		print_escaped(stderr, arguments[1]);
		fputs("\n\n", stderr);
	}
	print_help(stderr);
	return 2;
}
