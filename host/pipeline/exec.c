/* exec: the verb that runs a command inside, as if it ran here: its streams are ours, signals reach
 * it, and its status is ours in the end. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/pipeline/exec.h"
#include "host/pipeline/verbs.h"
#include "runtime/channel/reason.h"

static const char help[] =
	"usage: pipeline exec [OPTION...] [--] COMMAND [ARGUMENT...]\n"
	"\n"
	"Runs a command there. Its standard output and standard error are passed on apart and as\n"
	"they are; SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1 and SIGUSR2 are passed to it.\n"
	"\n"
	"  -i              pass standard input on; without it, the command finds its input at\n"
	"                  the end\n"
	"  -e NAME=VALUE   a variable of its environment, which has else PATH, HOME, USER,\n"
	"                  LOGNAME and SHELL alone; NAME: with the value that it has here\n"
	"  -w DIR          where it starts\n"
	"  -u USER         as whom it runs\n"
	"  --time SECONDS  it is ended after that\n"
	"\n"
	"Ends with the status of the command; 128 + n if a signal ended it, 126 when it can't be\n"
	"executed, 127 when it is not found, 125 when pipeline or the connection failed: then the\n"
	"last line on standard error is `reason: WORD`.\n";

/* --- The request ------------------------------------------------------------------------------ */

static int ask(struct exec *exec, struct failure *failure)
{
	struct field_writer writer;
	int status;

	if (exec_write_request(&exec->wish, &writer, &failure->fault) != 0)
		return -1;
	status = request_open(
		&exec->request, &exec->connection, &exec_events, exec, SLC_EXEC, &writer, failure);
	free(writer.bytes);
	return status;
}

/* --- The outcome ------------------------------------------------------------------------------ */

/* A status with a reason: nothing ran, or it had to end. */
static int not_run(const struct exec *exec, struct failure *failure)
{
	const struct request *request = &exec->request;
	const char *why = request->text;

	if (*why == '\0')
		why = slc_reason_word(request->reason);
	(void)failure_reason(failure, request->reason, "%.200s: %s", exec->wish.words[0], why);
	if (125 <= request->status && request->status <= 127)
		failure->exec_code = (int)request->status;
	return -1;
}

static int conclude(struct exec *exec, struct failure *failure)
{
	const struct request *request = &exec->request;

	if (exec->error == EPIPE)
		heed_end_by(SIGPIPE); /* as a program ends whose output nobody reads */
	if (exec->error != 0)
		return fault_io(&failure->fault, exec->error, "%s failed", exec->place);
	if (!request->is_done)
		return request_failure(request, &exec->connection, "the command", failure);
	if (request->status > 255)
		return failure_reason(failure, SLC_REASON_PROTOCOL, "%u is no status of a command",
			request->status);
	if (request->reason != SLC_REASON_NONE)
		return not_run(exec, failure);
	return (int)request->status;
}

/* --- The verb --------------------------------------------------------------------------------- */

static int run(struct exec *exec, struct failure *failure)
{
	struct connection *connection = &exec->connection;

	if (options_connect(exec->options, connection, failure) != 0 ||
		exec_open_streams(exec, failure) != 0 || ask(exec, failure) != 0)
		return -1;
	while (exec->request.channel != NULL || !exec_has_written(exec))
		if (connection_turn(connection, failure) != 0)
			return -1;
	return 0;
}

/* While a thread reads standard input, what it uses stays; the process ends soon. */
static int run_and_end(struct exec *exec, struct failure *failure)
{
	int status = run(exec, failure);
	bool can_go = source_stop(&exec->input);

	if (status == 0) {
		connection_finish(&exec->connection);
		status = conclude(exec, failure);
	}
	if (can_go) {
		connection_close(&exec->connection);
		sink_close(&exec->output);
		sink_close(&exec->errors);
		free(exec);
	}
	return status;
}

enum { TIME = OPTION_HELP + 1 };

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

static int take(struct exec *exec, int code, char **arguments, struct options *options,
	struct failure *failure)
{
	struct exec_wish *wish = &exec->wish;

	switch (code) {
	case 'i':
		exec->has_input = true;
		return 0;
	case 'e':
		return add_variable(wish, optarg, &failure->fault);
	case 'w':
		wish->directory = optarg;
		if (*optarg == '/')
			return 0;
		return fault_set(&failure->fault, "usage",
			"-w wants a folder there by its whole name, not '%s'", optarg);
	case 'u':
		wish->user = optarg;
		return 0;
	case TIME:
		return options_number("--time", optarg, EXEC_TIME_MAX, &wish->time, failure);
	default:
		return options_take(options, code, "exec", arguments, failure);
	}
}

/* 1: the command may run; 0: all is done; -1: a failure. */
static int take_all(struct exec *exec, int count, char **arguments, struct options *options,
	struct failure *failure)
{
	static const struct option table[] = {
		OPTIONS_COMMON, {"time", required_argument, NULL, TIME}, {0}};
	int code;

	while ((code = getopt_long(count, arguments, "+ie:w:u:", table, NULL)) != -1) {
		if (code == OPTION_HELP) {
			fputs(help, stdout);
			return 0;
		}
		if (take(exec, code, arguments, options, failure) != 0)
			return -1;
	}
	if (optind == count)
		return fault_set(&failure->fault, "usage", "exec: give a command");
	exec->wish.words = (const char *const *)arguments + optind;
	return 1;
}

int verb_exec(struct options *options, int count, char **arguments, struct failure *failure)
{
	struct exec *exec = calloc(1, sizeof *exec);
	int status;

	if (exec == NULL)
		return fault_set(&failure->fault, "memory", "no memory");
	exec->options = options;
	status = take_all(exec, count, arguments, options, failure);
	if (status == 1)
		return run_and_end(exec, failure);
	free(exec);
	return status;
}
