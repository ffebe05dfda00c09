/* initctl: asks init, and has it start and stop units (spec/control.md). */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/initctl/verbs.h"
#include "runtime/control/text.h"

#define EXIT_USAGE    2
#define ARGUMENTS_MAX (COMMAND_WORDS_MAX + 32)
#define LINES_MAX     1000000u

static const char usage[] =
	"usage: initctl [OPTION...] VERB [UNIT] [OPTION...]\n"
	"\n"
	"  list            all units and how they stand\n"
	"  status          of a UNIT in full\n"
	"  why             a UNIT is in its state, and those that are the reason\n"
	"  start           a UNIT, and what it requires; waits until it is up\n"
	"  stop            what requires a UNIT, and then it; waits until it has ended\n"
	"  restart         a UNIT: both; what ran runs again\n"
	"  enable          a UNIT, until init ends: it can be started then\n"
	"  disable         a UNIT, until init ends: it is not started again\n"
	"  reload          read the units' files again, and apply what differs\n"
	"  reset-failed    forget that a UNIT has failed\n"
	"  logs, logs-stream    what a UNIT has written\n"
	"  logs-clear      forget it, in memory and in files\n"
	"  events          what became of units\n"
	"  graph           who waits for whom\n"
	"  check           folders of units, or unit FILES, as init would read them\n"
	"  ps              processes of units\n"
	"  system-status, ping  init itself\n"
	"  reboot, shutdown     stop all units in order, and end\n"
	"\n"
	"  --socket ADDRESS     where init listens: a path, or unix:, vsock:, hybrid:, tcp:;\n"
	"                       /run/cloister/init.sock if not given\n"
	"  --enclave NAME       run initctl in that enclave, through pipeline exec\n"
	"  -n, --lines N        of logs: the last ones\n"
	"  -f, --follow         of logs and events: go on\n"
	"  -o, --output FILE    of logs: append to FILE instead of showing it\n"
	"  --now                of enable and disable: and start it, or stop it\n"
	"  --all                of ps: processes that are no unit's as well; of logs: the log\n"
	"                       files, where initctl can read them\n"
	"  --dot                of graph: for Graphviz\n"
	"  --json               answers as JSON\n"
	"  --help, --version\n"
	"\n"
	"Exit codes: 0 done, 2 wrong usage, 65 it speaks another protocol, 66 no such unit,\n"
	"74 the connection broke, 75 init can't be reached, or it takes too long, 76 the unit\n"
	"did not do it, 77 not permitted. Of check and reload: 65 something is wrong with\n"
	"units' files, 66 they are not there.\n";

static const struct verb verbs[] = {
	{"list", verb_table, CONTROL_LIST, WORDS_NONE},
	{"status", verb_status, CONTROL_STATUS, WORDS_UNIT},
	{"why", verb_why, CONTROL_STATUS, WORDS_UNIT},
	{"start", verb_change, CONTROL_START, WORDS_UNIT},
	{"stop", verb_change, CONTROL_STOP, WORDS_UNIT},
	{"restart", verb_change, CONTROL_RESTART, WORDS_UNIT},
	{"enable", verb_reload, CONTROL_ENABLE, WORDS_UNIT},
	{"disable", verb_reload, CONTROL_DISABLE, WORDS_UNIT},
	{"reload", verb_reload, CONTROL_RELOAD, WORDS_NONE},
	{"reset-failed", verb_change, CONTROL_RESET_FAILED, WORDS_UNIT},
	{"logs", verb_logs, CONTROL_LOGS, WORDS_UNIT},
	{"logs-stream", verb_logs, CONTROL_LOGS, WORDS_UNIT},
	{"logs-clear", verb_change, CONTROL_LOGS_CLEAR, WORDS_UNIT},
	{"events", verb_table, CONTROL_EVENTS, WORDS_NONE},
	{"graph", verb_table, CONTROL_GRAPH, WORDS_NONE},
	{"ps", verb_ps, CONTROL_LIST, WORDS_NONE},
	{"system-status", verb_status, CONTROL_SYSTEM, WORDS_NONE},
	{"check", verb_check, 0, WORDS_PATHS},
	{"ping", verb_change, CONTROL_PING, WORDS_NONE},
	{"reboot", verb_change, CONTROL_REBOOT, WORDS_NONE},
	{"shutdown", verb_change, CONTROL_SHUTDOWN, WORDS_NONE},
};

enum which { SOCKET = 256, ENCLAVE, JSON, DOT, ALL, NOW, HELP, VERSION };

static const struct option options[] = {
	{"socket", required_argument, NULL, SOCKET},
	{"enclave", required_argument, NULL, ENCLAVE},
	{"json", no_argument, NULL, JSON},
	{"dot", no_argument, NULL, DOT},
	{"all", no_argument, NULL, ALL},
	{"now", no_argument, NULL, NOW},
	{"lines", required_argument, NULL, 'n'},
	{"follow", no_argument, NULL, 'f'},
	{"output", required_argument, NULL, 'o'},
	{"help", no_argument, NULL, HELP},
	{"version", no_argument, NULL, VERSION},
	{NULL, 0, NULL, 0},
};

static int misused(const char *text, const char *word)
{
	(void)fprintf(stderr, "initctl: %s%s\n\n%s", text, word, usage);
	return EXIT_USAGE;
}

static bool read_lines(const char *text, uint32_t *lines)
{
	char *end;
	unsigned long value;

	errno = 0;
	value = strtoul(text, &end, 10);
	*lines = (uint32_t)value;
	return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && value <= LINES_MAX;
}

