/* exec: runs a command inside, as if it ran here: its streams are ours, signals reach it, and its
 * status is ours in the end. What verbs say about it is in exec_verbs.c. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/pipeline/exec.h"
#include "host/pipeline/output.h"
#include "host/pipeline/terminal.h"
#include "host/pipeline/verbs.h"
#include "runtime/channel/reason.h"

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

static int tell_number(const struct exec *exec, struct failure *failure)
{
	const uint32_t job = exec->request.job;

	if (exec->options->json)
		return output_json(json_pack("{s:I}", "job", (json_int_t)job), &failure->fault);
	printf("%u\n", job);
	return output_finish(&failure->fault);
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
	if (exec->wish.is_detached && request->status == 0)
		return tell_number(exec, failure);
	return (int)request->status;
}

/* --- The whole -------------------------------------------------------------------------------- */

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
int exec_run(struct exec *exec, struct failure *failure)
{
	int status = run(exec, failure);
	bool can_go = source_stop(&exec->input);

	terminal_leave();
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
