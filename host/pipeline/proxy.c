/* proxy: the verb that leads standard input and output to a target inside, as ssh wants it of its
 * ProxyCommand. */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/pipeline/forward_spec.h"
#include "host/pipeline/heed.h"
#include "host/pipeline/sink.h"
#include "host/pipeline/source.h"
#include "host/pipeline/verbs.h"
#include "runtime/client/request.h"

static const char help[] =
	"usage: pipeline proxy TARGET\n"
	"\n"
	"Leads standard input and output to a target there, as far as the key may be led: for\n"
	"ssh's ProxyCommand, and so for sftp, scp and rsync.\n"
	"\n"
	"  TARGET   HOST:PORT, tcp:HOST:PORT, unix:PATH, unix:@NAME or vsock:CID:PORT, as the\n"
	"           enclave sees it\n"
	"\n"
	"  ssh -o ProxyCommand='pipeline --enclave demo proxy 127.0.0.1:22' user@demo\n"
	"\n"
	"Ends with 0 when both directions have ended.\n";

struct proxy {
	const struct options *options;
	struct address target;

	struct connection connection;
	struct request request;
	struct signals signals;
	int interrupted; /* the signal that has ended it; 0: none */
	struct source input;
	bool has_input; /* it was started */
	struct sink output;
	bool is_over;      /* the target sends no more */
	int error;         /* of input or output, an errno; it has ended the connection */
	const char *place; /* where it was */
};

static void fail(struct proxy *proxy, int error, const char *place)
{
	uint32_t reason = error == EPIPE ? SLC_REASON_CANCELLED : SLC_REASON_IO;

	if (proxy->error != 0)
		return;
	proxy->error = error;
	proxy->place = place;
	request_abort(&proxy->request, reason, NULL);
}

/* --- Input ------------------------------------------------------------------------------------ */

static void pass_on(struct proxy *proxy)
{
	struct source *input = &proxy->input;
	struct channel *channel = proxy->request.channel;

	if (channel == NULL || !proxy->has_input || input->is_busy)
		return;
	if (!input->is_over)
		source_take(input, channel_send(channel, SLC_INPUT, input->bytes + input->at,
					   input->size - input->at));
	else if (input->error != 0)
		fail(proxy, input->error, "reading standard input");
	else
		channel_finish(channel, SLC_INPUT);
}

static void was_read(struct source *source)
{
	pass_on(source->user);
}

static void writable(struct channel *channel)
{
	pass_on(channel_owner(channel));
}

static void accepted(struct channel *channel)
{
	struct proxy *proxy = channel_owner(channel);
	struct fault fault;

	proxy->input.ready = was_read;
	proxy->input.user = proxy;
	if (source_start(&proxy->input, proxy->connection.loop, STDIN_FILENO, &fault) == 0)
		proxy->has_input = true;
	else
		fail(proxy, EAGAIN, "starting a thread for standard input");
}

/* --- Output ----------------------------------------------------------------------------------- */

/* Who reads our output learns that it has ended, also while our input goes on. */
static void end_output(struct proxy *proxy)
{
	int null;

	if (!proxy->is_over || !sink_is_idle(&proxy->output))
		return;
	null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	(void)dup2(null, STDOUT_FILENO);
	(void)close(null);
}

static void was_written(struct sink *sink, size_t size)
{
	struct proxy *proxy = sink->user;

	if (proxy->request.channel != NULL)
		channel_consumed(proxy->request.channel, size);
	if (sink->error != 0)
		fail(proxy, sink->error, "writing standard output");
	end_output(proxy);
}

static void data(struct channel *channel, enum slc_stream stream, const uint8_t *bytes, size_t size)
{
	struct proxy *proxy = channel_owner(channel);

	if (stream == SLC_OUTPUT)
		sink_put(&proxy->output, bytes, size);
	else
		channel_abort(channel, SLC_REASON_PROTOCOL, NULL);
}

static void end(struct channel *channel, enum slc_stream stream)
{
	struct proxy *proxy = channel_owner(channel);

	if (stream != SLC_OUTPUT)
		return;
	proxy->is_over = true;
	end_output(proxy);
}

/* --- The end ---------------------------------------------------------------------------------- */

