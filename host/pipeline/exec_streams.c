/* exec_streams: what passes between a channel and our standard streams, and the signals that go
 * with it. See exec.h.
 *
 * Nothing grows: input is read when the buffer before it was sent, and of output there is never
 * more than the channel's window, since what is not written is not reported as consumed.
 */
#include <errno.h>
#include <stddef.h>
#include <unistd.h>

#include "host/pipeline/exec.h"
#include "host/pipeline/terminal.h"

static const int passed_on[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, 0};

/* With a terminal, its size is passed on too, and it is left while we are stopped. */
static const int heeded_with_terminal[] = {
	SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH, SIGTSTP, SIGCONT, 0};

/* Input or output has failed: without it the command has no use. */
static void fail(struct exec *exec, int error, const char *place)
{
	uint32_t reason = error == EPIPE ? SLC_REASON_CANCELLED : SLC_REASON_IO;

	if (exec->error != 0)
		return;
	exec->error = error;
	exec->place = place;
	request_abort(&exec->request, reason, NULL);
}

/* --- Input ------------------------------------------------------------------------------------ */

static void pass_on(struct exec *exec)
{
	struct source *input = &exec->input;
	struct channel *channel = exec->request.channel;

	if (channel == NULL || !exec->has_input || input->is_busy)
		return;
	if (input->is_over) {
		if (input->error != 0 && input->error != EBADF) /* closed: nothing to pass on */
			fail(exec, input->error, "reading standard input");
		else
			channel_finish(channel, SLC_INPUT);
		return;
	}
	source_take(input, channel_send(channel, SLC_INPUT, input->bytes + input->at,
				   input->size - input->at));
}

static void was_read(struct source *source)
{
	pass_on(source->user);
}

static void writable(struct channel *channel)
{
	pass_on(channel_owner(channel));
}

static void start_input(struct exec *exec)
{
	struct fault fault;

	if (!exec->has_input) {
		channel_finish(exec->request.channel, SLC_INPUT);
		return;
	}
	exec->input.ready = was_read;
	exec->input.user = exec;
	if (source_start(&exec->input, exec->connection.loop, STDIN_FILENO, &fault) != 0) {
		exec->has_input = false;
		fail(exec, EAGAIN, "starting a thread for standard input");
	}
}

/* --- Output ----------------------------------------------------------------------------------- */

static void was_written(struct sink *sink, size_t size)
{
	struct exec *exec = sink->user;
	bool is_output = sink == &exec->output;

	if (exec->request.channel != NULL)
		channel_consumed(exec->request.channel, size);
	if (sink->error != 0)
		fail(exec, sink->error,
			is_output ? "writing standard output" : "writing standard error");
}

static void data(struct channel *channel, enum slc_stream stream, const uint8_t *bytes, size_t size)
{
	struct exec *exec = channel_owner(channel);

	sink_put(stream == SLC_ERROR ? &exec->errors : &exec->output, bytes, size);
}

bool exec_has_written(const struct exec *exec)
{
	return sink_is_idle(&exec->output) && sink_is_idle(&exec->errors);
}

/* --- Signals and the end ---------------------------------------------------------------------- */

static void pass_window(struct exec *exec)
{
	uint32_t window[4];

	terminal_window(window);
	if (exec->is_accepted)
		(void)channel_message(exec->request.channel, SLC_WINDOW, window, 4);
}

/* What is for us, where we pass a terminal on. */
static bool heed_terminal(struct exec *exec, int number)
{
	switch (number) {
	case SIGWINCH:
		break;
	case SIGTSTP:
		terminal_pause();
		break;
	case SIGCONT:
		if (exec->is_accepted)
			terminal_enter(exec->has_input);
		break;
	default:
		return false;
	}
	pass_window(exec);
	return true;
}

/* The command may run before we know that it does, so the first signal waits for the answer. A
 * second one means that somebody does not want to wait. */
static void signalled(struct signals *signals, int number, pid_t sender)
{
	struct exec *exec = (struct exec *)((char *)signals - offsetof(struct exec, signals));
	uint32_t value = (uint32_t)number;

	(void)sender;
	if (heed_terminal(exec, number))
		return;
	if (exec->is_accepted)
		(void)channel_message(exec->request.channel, SLC_SIGNAL, &value, 1);
	else if (exec->early == 0)
		exec->early = value;
	else
		heed_end_by(number);
}

int exec_open_streams(struct exec *exec, struct failure *failure)
{
	struct loop *loop = exec->connection.loop;
	struct fault *fault = &failure->fault;

	exec->output.written = exec->errors.written = was_written;
	exec->output.user = exec->errors.user = exec;
	exec->signals.arrived = signalled;
	if (sink_open(&exec->output, loop, STDOUT_FILENO, slc_usual.window, fault) != 0 ||
		sink_open(&exec->errors, loop, STDERR_FILENO, slc_usual.window, fault) != 0)
		return -1;
	return heed(&exec->signals, loop,
		exec->wish.has_terminal ? heeded_with_terminal : passed_on, fault);
}

static void accepted(struct channel *channel)
{
	struct exec *exec = channel_owner(channel);

	exec->is_accepted = true;
	if (exec->early != 0)
		(void)channel_message(channel, SLC_SIGNAL, &exec->early, 1);
	if (exec->wish.has_terminal) {
		terminal_enter(exec->has_input);
		pass_window(exec); /* it may have changed since the request */
	}
	start_input(exec);
}

static void status(struct channel *channel, uint32_t status, const uint8_t *fields, size_t size)
{
	struct exec *exec = channel_owner(channel);

	request_status(&exec->request, status, fields, size);
}

/* From here on a signal is for this program alone again, which may be waiting for a slow reader. */
static void ended(
	struct channel *channel, enum channel_outcome outcome, uint32_t reason, const char *text)
{
	struct exec *exec = channel_owner(channel);

	request_ended(&exec->request, outcome, reason, text);
	if (exec->wish.has_terminal && exec->is_accepted)
		terminal_enter(false); /* until all is written */
	signals_stop(&exec->signals);
	connection_leave(&exec->connection);
}

const struct channel_events exec_events = {
	.accepted = accepted,
	.data = data,
	.status = status,
	.writable = writable,
	.ended = ended,
};
