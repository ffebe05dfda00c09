/* slc: see slc.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "tests/lib/slc.h"

uint64_t pair_random(struct pair *pair)
{
	pair->random ^= pair->random << 13;
	pair->random ^= pair->random >> 7;
	pair->random ^= pair->random << 17;
	return pair->random;
}

static uint8_t pattern(uint32_t stream, size_t at)
{
	return (uint8_t)(at * 31 + at / 251 + stream * 7);
}

/* --- Channels --------------------------------------------------------------------------------- */

static bool sends_input(const struct end *end)
{
	return end->asked == 0;
}

static void push_stream(struct end *end, uint32_t stream)
{
	uint8_t bytes[5000];

	while (end->sent[stream] < end->wanted[stream]) {
		size_t size = end->wanted[stream] - end->sent[stream], took;

		if (size > sizeof bytes)
			size = sizeof bytes;
		for (size_t i = 0; i < size; i++)
			bytes[i] = pattern(stream, end->sent[stream] + i);
		took = channel_send(end->channel, (enum slc_stream)stream, bytes, size);
		end->sent[stream] += took;
		if (took < size)
			return;
	}
	if (!end->has_finished[stream])
		channel_finish(end->channel, (enum slc_stream)stream);
	end->has_finished[stream] = true;
}

void end_push(struct end *end)
{
	if (end->channel == NULL)
		return;
	if (sends_input(end)) {
		push_stream(end, SLC_INPUT);
		return;
	}
	push_stream(end, SLC_OUTPUT);
	push_stream(end, SLC_ERROR);
	if (end->has_finished[1] && end->has_finished[2] && end->got_end[0])
		assert_true(channel_conclude(end->channel, 42, NULL, 0));
}

void end_consume(struct end *end)
{
	size_t held = end->held;

	end->held = 0;
	if (end->channel != NULL)
		channel_consumed(end->channel, held);
}

static void accepted(struct channel *channel)
{
	struct end *end = channel_owner(channel);

	end->accepted++;
	end_push(end);
}

static void data(struct channel *channel, enum slc_stream stream, const uint8_t *bytes, size_t size)
{
	struct end *end = channel_owner(channel);

	assert_ptr_equal(end->channel, channel);
	assert_int_not_equal(size, 0);
	for (size_t i = 0; i < size && !end->is_raw; i++)
		if (bytes[i] != pattern(stream, end->got[stream] + i))
			fail_msg("byte %zu of stream %d is wrong", end->got[stream] + i, stream);
	end->got[stream] += size;
	end->held += size;
	assert_true(end->held <= end->side->options.window);
	if (!end->is_lazy)
		end_consume(end);
}

static void ended_stream(struct channel *channel, enum slc_stream stream)
{
	struct end *end = channel_owner(channel);

	assert_false(end->got_end[stream]);
	end->got_end[stream] = true;
	end_push(end);
}

static void message(struct channel *channel, uint32_t kind, const uint32_t *numbers, unsigned count)
{
	struct end *end = channel_owner(channel);

	end->messages++;
	end->kind = kind;
	end->numbers_count = count;
	memcpy(end->numbers, numbers, count * sizeof *numbers);
}

static void status(struct channel *channel, uint32_t value, const uint8_t *fields, size_t size)
{
	struct end *end = channel_owner(channel);

	end->statuses++;
	end->status = value;
	end->fields_size = size;
	memcpy(end->fields, fields, size);
}

static void writable(struct channel *channel)
{
	struct end *end = channel_owner(channel);

	end->wakes++;
	end_push(end);
}

static void ended(
	struct channel *channel, enum channel_outcome outcome, uint32_t reason, const char *text)
{
	struct end *end = channel_owner(channel);

	assert_ptr_equal(end->channel, channel);
	end->ended++;
	end->outcome = outcome;
	end->reason = reason;
	strcpy(end->text, text);
	end->channel = NULL;
}

static const struct channel_events channel_events = {
	.accepted = accepted,
	.data = data,
	.end = ended_stream,
	.message = message,
	.status = status,
	.writable = writable,
	.ended = ended,
};

static struct end *next_end(struct side *side)
{
	struct end *end = &side->ends[side->count++];

	assert_true(side->count <= ENDS_MAX);
	end->side = side;
	return end;
}

struct end *side_open(
	struct side *side, uint32_t type, const void *fields, size_t size, size_t input)
{
	struct end *end = next_end(side);
	struct fault fault;

	end->wanted[SLC_INPUT] = input;
	if (channel_open(side->slc, &end->channel, &channel_events, end, type, fields, size,
		    &fault) != 0) {
		side->count--;
		memset(end, 0, sizeof *end);
		return NULL;
	}
	return end;
}

void end_is(const struct end *end, enum channel_outcome outcome, uint32_t reason)
{
	assert_int_equal(end->ended, 1);
	assert_int_equal(end->outcome, outcome);
	assert_int_equal(end->reason, reason);
	assert_int_equal(end->statuses, outcome == CHANNEL_DONE && sends_input(end));
}

/* --- Sessions --------------------------------------------------------------------------------- */

static void opened(struct slc *slc)
{
	((struct side *)slc_owner(slc))->opened++;
}

static void asked(
	struct slc *slc, struct channel *channel, uint32_t type, const uint8_t *fields, size_t size)
{
	struct side *side = slc_owner(slc);
	struct end *end = next_end(side);

