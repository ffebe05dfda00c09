/* library: see library.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "runtime/channel/fields.h"
#include "tests/lib/library.h"

#define ROUNDS 100000

/* --- The enclave's end ------------------------------------------------------------------------ */

static void send_back(struct channel *channel)
{
	uint8_t same[4096];
	struct library_server *server = channel_owner(channel);
	size_t sent = 1;

	(void)memset(same, 'x', sizeof same);
	while (server->owed > 0 && sent > 0) {
		size_t size = server->owed < sizeof same ? server->owed : sizeof same;

		sent = channel_send(channel, SLC_OUTPUT, same, size);
		server->owed -= sent;
		channel_consumed(channel, sent);
	}
	if (server->owed > 0 || !server->has_ended)
		return;
	assert_int_equal(channel_send(channel, SLC_ERROR, (const uint8_t *)"over", 4), 4);
	assert_true(channel_conclude(channel, 7, NULL, 0));
}

static void server_data(
	struct channel *channel, enum slc_stream stream, const uint8_t *bytes, size_t size)
{
	struct library_server *server = channel_owner(channel);

	(void)bytes;
	assert_int_equal(stream, SLC_INPUT);
	server->owed += size;
	send_back(channel);
}

static void server_end(struct channel *channel, enum slc_stream stream)
{
	struct library_server *server = channel_owner(channel);

	(void)stream;
	server->has_ended = true;
	send_back(channel);
}

static void server_message(
	struct channel *channel, uint32_t kind, const uint32_t *numbers, unsigned count)
{
	struct library_server *server = channel_owner(channel);

	assert_int_equal(kind, SLC_SIGNAL);
	assert_int_equal(count, 1);
	server->signal = numbers[0];
	assert_true(channel_conclude(channel, 128 + numbers[0], NULL, 0));
}

static void server_ended(
	struct channel *channel, enum channel_outcome outcome, uint32_t reason, const char *text)
{
	struct library_server *server = channel_owner(channel);

	(void)text;
	server->channel = NULL;
	if (outcome == CHANNEL_RESET)
		server->reset = reason;
}

static const struct channel_events cat = {
	.data = server_data, .end = server_end, .writable = send_back, .ended = server_ended};
static const struct channel_events other = {.message = server_message, .ended = server_ended};

static void asked(
	struct slc *slc, struct channel *channel, uint32_t type, const uint8_t *bytes, size_t size)
{
	struct library_server *server = slc_owner(slc);
	struct fields fields = fields_of(bytes, size);
	struct field_writer writer;
	struct field field;
	uint8_t memory[128];

	assert_int_equal(type, SLC_EXEC);
	assert_int_equal(fields_next(&fields, &field), FIELDS_NEXT);
	assert_int_equal(field_text(&field, server->word, sizeof server->word), 0);
	server->channel = channel;
	channel_own(channel, strcmp(server->word, "cat") == 0 ? &cat : &other, server);
	if (strcmp(server->word, "refuse") == 0) {
		channel_refuse(channel, SLC_REASON_DENIED, "not you");
		return;
	}
	channel_accept(channel);
	if (strcmp(server->word, "odd") == 0)
		assert_true(channel_conclude(channel, 256, NULL, 0));
	if (strcmp(server->word, "nothing") == 0) {
		writer = field_writer_of(memory, sizeof memory);
		field_put_number(&writer, SLC_REASON, SLC_REASON_NOT_FOUND);
		field_put_text(&writer, SLC_TEXT, "there is no such program");
		assert_true(channel_conclude(channel, 127, memory, writer.used));
	}
}

static void closed(struct slc *slc, uint32_t reason, const char *text)
{
	(void)text;
	((struct library_server *)slc_owner(slc))->closed += reason == SLC_REASON_NONE;
}

static const struct slc_events server_events = {.asked = asked, .closed = closed};

/* --- What joins both -------------------------------------------------------------------------- */

/* Moves what waits, both ways. Whether anything did. */
bool library_carry(struct cloister *session, struct library_server *server)
{
	struct iovec parts[8];
	const void *bytes;
	size_t size = cloister_output(session, &bytes), moved = 0, room;
	uint8_t *place;

	room = slc_room(server->slc, &place);
	size = size < room ? size : room;
	size = size < server->most ? size : server->most;
	if (size > 0) {
		(void)memcpy(place, bytes, size);
		slc_arrived(server->slc, size);
		cloister_written(session, size);
		moved += size;
	}
	if (slc_output(server->slc, parts, 8) > 0) {
		size = parts[0].iov_len < server->most ? parts[0].iov_len : server->most;
		size = cloister_feed(session, parts[0].iov_base, size);
		slc_written(server->slc, size);
		moved += size;
	}
	return moved > 0;
}

/* Until nothing moves any more. Returns what cloister_step has said last. */
int library_run(struct cloister *session, struct library_server *server)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		int status = cloister_step(session, 0, NULL);

		if (status != 0 || !library_carry(session, server))
			return status;
	}
	fail_msg("it does not come to rest");
	return -1;
}

struct cloister *library_begin(struct library_server *server, size_t most)
{
	struct cloister_options *options = cloister_options_new();
	struct slc_options theirs = slc_usual;
	struct cloister *session;
	struct fault fault;

	*server = (struct library_server){.most = most};
	assert_non_null(options);
	assert_int_equal(cloister_set(options, "insecure_dev", "true", NULL), 0);
	assert_int_equal(cloister_new(&session, options, NULL), 0);
	cloister_options_free(options);
	assert_int_equal(slc_new(&server->slc, &theirs, &server_events, server, &fault), 0);
	slc_start(server->slc);
	assert_int_equal(cloister_state(session), CLOISTER_OPENING);
	assert_int_equal(library_run(session, server), 0);
	assert_int_equal(cloister_state(session), CLOISTER_OPEN);
	assert_false(cloister_is_attested(session));
	return session;
}

void library_end(struct cloister *session, struct library_server *server)
{
	cloister_free(session);
	slc_lost(server->slc);
	slc_free(server->slc);
}