/* -1: go on; else it was answered, with this code. */
static int take(struct command *command, int option)
{
	switch (option) {
	case SOCKET:
		command->socket = optarg;
		return -1;
	case ENCLAVE:
		command->enclave = optarg;
		return -1;
	case JSON:
		command->json = true;
		return -1;
	case DOT:
		command->dot = true;
		return -1;
	case ALL:
		command->all = true;
		return -1;
	case NOW:
		command->is_now = true;
		return -1;
	case 'f':
		command->follows = true;
		return -1;
	case 'o':
		command->output = optarg;
		return -1;
	case 'n':
		return read_lines(optarg, &command->lines)
			       ? -1
			       : misused("-n wants a number of lines, and not ", optarg);
	case HELP:
		return fputs(usage, stdout) < 0;
	case VERSION:
		return printf("initctl %s\n", CLOISTER_VERSION) < 0;
	default:
		(void)fputs(usage, stderr);
		return EXIT_USAGE;
	}
}

static const char *const wanted[] = {[WORDS_NONE] = " wants nothing behind it",
	[WORDS_UNIT] = " wants one unit",
	[WORDS_PATHS] = " wants folders or files, at most 64"};

static bool fits(const struct verb *verb, int count)
{
	if (verb->wants == WORDS_PATHS)
		return count > 0 && count <= COMMAND_WORDS_MAX;
	return count == (verb->wants == WORDS_UNIT);
}

static int find_verb(struct command *command, int count, char **words)
{
	if (count == 0)
		return misused("a verb is missing", "");
	for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
		if (strcmp(words[0], verbs[i].name) == 0)
			command->verb = &verbs[i];
	if (command->verb == NULL)
		return misused("there is no verb ", words[0]);
	if (!fits(command->verb, count - 1))
		return misused(words[0], wanted[command->verb->wants]);
	command->words = words + 1;
	command->word_count = count - 1;
	command->unit = command->verb->wants == WORDS_UNIT ? words[1] : NULL;
	if (command->follows && command->verb->number != CONTROL_LOGS &&
		command->verb->number != CONTROL_EVENTS)
		return misused("-f is for logs and events", "");
	if (command->is_now && command->verb->number != CONTROL_ENABLE &&
		command->verb->number != CONTROL_DISABLE)
		return misused("--now is for enable and disable", "");
	if (command->verb->number != CONTROL_LOGS)
		return command->output == NULL ? 0 : misused("-o is for logs", "");
	if (command->all && (command->follows || command->lines != UINT32_MAX))
		return misused("--all has whole log files: it goes with neither -f nor -n", "");
	return 0;
}

/* Standard output becomes the file, of initctl or of what runs it in an enclave. */
static int open_output(const char *path)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);

	if (fd >= 0 && dup2(fd, STDOUT_FILENO) >= 0) {
		(void)close(fd);
		return 0;
	}
	(void)fprintf(
		stderr, "initctl: cannot write to '%s': %s\nreason: io\n", path, strerror(errno));
	return 74;
}

/* The same command in the enclave, through the secure local channel: its rights count there. */
static int run_inside(const struct command *command)
{
	char lines[16];
	const char *words[ARGUMENTS_MAX] = {
		"pipeline", "exec", "--enclave", command->enclave, "--", "initctl"};
	size_t count = 6;

	(void)snprintf(lines, sizeof lines, "%u", command->lines);
	if (command->json)
		words[count++] = "--json";
	if (command->dot)
		words[count++] = "--dot";
	if (command->all)
		words[count++] = "--all";
	if (command->is_now)
		words[count++] = "--now";
	if (command->follows)
		words[count++] = "-f";
	if (command->lines != UINT32_MAX) {
		words[count++] = "-n";
		words[count++] = lines;
	}
	if (command->socket != NULL) {
		words[count++] = "--socket";
		words[count++] = command->socket;
	}
	words[count++] = command->verb->name;
	for (int i = 0; i < command->word_count; i++)
		words[count++] = command->words[i];
	words[count] = NULL;
	(void)execvp(words[0], (char *const *)(uintptr_t)words);
	(void)fprintf(stderr, "initctl: cannot run pipeline: %s\n", strerror(errno));
	return errno == ENOENT ? 127 : 126;
}

static int output_fault(struct fault *fault)
{
	(void)fault_set(fault, "io", "writing the output failed");
	return 74;
}

static int ask(struct command *command)
{
	struct fault fault = {0};
	bool is_local = command->verb->wants == WORDS_PATHS;
	int code = is_local ? 0
			    : talk_open(&command->talk,
				      command->socket == NULL ? CONTROL_SOCKET : command->socket,
				      &fault);

	if (code == 0)
		code = command->verb->run(command, &fault);
	if (!is_local)
		talk_close(&command->talk);
	if (fflush(stdout) != 0 || ferror(stdout))
		code = output_fault(&fault);
	if (code == 0 || fault.word[0] == '\0')
		return code;
	fault_print(stderr, "initctl", &fault);
	(void)fprintf(stderr, "reason: ");
	print_escaped(stderr, fault.word);
	(void)fputc('\n', stderr);
	return code;
}

int main(int count, char **arguments)
{
	static struct command command = {.lines = UINT32_MAX};
	int option, code;

	(void)signal(SIGPIPE, SIG_IGN);
	while ((option = getopt_long(count, arguments, "fn:o:", options, NULL)) != -1) {
		code = take(&command, option);
		if (code >= 0)
			return code;
	}
	code = find_verb(&command, count - optind, arguments + optind);
	if (code != 0 || command.verb == NULL)
		return code;
	if (command.output != NULL && (code = open_output(command.output)) != 0)
		return code;
	return command.enclave != NULL ? run_inside(&command) : ask(&command);
}
