/* exec_verbs: the verbs exec and shell: their command lines. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/pipeline/exec.h"
#include "host/pipeline/verbs.h"

#define SHELL "/bin/sh"

#define SETTINGS_HELP                                                                              \
	"  -e NAME=VALUE   a variable of its environment, which has else PATH, HOME, USER,\n"      \
	"                  LOGNAME, SHELL and TERM alone; NAME: with the value that it has here\n" \
	"  -w DIR          where it starts\n"                                                      \
	"  -u USER         as whom it runs\n"                                                      \
	"  --time SECONDS  it is ended after that\n"

static const char exec_help[] =
	"usage: pipeline exec [OPTION...] [--] COMMAND [ARGUMENT...]\n"
	"\n"
	"Runs a command there. Its standard output and standard error are passed on apart and as\n"
	"they are; SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1 and SIGUSR2 are passed to it.\n"
	"\n"
	"  -i              pass standard input on; without it, the command finds its input at\n"
	"                  the end\n"
	"  -t              give it a terminal, whose both outputs are one; with -i, this one is\n"
	"                  passed on, key by key, and its size\n"
	"  --detach        leave it there when it runs, and print its number: see ps, logs,\n"
	"                  kill and wait\n"
	"  --output BYTES  it is ended when it has said more\n" SETTINGS_HELP "\n"
	"Ends with the status of the command; 128 + n if a signal ended it, 126 when it can't be\n"
	"executed, 127 when it is not found, 125 when pipeline or the connection failed: then the\n"
	"last line on standard error is `reason: WORD`.\n";

static const char shell_help[] =
	"usage: pipeline shell [OPTION...]\n"
	"\n"
	"Logs in there: a shell that reads its profile, at home, with this terminal, which is\n"
	"left as it was, whatever ends it.\n"
	"\n"
	"  --shell PATH    the shell; by default " SHELL "\n" SETTINGS_HELP "\n"
	"Ends as exec does.\n";

enum { TIME = OPTION_HELP + 1, SHELL_PATH, DETACH, OUTPUT };

static int add_variable(struct exec_wish *wish, const char *variable, struct fault *fault)
{
	if (*variable == '\0' || *variable == '=')
		return fault_set(fault, "usage", "-e wants NAME=VALUE or NAME, not '%s'", variable);
	if (wish->variable_count == EXEC_VARIABLES_MAX)
		return fault_set(
			fault, "usage", "-e may stand %u times at most", EXEC_VARIABLES_MAX);
	wish->variables[wish->variable_count++] = variable;
	return 0;
}

static int set_directory(struct exec_wish *wish, const char *path, struct fault *fault)
{
	wish->directory = path;
	return *path == '/' ? 0
			    : fault_set(fault, "usage",
				      "-w wants a folder there by its whole name, not '%s'", path);
}

static int set_output(struct exec_wish *wish, const char *text, struct fault *fault)
{
	uintmax_t value;
	char *end;

	errno = 0;
	value = strtoumax(text, &end, 10);
	if (*text < '0' || *text > '9' || *end != '\0' || errno != 0 || value == 0)
		return fault_set(fault, "usage", "--output wants a number of bytes, not %s", text);
	wish->output = value;
	return 0;
}

static int take(struct exec *exec, int code, const char *verb, char **arguments,
	struct options *options, struct failure *failure)
{
	struct exec_wish *wish = &exec->wish;

	switch (code) {
	case 'i':
		exec->has_input = true;
		return 0;
	case 't':
		wish->has_terminal = true;
		return 0;
	case 'e':
		return add_variable(wish, optarg, &failure->fault);
	case 'w':
		return set_directory(wish, optarg, &failure->fault);
	case 'u':
		wish->user = optarg;
		return 0;
	case TIME:
		return options_number("--time", optarg, EXEC_TIME_MAX, &wish->time, failure);
	case DETACH:
		wish->is_detached = true;
		return 0;
	case OUTPUT:
		return set_output(wish, optarg, &failure->fault);
	case SHELL_PATH:
		exec->shell[0] = optarg;
		return 0;
	default:
		return options_take(options, code, verb, arguments, failure);
	}
}

/* What a verb takes. */
struct grammar {
	const char *verb, *letters, *help;
	const struct option *options;
};

/* 1: the command may run; 0: all is done; -1: a failure. */
static int take_all(struct exec *exec, const struct grammar *grammar, int count, char **arguments,
	struct options *options, struct failure *failure)
{
	int code;

	while ((code = getopt_long(count, arguments, grammar->letters, grammar->options, NULL)) !=
		-1) {
		if (code == OPTION_HELP) {
			fputs(grammar->help, stdout);
			return 0;
		}
		if (take(exec, code, grammar->verb, arguments, options, failure) != 0)
			return -1;
	}
	return 1;
}

static int check_exec(struct exec *exec, int count, char **arguments, struct failure *failure)
{
	if (optind == count)
		return fault_set(&failure->fault, "usage", "exec: give a command");
	if (exec->wish.is_detached && (exec->wish.has_terminal || exec->has_input))
		return fault_set(&failure->fault, "usage",
			"exec: a detached command has neither a terminal nor input");
	if (exec->wish.has_terminal && exec->has_input && !isatty(STDIN_FILENO))
		return fault_set(&failure->fault, "usage",
			"exec: -i -t passes a terminal on, and standard input is none");
	exec->wish.words = (const char *const *)arguments + optind;
	return 1;
}

static int check_shell(struct exec *exec, int count, char **arguments, struct failure *failure)
{
	if (optind < count)
		return fault_set(&failure->fault, "usage",
			"shell takes no command, as '%s': that is for exec", arguments[optind]);
	if (!isatty(STDIN_FILENO))
		return fault_set(&failure->fault, "usage",
			"shell is for a terminal, and standard input is none: use exec -i");
	exec->has_input = exec->wish.has_terminal = exec->wish.is_login = true;
	exec->wish.words = exec->shell;
	return 1;
}

static int run(const struct grammar *grammar,
	int (*check)(struct exec *exec, int count, char **arguments, struct failure *failure),
	struct options *options, int count, char **arguments, struct failure *failure)
{
	struct exec *exec = calloc(1, sizeof *exec);
	int status;

	if (exec == NULL)
		return fault_set(&failure->fault, "memory", "no memory");
	exec->options = options;
	exec->shell[0] = SHELL;
	status = take_all(exec, grammar, count, arguments, options, failure);
	if (status == 1)
		status = check(exec, count, arguments, failure);
	if (status == 1)
		return exec_run(exec, failure);
	free(exec);
	return status;
}

int verb_exec(struct options *options, int count, char **arguments, struct failure *failure)
{
	static const struct option table[] = {OPTIONS_COMMON,
		{"time", required_argument, NULL, TIME}, {"detach", no_argument, NULL, DETACH},
		{"output", required_argument, NULL, OUTPUT}, {0}};
	static const struct grammar grammar = {"exec", "+ite:w:u:", exec_help, table};

	return run(&grammar, check_exec, options, count, arguments, failure);
}

int verb_shell(struct options *options, int count, char **arguments, struct failure *failure)
{
	static const struct option table[] = {OPTIONS_COMMON,
		{"time", required_argument, NULL, TIME},
		{"shell", required_argument, NULL, SHELL_PATH}, {0}};
	static const struct grammar grammar = {"shell", "e:w:u:", shell_help, table};

	return run(&grammar, check_shell, options, count, arguments, failure);
}
