/* exec: the verb that runs a command inside, as if it ran here: its streams are ours, signals reach
 * it, and its status is ours in the end. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/pipeline/exec.h"
#include "host/pipeline/verbs.h"
#include "runtime/channel/reason.h"

#define FIELD_HEADER 6u

static const char help[] =
	"usage: pipeline exec [-i] [--] COMMAND [ARGUMENT...]\n"
	"\n"
	"Runs a command there. Its standard output and standard error are passed on apart and as\n"
	"they are; SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1 and SIGUSR2 are passed to it.\n"
	"\n"
	"  -i   pass standard input on; without it, the command finds its input at the end\n"
	"\n"
	"Ends with the status of the command; 128 + n if a signal ended it, 126 when it can't be\n"
	"executed, 127 when it is not found, 125 when pipeline or the connection failed: then the\n"
	"last line on standard error is `reason: WORD`.\n";

/* --- The request ------------------------------------------------------------------------------ */

/* There is a word at least. */
static int write_request(const struct exec *exec, struct field_writer *writer, struct fault *fault)
{
	const char *const *word = exec->words;
	size_t size = 0;
	uint8_t *bytes;

	do
		size += FIELD_HEADER + strlen(*word);
	while (*++word != NULL);
	bytes = malloc(size);
	if (bytes == NULL)
		return fault_set(fault, "memory", "no memory for the command");
	*writer = field_writer_of(bytes, size);
	for (word = exec->words; *word != NULL; word++)
		field_put_text(writer, SLC_ARGUMENT, *word);
	return 0;
}

static int ask(struct exec *exec, struct failure *failure)
{
	struct field_writer writer;
	int status;

	if (write_request(exec, &writer, &failure->fault) != 0)
		return -1;
	status = request_open(
		&exec->request, &exec->connection, &exec_events, exec, SLC_EXEC, &writer, failure);
	free(writer.bytes);
	return status;
}

/* --- The outcome ------------------------------------------------------------------------------ */

/* A status with a reason: nothing ran. */
static int not_run(const struct exec *exec, struct failure *failure)
{
	const struct request *request = &exec->request;
	const char *why = request->text;

	if (*why == '\0')
		why = slc_reason_word(request->reason);
	(void)failure_reason(failure, request->reason, "%.200s: %s", exec->words[0], why);
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

int verb_exec(struct options *options, int count, char **arguments, struct failure *failure)
{
	static const struct option table[] = {OPTIONS_COMMON, {0}};
	bool has_input = false;
	struct exec *exec;
	int code;

	while ((code = getopt_long(count, arguments, "+i", table, NULL)) != -1) {
		if (code == OPTION_HELP) {
			fputs(help, stdout);
			return 0;
		}
		if (code == 'i')
			has_input = true;
		else if (options_take(options, code, "exec", arguments, failure) != 0)
			return -1;
	}
	if (optind == count)
		return fault_set(&failure->fault, "usage", "exec: give a command");
	exec = calloc(1, sizeof *exec);
	if (exec == NULL)
		return fault_set(&failure->fault, "memory", "no memory");
	exec->options = options;
	exec->has_input = has_input;
	exec->words = (const char *const *)arguments + optind;
	return run_and_end(exec, failure);
}
