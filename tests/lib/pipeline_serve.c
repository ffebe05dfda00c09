/* pipeline_serve: the listener of pipeline.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/channel/fields.h"
#include "tests/lib/loop.h"
#include "tests/lib/pipeline.h"

static bool is(const struct pipeline_server *server, const char *word)
{
	return strcmp(server->words[0], word) == 0;
}

static uint32_t number(const struct pipeline_server *server, unsigned word)
{
	return (uint32_t)strtoul(server->words[word], NULL, 10);
}

/* --- A channel -------------------------------------------------------------------------------- */

static void conclude(struct pipeline_server *server, uint32_t status)
{
	if (server->channel != NULL)
		assert_true(channel_conclude(server->channel, status, NULL, 0));
}

/* Sends what there is to send, and ends when that was all. */
static void go_on(struct pipeline_server *server)
{
	static const uint8_t letters[2][1024] = {{[0 ... 1023] = 'o'}, {[0 ... 1023] = 'e'}};
	size_t taken = 1;

	while (server->channel != NULL && taken > 0 &&
		server->to_send[0] + server->to_send[1] > 0) {
		unsigned i = server->to_send[0] >= server->to_send[1] ? 0 : 1;
		size_t size = server->to_send[i] < 1024 ? server->to_send[i] : 1024;

		taken = channel_send(
			server->channel, i == 0 ? SLC_OUTPUT : SLC_ERROR, letters[i], size);
		if (!is(server, "flood"))
			server->to_send[i] -= taken;
	}
	if (server->channel != NULL && server->kept_size > 0) {
		taken = channel_send(server->channel, SLC_OUTPUT, server->kept, server->kept_size);
		memmove(server->kept, server->kept + taken, server->kept_size - taken);
		server->kept_size -= taken;
		channel_consumed(server->channel, taken);
	}
	if (is(server, "both") && server->to_send[0] + server->to_send[1] == 0)
		conclude(server, 0);
	if (is(server, "echo") && server->is_input_over && server->kept_size == 0)
		conclude(server, 0);
}

static void data(struct channel *channel, enum slc_stream stream, const uint8_t *bytes, size_t size)
{
	struct pipeline_server *server = channel_owner(channel);

	(void)stream;
	server->received += size;
	if (is(server, "deaf"))
		return;
	if (!is(server, "echo")) {
		channel_consumed(channel, size);
		return;
	}
	assert_true(size <= PIPELINE_KEPT - server->kept_size);
	memcpy(server->kept + server->kept_size, bytes, size);
	server->kept_size += size;
	go_on(server);
}

static void end(struct channel *channel, enum slc_stream stream)
{
	struct pipeline_server *server = channel_owner(channel);

	(void)stream;
	server->is_input_over = true;
	go_on(server);
}

static void message(struct channel *channel, uint32_t kind, const uint32_t *numbers, unsigned count)
{
	struct pipeline_server *server = channel_owner(channel);

	assert_int_equal(kind, SLC_SIGNAL);
	assert_int_equal(count, 1);
	conclude(server, 128 + numbers[0]);
}

static void writable(struct channel *channel)
{
	go_on(channel_owner(channel));
}

static void ended(
	struct channel *channel, enum channel_outcome outcome, uint32_t reason, const char *text)
{
	struct pipeline_server *server = channel_owner(channel);

	(void)text;
	server->channel = NULL;
	if (outcome == CHANNEL_RESET)
		server->reset = reason;
}

static const struct channel_events channel_events = {
	.data = data,
	.end = end,
	.message = message,
	.writable = writable,
	.ended = ended,
};

/* --- Requests --------------------------------------------------------------------------------- */

static void exec(struct pipeline_server *server, struct channel *channel)
{
	uint8_t memory[128];
	struct field_writer writer = field_writer_of(memory, sizeof memory);

	if (is(server, "refuse")) {
		channel_refuse(channel, number(server, 1), "not \033[31mred");
		return;
	}
	channel_accept(channel);
	if (is(server, "status")) {
		conclude(server, number(server, 1));
	} else if (is(server, "nothing")) {
		field_put_number(&writer, SLC_REASON, number(server, 2));
		field_put_text(&writer, SLC_TEXT, "it was not there");
		assert_true(channel_conclude(channel, number(server, 1), memory, writer.used));
	} else if (is(server, "reset")) {
		channel_abort(channel, number(server, 1), "that is all");
	} else if (is(server, "vanish")) {
		server->is_gone = true;
	} else {
		server->to_send[0] = server->to_send[1] =
			is(server, "both") ? number(server, 1) : 0;
		if (is(server, "flood"))
			server->to_send[0] = SIZE_MAX;
		go_on(server);
	}
}

