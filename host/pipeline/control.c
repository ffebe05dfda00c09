/* control: see control.h. */
#include "host/pipeline/control.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/pipeline/heed.h"

#define ROWS_MAX 4194304u

static struct control *of_channel(struct channel *channel)
{
	return channel_owner(channel);
}

/* --- What comes ------------------------------------------------------------------------------- */

static void was_written(struct sink *sink, size_t size)
{
	struct control *control = sink->user;

	if (control->request.channel != NULL)
		channel_consumed(control->request.channel, size);
	if (sink->error == 0 || control->error != 0)
		return;
	control->error = sink->error;
	request_abort(&control->request, SLC_REASON_CANCELLED, NULL);
}

static void data(struct channel *channel, enum slc_stream stream, const uint8_t *bytes, size_t size)
{
	struct control *control = of_channel(channel);

	if (control->came == NULL) {
		sink_put(stream == SLC_ERROR ? &control->errors : &control->output, bytes, size);
		return;
	}
	control->came(control, stream, bytes, size);
	channel_consumed(channel, size);
}

void control_keep(
	struct control *control, enum slc_stream stream, const uint8_t *bytes, size_t size)
{
	uint8_t *more;

	(void)stream;
	if (control->is_full || size > ROWS_MAX - control->size ||
		(more = realloc(control->rows, control->size + size)) == NULL) {
		control->is_full = true;
		return;
	}
	memcpy(more + control->size, bytes, size);
	control->rows = more;
	control->size += size;
}

static void status(struct channel *channel, uint32_t value, const uint8_t *fields, size_t size)
{
	request_status(&of_channel(channel)->request, value, fields, size);
}

static void ended(
	struct channel *channel, enum channel_outcome outcome, uint32_t reason, const char *text)
{
	struct control *control = of_channel(channel);

	request_ended(&control->request, outcome, reason, text);
	connection_leave(&control->connection);
}

static void accepted(struct channel *channel)
{
	channel_finish(channel, SLC_INPUT);
}

static const struct channel_events events = {
	.accepted = accepted,
	.data = data,
	.status = status,
	.ended = ended,
};

/* --- The whole -------------------------------------------------------------------------------- */

static int open_sinks(struct control *control, struct fault *fault)
{
	struct loop *loop = control->connection.loop;

	control->output.written = control->errors.written = was_written;
	control->output.user = control->errors.user = control;
	return sink_open(&control->output, loop, STDOUT_FILENO, slc_usual.window, fault) != 0 ||
			       sink_open(&control->errors, loop, STDERR_FILENO, slc_usual.window,
				       fault) != 0
		       ? -1
		       : 0;
}

static int ask(struct control *control, struct failure *failure)
{
	uint8_t bytes[64];
	struct field_writer writer = field_writer_of(bytes, sizeof bytes);

	field_put_text(&writer, SLC_VERB, control->verb);
	if (control->job != 0)
		field_put_number(&writer, SLC_JOB, control->job);
	if (control->signal != 0)
		field_put_number(&writer, SLC_JOB_SIGNAL, control->signal);
	if (control->bits != 0)
		field_put_number(&writer, SLC_JOB_OPTIONS, control->bits);
	return request_open(&control->request, &control->connection, &events, control, SLC_CONTROL,
		&writer, failure);
}

int control_run(struct control *control, struct failure *failure)
{
	struct connection *connection = &control->connection;
	const struct request *request = &control->request;

	if (options_connect(control->options, connection, failure) != 0 ||
		open_sinks(control, &failure->fault) != 0 || ask(control, failure) != 0)
		return -1;
	while (request->channel != NULL || !sink_is_idle(&control->output) ||
		!sink_is_idle(&control->errors))
		if (connection_turn(connection, failure) != 0)
			return -1;
	connection_finish(connection);
	if (control->error == EPIPE)
		heed_end_by(SIGPIPE);
	if (control->error != 0)
		return fault_io(&failure->fault, control->error, "writing the log failed");
	if (control->is_full)
		return fault_set(&failure->fault, "memory", "no memory for the answer");
	return request->is_done ? 0 : request_failure(request, connection, control->verb, failure);
}

void control_free(struct control *control)
{
	connection_close(&control->connection);
	sink_close(&control->output);
	sink_close(&control->errors);
	free(control->rows);
}