static void status(struct channel *channel, uint32_t status, const uint8_t *fields, size_t size)
{
	struct proxy *proxy = channel_owner(channel);

	request_status(&proxy->request, status, fields, size);
}

static void ended(
	struct channel *channel, enum channel_outcome outcome, uint32_t reason, const char *text)
{
	struct proxy *proxy = channel_owner(channel);

	request_ended(&proxy->request, outcome, reason, text);
	connection_leave(&proxy->connection);
}

static const struct channel_events events = {
	.accepted = accepted,
	.data = data,
	.end = end,
	.status = status,
	.writable = writable,
	.ended = ended,
};

static void signalled(struct signals *signals, int number, pid_t sender)
{
	struct proxy *proxy = (struct proxy *)((char *)signals - offsetof(struct proxy, signals));

	(void)sender;
	proxy->interrupted = number;
	request_abort(&proxy->request, SLC_REASON_CANCELLED, NULL);
}

static int conclude(struct proxy *proxy, struct failure *failure)
{
	if (proxy->interrupted != 0)
		heed_end_by(proxy->interrupted);
	if (proxy->error != 0)
		return fault_io(&failure->fault, proxy->error, "%s failed", proxy->place);
	if (!proxy->request.is_done)
		return request_failure(
			&proxy->request, &proxy->connection, "the connection", failure);
	return 0;
}

/* --- The verb --------------------------------------------------------------------------------- */

static int ask(struct proxy *proxy, struct failure *failure)
{
	uint8_t bytes[ADDRESS_TEXT_MAX + SLC_FIELD_SIZE];
	struct field_writer fields = field_writer_of(bytes, sizeof bytes);
	char target[ADDRESS_TEXT_MAX];

	address_print(&proxy->target, target);
	field_put_text(&fields, SLC_TARGET, target);
	return request_open(
		&proxy->request, &proxy->connection, &events, proxy, SLC_FORWARD, &fields, failure);
}

static int run(struct proxy *proxy, struct failure *failure)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, 0};
	struct connection *connection = &proxy->connection;

	proxy->output.written = was_written;
	proxy->output.user = proxy;
	proxy->signals.arrived = signalled;
	if (options_connect(proxy->options, connection, failure) != 0 ||
		sink_open(&proxy->output, connection->loop, STDOUT_FILENO, slc_usual.window,
			&failure->fault) != 0 ||
		heed(&proxy->signals, connection->loop, numbers, &failure->fault) != 0 ||
		ask(proxy, failure) != 0)
		return -1;
	while (proxy->request.channel != NULL ||
		(!sink_is_idle(&proxy->output) && proxy->interrupted == 0))
		if (connection_turn(connection, failure) != 0)
			return -1;
	return 0;
}

/* While a thread reads standard input, what it uses stays; the process ends soon. */
static int run_and_end(struct proxy *proxy, struct failure *failure)
{
	int status = run(proxy, failure);
	bool can_go = source_stop(&proxy->input) && sink_is_idle(&proxy->output);

	if (status == 0) {
		connection_finish(&proxy->connection);
		status = conclude(proxy, failure);
	}
	if (can_go) {
		signals_stop(&proxy->signals);
		connection_close(&proxy->connection);
		sink_close(&proxy->output);
		free(proxy);
	}
	return status;
}

int verb_proxy(struct options *options, int count, char **arguments, struct failure *failure)
{
	static const struct option table[] = {OPTIONS_COMMON, {0}};
	struct proxy *proxy;
	int code;

	while ((code = getopt_long(count, arguments, "+", table, NULL)) != -1) {
		if (code == OPTION_HELP) {
			fputs(help, stdout);
			return 0;
		}
		if (options_take(options, code, "proxy", arguments, failure) != 0)
			return -1;
	}
	if (optind + 1 != count)
		return fault_set(&failure->fault, "usage", "proxy: give one target");
	proxy = calloc(1, sizeof *proxy);
	if (proxy == NULL)
		return fault_set(&failure->fault, "memory", "no memory");
	proxy->options = options;
	if (forward_spec_target(arguments[optind], &proxy->target, &failure->fault) == 0)
		return run_and_end(proxy, failure);
	free(proxy);
	return -1;
}