	end->asked++;
	end->channel = channel;
	end->type = type;
	end->fields_size = size;
	assert_true(size <= sizeof end->fields);
	memcpy(end->fields, fields, size);
	end->wanted[SLC_OUTPUT] = side->output;
	end->wanted[SLC_ERROR] = side->error;
	channel_own(channel, &channel_events, end);
	if (side->on_asked != NULL) {
		side->on_asked(end);
		return;
	}
	channel_accept(channel);
	end_push(end);
}

static void measured(struct slc *slc, uint64_t nanoseconds)
{
	struct side *side = slc_owner(slc);

	side->measured++;
	side->nanoseconds = nanoseconds;
}

static void closed(struct slc *slc, uint32_t reason, const char *text)
{
	struct side *side = slc_owner(slc);

	for (unsigned i = 0; i < side->count; i++)
		assert_int_equal(side->ends[i].ended, 1);
	side->closed++;
	side->reason = reason;
	strcpy(side->text, text);
}

static const struct slc_events events = {
	.opened = opened,
	.asked = asked,
	.measured = measured,
	.closed = closed,
};

static uint64_t now(void *data)
{
	return *(uint64_t *)data;
}

void pair_setup(struct pair *pair, uint64_t seed)
{
	memset(pair, 0, sizeof *pair);
	pair->random = seed * 2654435761u + 1;
	pair->left = SIZE_MAX;
	pair->clock = (struct clock){.now = now, .data = &pair->now};
	pair->client.options = slc_usual;
	pair->client.options.is_client = true;
	pair->client.options.instance = 1;
	pair->client.options.clock = &pair->clock;
	pair->server.options = slc_usual;
	pair->server.options.instance = 2;
	pair->server.options.clock = &pair->clock;
}

void pair_open(struct pair *pair)
{
	struct side *sides[] = {&pair->client, &pair->server};
	struct fault fault;

	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(
			slc_new(&sides[i]->slc, &sides[i]->options, &events, sides[i], &fault), 0);
		slc_start(sides[i]->slc);
	}
}

void pair_free(struct pair *pair)
{
	slc_free(pair->client.slc);
	slc_free(pair->server.slc);
}

void side_ok(const struct side *side)
{
	const struct slc *slc = side->slc;

	assert_true(slc_session_ok(&slc->machine));
	for (uint32_t i = 0; i < slc->options.channels; i++)
		if (slc->places[i].number != 0)
			assert_true(slc_channel_ok(&slc->places[i].machine));
}

static size_t copy_parts(
	uint8_t *to, size_t room, const struct iovec *parts, unsigned count, size_t most)
{
	size_t copied = 0;

	for (unsigned i = 0; i < count; i++) {
		size_t size = parts[i].iov_len;

		if (size > room - copied)
			size = room - copied;
		if (size > most - copied)
			size = most - copied;
		memcpy(to + copied, parts[i].iov_base, size);
		copied += size;
	}
	return copied;
}

bool pair_move(struct pair *pair, struct side *from, struct side *to)
{
	size_t some = pair->most == 0 ? SIZE_MAX : 1 + pair_random(pair) % pair->most;
	size_t most = some < pair->left ? some : pair->left;
	struct iovec parts[16];
	unsigned count = slc_output(from->slc, parts, 16);
	uint8_t *bytes;
	size_t room = slc_room(to->slc, &bytes);
	size_t size = copy_parts(bytes, room, parts, count, most);

	pair->left -= size;
	if (size > 0)
		slc_arrived(to->slc, size);
	slc_written(from->slc, size);
	side_ok(from);
	side_ok(to);
	return size > 0;
}

/* One end has said its last word, or has closed. */
static bool lose(const struct pair *pair, struct side *from, struct side *to)
{
	bool is_silent = slc_is_silent(from->slc) || slc_is_over(from->slc);

	if (!is_silent || to->is_told_lost || pair->left == 0)
		return false;
	to->is_told_lost = true;
	slc_lost(to->slc);
	return true;
}

void pair_run(struct pair *pair)
{
	bool moved = true;

	while (moved) {
		bool is_first = pair_random(pair) % 2 == 0;
		struct side *a = is_first ? &pair->client : &pair->server;
		struct side *b = is_first ? &pair->server : &pair->client;

		moved = pair_move(pair, a, b) || pair_move(pair, b, a) || lose(pair, a, b) ||
			lose(pair, b, a);
	}
}

void pair_wait(struct pair *pair, uint64_t nanoseconds)
{
	pair->now += nanoseconds;
	slc_tick(pair->client.slc);
	slc_tick(pair->server.slc);
}

void pair_closed(const struct pair *pair, uint32_t reason)
{
	const struct side *sides[] = {&pair->client, &pair->server};

	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(sides[i]->closed, 1);
		assert_int_equal(sides[i]->reason, reason);
		assert_true(slc_is_over(sides[i]->slc));
		assert_int_equal(slc_channels(sides[i]->slc), 0);
	}
}

void pair_close(struct pair *pair)
{
	slc_close(pair->client.slc, SLC_REASON_NONE, NULL);
	pair_run(pair);
	pair_closed(pair, SLC_REASON_NONE);
	pair_free(pair);
}