/* The document is the request itself. */
static void attest(
	struct pipeline_server *server, struct channel *channel, const uint8_t *fields, size_t size)
{
	channel_accept(channel);
	assert_int_equal(channel_send(channel, SLC_OUTPUT, (const uint8_t *)"document:", 9), 9);
	assert_int_equal(channel_send(channel, SLC_OUTPUT, fields, size), size);
	conclude(server, 0);
}

static void asked(
	struct slc *slc, struct channel *channel, uint32_t type, const uint8_t *bytes, size_t size)
{
	struct pipeline_server *server = slc_owner(slc);
	struct fields fields = fields_of(bytes, size);
	struct field field;

	server->channels++;
	server->channel = channel;
	server->kept_size = server->to_send[0] = server->to_send[1] = 0;
	server->is_input_over = false;
	memset(server->words, 0, sizeof server->words);
	channel_own(channel, &channel_events, server);
	if (type == SLC_ATTEST) {
		attest(server, channel, bytes, size);
		return;
	}
	if (type != SLC_EXEC && server->serve != NULL) {
		server->serve(server, channel, type, bytes, size);
		return;
	}
	if (type != SLC_EXEC) {
		channel_refuse(channel, SLC_REASON_UNKNOWN, NULL);
		return;
	}
	for (unsigned i = 0; i < 4 && fields_next(&fields, &field) == FIELDS_NEXT; i++) {
		assert_int_equal(field.tag, SLC_ARGUMENT);
		(void)field_text(&field, server->words[i], sizeof server->words[i]);
	}
	exec(server, channel);
}

/* --- Sessions --------------------------------------------------------------------------------- */

static void opened(struct slc *slc)
{
	((struct pipeline_server *)slc_owner(slc))->sessions++;
}

static void closed(struct slc *slc, uint32_t reason, const char *text)
{
	struct pipeline_server *server = slc_owner(slc);

	(void)text;
	if (reason != SLC_REASON_NONE)
		server->lost++;
}

static const struct slc_events session_events = {
	.opened = opened,
	.asked = asked,
	.closed = closed,
};

static void forget(struct pipeline_server *server)
{
	slc_free(server->slc);
	server->slc = NULL;
	listener_ended(&server->listener);
}

static void gone(struct link *link)
{
	forget(link->user);
}

static void accepted(struct listener *listener, int fd)
{
	struct pipeline_server *server = listener->user;
	struct fault fault;

	assert_null(server->slc);
	assert_int_equal(slc_new(&server->slc, &slc_usual, &session_events, server, &fault), 0);
	assert_int_equal(socket_stream_open(&server->socket, server->loop, fd, &fault), 0);
	server->link = (struct link){.gone = gone, .user = server};
	link_start(&server->link, server->loop, &server->socket.stream, server->slc);
}

void pipeline_server_turn(struct pipeline_server *server)
{
	struct fault fault;

	assert_int_equal(loop_turn(server->loop, UINT64_MAX, &fault), 0);
	if (server->is_gone && server->slc != NULL) {
		link_stop(&server->link);
		forget(server);
	}
	server->is_gone = false;
}

/* --- Setup and teardown ----------------------------------------------------------------------- */

int pipeline_server_open(void **state)
{
	struct pipeline_server *server = calloc(1, sizeof *server);
	struct listener_limits limits = {.connections = 1};
	struct address address;
	struct fault fault;

	assert_non_null(server);
	assert_int_equal(test_loop_open((void **)&server->loop), 0);
	(void)snprintf(server->folder, sizeof server->folder, "/tmp/cloister-pipeline-XXXXXX");
	assert_non_null(mkdtemp(server->folder));
	(void)snprintf(server->address, sizeof server->address, "unix:%s/s", server->folder);
	server->kept = malloc(PIPELINE_KEPT);
	server->listener.accepted = accepted;
	server->listener.user = server;
	assert_int_equal(address_parse(server->address, &address, &fault), 0);
	assert_int_equal(
		listener_open(&server->listener, server->loop, &address, &limits, &fault), 0);
	*state = server;
	return 0;
}

int pipeline_server_close(void **state)
{
	struct pipeline_server *server = *state;
	struct loop *loop = server->loop;

	if (server->slc != NULL) {
		link_stop(&server->link);
		forget(server);
	}
	listener_close(&server->listener);
	assert_int_equal(rmdir(server->folder), 0);
	free(server->kept);
	free(server);
	*state = loop;
	return test_loop_close(state);
}
