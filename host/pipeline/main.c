/* pipeline: runs commands in an enclave and copies files into it and out of it, as far as the
 * enclave's policy permits. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/pipeline/verbs.h"
#include "runtime/kernel/machine.h"
#include "runtime/kernel/signals.h"

struct verb {
	const char *name;
	int (*run)(struct options *options, int count, char **arguments, struct failure *failure);
	bool is_exec;        /* failures of ours end with 125 */
	const char *summary; /* null: print_help has a line for it */
};

static const struct verb verbs[] = {
	{"listen", verb_listen, false, "serve clients: in the enclave, by the program slc"},
	{"exec", verb_exec, true, "run a command there; -i passes input on, -t is a terminal"},
	{"shell", verb_shell, true, "log in there, with this terminal"},
	{"ps", verb_ps, false, "list commands that were detached"},
	{"logs", verb_logs, false, "print what one of them has said; -f follows it"},
	{"kill", verb_kill, false, "send one of them a signal"},
	{"wait", verb_wait, true, "wait for one of them, and end with its status"},
	{"cp", verb_cp, false, "copy files and trees: the enclave's side is :PATH"},
	{"forward", verb_forward, false, "lead connections through to targets there"},
	{"proxy", verb_proxy, false, "lead standard input and output to a target: for ssh"},
	{"ping", verb_ping, false, "measure how long an answer takes"},
	{"attest", verb_attest, false, "fetch an attestation document, and judge it"},
	{"audit", verb_audit, false, "show the enclave's log of who did what, and check it"},
	{"keygen", verb_keygen, false, "make a pair of keys for an operator"},
	{"permit", verb_permit, false, "say what the keys of a file may do"},
	{"run", verb_run, true, NULL},
	{"send-file", verb_copy, false, NULL},
	{"recv-file", verb_copy, false, NULL},
	{"send-dir", verb_copy, false, NULL},
	{"recv-dir", verb_copy, false, NULL},
};
#define VERBS (sizeof verbs / sizeof verbs[0])

/* Links to this program that have these names. */
static const struct verb links[] = {
	{"pipeline-dir", verb_pipeline_dir, false, NULL},
	{"shell.sh", verb_shell_sh, true, NULL},
};

#ifdef CLOISTER_IMAGE
#define INSECURE_HELP ""
#else
#define INSECURE_HELP                                                                              \
	"  --insecure-dev     speak plainly, without TLS, to an slc that does so too\n"
#endif

static void print_help(FILE *file)
{
	fputs("usage: pipeline [OPTION...] VERB [ARGUMENT...]\n\n", file);
	for (size_t i = 0; i < VERBS; i++)
		if (verbs[i].summary != NULL)
			fprintf(file, "  %-18s %s\n", verbs[i].name, verbs[i].summary);
	fputs("  run, send-file, recv-file, send-dir, recv-dir: exec and cp by other words\n"
	      "\n"
	      "  --addr ADDRESS     vsock:CID:PORT, unix:PATH, unix:@NAME, tcp:HOST:PORT,\n"
	      "                     hybrid:PATH:PORT; by default the one in CLOISTER_ADDR\n"
	      "  --enclave NAME     one of pipeline.conf, or that the launcher has started; or by\n"
	      "                     --enclave-id ID, or --cid N; and --port N\n"
	      "  --config FILE      instead of ~/.config/cloister/pipeline.conf\n"
	      "  --timeout SECONDS  for connecting, and again for greeting; by default 10\n"
	      "  --json             results as JSON\n"
	      "  --quiet            no progress, no results for people\n"
	      "  --policy FILE      which enclaves are believed; or, of whatever image:\n"
	      "  --root PEM         what an enclave's document is signed under, instead of AWS's\n"
	      "                     root; by default the one in CLOISTER_ROOT\n"
	      "  --key URI          the key that the image knows you by; by default CLOISTER_KEY\n"
	      "  --accept-unsigned, --accept-debug: nobody knows who answers\n" INSECURE_HELP
	      "  --version          print the version\n"
	      "\npipeline VERB --help tells more. exec ends with the command's status; 125 is\n"
	      "a failure of ours. Others: 0 done, 2 wrong usage, 65 malformed, 66 not found,\n"
	      "67 other protocol, 68 not reached or lost, 69 busy, 70 internal, 71 no memory,\n"
	      "73 no output, 74 input or output failed, 76 a digest is wrong, 77 not permitted.\n",
		file);
}

/* A descriptor from 0 to 2 that is closed would be given to the next socket. What is put there
 * fails as a closed one does. */
static void keep_places(void)
{
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)open("/", O_PATH | O_CLOEXEC);
}

static int run(const struct verb *verb, struct options *options, int count, char **arguments)
{
	struct failure failure = {0};
	int code = verb->run(options, count, arguments, &failure);

	return code >= 0 ? code : failure_print(&failure, verb->is_exec);
}

static int no_verb(const char *name)
{
	if (name != NULL) {
		fputs("pipeline: no such verb: ", stderr);
		print_escaped(stderr, name);
		fputs("\n\n", stderr);
	}
	print_help(stderr);
	return 2;
}

/* The options in front of the verb. Returns an exit code, or -1 to go on. */
static int take_options(struct options *options, int count, char **arguments)
{
	static const struct option table[] = {
		OPTIONS_COMMON, {"version", no_argument, NULL, 'V'}, {0}};
	struct failure failure = {0};
	int code;

	while ((code = getopt_long(count, arguments, "+", table, NULL)) != -1) {
		if (code == OPTION_HELP) {
			print_help(stdout);
			return 0;
		}
		if (code == 'V') {
			puts("pipeline " CLOISTER_VERSION);
			return 0;
		}
		if (options_take(options, code, "pipeline", arguments, &failure) != 0)
			return failure_print(&failure, false);
	}
	return -1;
}

int main(int count, char **arguments)
{
	struct options options = {0};
	int first, code;

	keep_places();
	signals_ignore_pipe();
	machine_trace_setup(getenv("CLOISTER_TRACE"));
	opterr = 0;
	for (size_t i = 0; i < sizeof links / sizeof links[0]; i++)
		if (strcmp(program_invocation_short_name, links[i].name) == 0)
			return run(&links[i], &options, count, arguments);
	code = take_options(&options, count, arguments);
	if (code >= 0)
		return code;
	first = optind;
	for (size_t i = 0; first < count && i < VERBS; i++) {
		if (strcmp(arguments[first], verbs[i].name) == 0) {
			optind = 0; /* for the verb's own options */
			return run(&verbs[i], &options, count - first, arguments + first);
		}
	}
	return no_verb(arguments[first]);
}
