/* enclave: runs enclave images, shows and ends what runs. */
#include <ctype.h>
#include <fcntl.h>
#include <getopt.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/enclave/keeper.h"
#include "host/enclave/personality.h"
#include "host/enclave/verbs.h"
#include "runtime/kernel/machine.h"
#include "runtime/kernel/signals.h"

struct verb {
	const char *name, *other; /* other: nitro-cli's, or null */
	int (*run)(int count, char **arguments, struct fault *fault);
	const char *summary;
};

static const struct verb verbs[] = {
	{"run", "run-enclave", verb_run, "start an enclave from an image"},
	{"list", NULL, verb_list, "list enclaves"},
	{"describe", "describe-enclaves", verb_describe, "print enclaves as JSON"},
	{"console", NULL, verb_console, "show the console of one in debug mode"},
	{"logs", NULL, verb_logs, "print what the launcher, or the console, has said"},
	{"wait", NULL, verb_wait, "wait until one is ready, healthy or gone"},
	{"terminate", "terminate-enclave", verb_terminate, "shut one down"},
	{"pcr", NULL, verb_pcr, "print PCR values of a file, an image, or one that runs"},
	{"size", NULL, verb_size, "print how much memory an image wants"},
	{"doctor", NULL, verb_doctor, "tell whether this machine can run enclaves"},
};
#define VERBS (sizeof verbs / sizeof verbs[0])

/* Words of faults that are not about a malformed image, or an enclave that did not come up. */
static const struct exit_code {
	const char *word;
	int code;
} exit_codes[] = {
	{"usage", 2},
	{"input", 66},
	{"not_found", 66},
	{"refused", 68},
	{"in_use", 69},
	{"not_executable", 70},
	{"crypto", 70},
	{"supervisor", 70},
	{"memory", 71},
	{"state", 73},
	{"io", 74},
	{"ended", 75},
	{"exited", 75},
	{"heartbeat", 75},
	{"init", 75},
	{"keeper", 75},
	{"late", 75},
	{"left", 75},
	{"limit", 75},
	{"nitro_cli", 75},
	{"timeout", 75},
	{"listen", 75},
	{"nsm", 75},
	{"panic", 75},
	{"qemu", 75},
	{"space", 75},
	{"start", 75},
	{"stuck", 75},
	{"unpacker", 75},
	{"vsockd", 75},
	{"crc", 76},
	{"signature", 76},
	{"unfit", 76},
	{"denied", 77},
	{"not_debug", 77},
};
#define EXIT_MALFORMED 65
#define EXIT_NITRO     75 /* "eNN": what nitro-cli refuses */

static void print_help(FILE *file)
{
	fputs("usage: enclave VERB [ARGUMENT...]\n\n", file);
	for (size_t i = 0; i < VERBS; i++)
		fprintf(file, "  %-11s %s\n", verbs[i].name, verbs[i].summary);
	fputs("\nVerbs and options of nitro-cli are taken, too. enclave VERB --help tells more.\n"
	      "Exit codes: 0 done, 2 wrong usage, 65 malformed, 66 not found, 69 name or CID in\n"
	      "use, 70 internal, 71 no memory, 73 no state folder, 74 input or output failed,\n"
	      "75 the enclave did not come up, 76 a check is false, 77 not permitted.\n",
		file);
}

static int exit_code_of(const struct fault *fault)
{
	for (size_t i = 0; i < sizeof exit_codes / sizeof exit_codes[0]; i++)
		if (strcmp(exit_codes[i].word, fault->word) == 0)
			return exit_codes[i].code;
	return fault->word[0] == 'e' && isdigit((unsigned char)fault->word[1]) ? EXIT_NITRO
									       : EXIT_MALFORMED;
}

/* A descriptor from 0 to 2 that is closed would be given to the next file. */
static void keep_places(void)
{
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)open("/", O_PATH | O_CLOEXEC);
}

static int run(const struct verb *verb, int count, char **arguments)
{
	struct fault fault = {0};

	if (verb->run(count, arguments, &fault) >= 0)
		return 0;
	fault_print(stderr, "enclave", &fault);
	fprintf(stderr, "reason: %s\n", fault.word);
	return exit_code_of(&fault);
}

static int no_verb(const char *name)
{
	if (name != NULL) {
		fputs("enclave: no such verb: ", stderr);
		print_escaped(stderr, name);
		fputs("\n\n", stderr);
	}
	print_help(stderr);
	return 2;
}

int main(int count, char **arguments)
{
	signals_ignore_pipe();
	machine_trace_setup(getenv("CLOISTER_TRACE"));
	if (count > 0 && strcmp(arguments[0], KEEPER_NAME) == 0)
		_exit(keeper_run(count, arguments));
	keep_places();
	opterr = 0;
	if (count > 0 && personality_wanted(arguments[0]))
		return personality_run(count, arguments);
	if (count < 2)
		return no_verb(NULL);
	if (strcmp(arguments[1], "--help") == 0) {
		print_help(stdout);
		return 0;
	}
	if (strcmp(arguments[1], "--version") == 0) {
		puts("enclave " CLOISTER_VERSION);
		return 0;
	}
	for (size_t i = 0; i < VERBS; i++)
		if (strcmp(arguments[1], verbs[i].name) == 0 ||
			(verbs[i].other != NULL && strcmp(arguments[1], verbs[i].other) == 0))
			return run(&verbs[i], count - 1, arguments + 1);
	return no_verb(arguments[1]);
}
