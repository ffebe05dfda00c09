/* slc_engine: two ends of the secure local channel, back to back, with bytes cut anywhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "tests/lib/slc.h"

#define SEEDS 60

static struct pair pair;
static struct side *const client = &pair.client, *const server = &pair.server;

static void whole(const struct end *from, const struct end *to, uint32_t stream)
{
	assert_int_equal(from->sent[stream], from->wanted[stream]);
	assert_int_equal(to->got[stream], from->wanted[stream]);
	assert_true(to->got_end[stream]);
}

static void a_command_runs(void **unused)
{
	(void)unused;
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		uint8_t bytes[64];
		struct field_writer writer = field_writer_of(bytes, sizeof bytes);
		struct end *end;

		pair_setup(&pair, seed);
		pair.most = 1 + seed * 97;
		server->output = (size_t)pair_random(&pair) % 300000 / (seed % 2 == 0 ? 1 : 1000);
		server->error = 1000;
		pair_open(&pair);
		pair_run(&pair);
		field_put_text(&writer, SLC_ARGUMENT, "cat");
		end = side_open(client, SLC_EXEC, bytes, writer.used, 20000);
		pair_run(&pair);
		assert_int_equal(end->accepted, 1);
		assert_int_equal(server->ends[0].type, SLC_EXEC);
		assert_int_equal(server->ends[0].fields_size, 9);
		assert_memory_equal(server->ends[0].fields, bytes, 9);
		whole(end, &server->ends[0], SLC_INPUT);
		whole(&server->ends[0], end, SLC_OUTPUT);
		whole(&server->ends[0], end, SLC_ERROR);
		end_is(end, CHANNEL_DONE, 0);
		end_is(&server->ends[0], CHANNEL_DONE, 0);
		assert_int_equal(end->status, 42);
		pair_close(&pair);
	}
}

/* What one end may send is what the other one grants, when nothing is on the way. */
static void credit_is_conserved(const struct end *a, const struct end *b)
{
	const struct slc_channel *at_a = &a->channel->machine, *at_b = &b->channel->machine;

	assert_int_equal(at_a->send_credit, at_b->receive_window);
	assert_int_equal(at_b->send_credit, at_a->receive_window);
	assert_int_equal(at_b->held, b->held);
}

static void many_channels(uint64_t seed)
{
	static const uint8_t fields[1020];
	size_t size;

	pair_setup(&pair, seed);
	pair.most = 3000;
	client->options.window = 1 + (uint32_t)(pair_random(&pair) % 2000);
	server->options.window = 1 + (uint32_t)(pair_random(&pair) % 2000);
	client->options.frame = server->options.frame = 1024;
	client->options.output = server->options.output = 1024;
	pair_open(&pair);
	pair_run(&pair);
	for (unsigned i = 0; i < 64; i++) {
		server->output = (size_t)(pair_random(&pair) % 5000);
		server->error = (size_t)(pair_random(&pair) % 3000);
		size = (size_t)(pair_random(&pair) % sizeof fields);
		assert_non_null(side_open(
			client, SLC_EXEC, fields, size, (size_t)(pair_random(&pair) % 5000)));
		if (i % 8 == 7)
			pair_run(&pair);
		else
			(void)pair_move(&pair, client, server);
	}
	pair_run(&pair);
	for (unsigned i = 0; i < 64; i++) {
		whole(&client->ends[i], &server->ends[i], SLC_INPUT);
		whole(&server->ends[i], &client->ends[i], SLC_OUTPUT);
		whole(&server->ends[i], &client->ends[i], SLC_ERROR);
		end_is(&client->ends[i], CHANNEL_DONE, 0);
		end_is(&server->ends[i], CHANNEL_DONE, 0);
	}
	pair_close(&pair);
}

static void many_channels_at_once_in_small_windows(void **unused)
{
	(void)unused;
	for (uint64_t seed = 0; seed < 8; seed++)
		many_channels(seed);
}

static void make_lazy(struct end *end)
{
	end->is_lazy = true;
	channel_accept(end->channel);
	end_push(end);
}

static void who_does_not_consume_stops_only_its_own_channel(void **unused)
{
	struct end *slow, *fast;

	(void)unused;
	pair_setup(&pair, 1);
	server->options.window = 5000;
	server->on_asked = make_lazy;
	pair_open(&pair);
	pair_run(&pair);
	slow = side_open(client, SLC_EXEC, NULL, 0, 100000);
	pair_run(&pair);
	server->on_asked = NULL;
	fast = side_open(client, SLC_EXEC, NULL, 0, 100000);
	pair_run(&pair);
	end_is(fast, CHANNEL_DONE, 0);
	assert_int_equal(slow->sent[0], 5000);
	assert_int_equal(server->ends[0].held, 5000);
	credit_is_conserved(slow, &server->ends[0]);
	channel_consumed(server->ends[0].channel, 2499);
	server->ends[0].held -= 2499;
	pair_run(&pair);
	assert_int_equal(slow->sent[0], 5000); /* less than half a window is not worth a frame */
	channel_consumed(server->ends[0].channel, 1);
	server->ends[0].held -= 1;
	pair_run(&pair);
	assert_int_equal(slow->sent[0], 7500);
	credit_is_conserved(slow, &server->ends[0]);
	channel_consumed(server->ends[0].channel, 5001); /* more than it has: nothing */
	credit_is_conserved(slow, &server->ends[0]);
	while (server->ends[0].channel != NULL) {
		end_consume(&server->ends[0]);
		pair_run(&pair);
	}
	end_is(slow, CHANNEL_DONE, 0);
	whole(slow, &server->ends[0], SLC_INPUT);
	pair_close(&pair);
}

static void messages_pass_bytes_that_wait(void **unused)
{
	const uint32_t window[] = {80, 25, 0, 0};
	struct end *end, *other = &server->ends[0];

	(void)unused;
	pair_setup(&pair, 1);
	server->on_asked = make_lazy;
	pair_open(&pair);
	pair_run(&pair);
	end = side_open(client, SLC_EXEC, NULL, 0, 0);
	end->wanted[0] = 10000000;
	pair_run(&pair);
	assert_int_equal(other->held, 262144); /* the window: the peer does not consume */
	assert_int_equal(channel_room(end->channel), 0);
	assert_true(channel_message(end->channel, SLC_WINDOW, window, 4));
	pair_run(&pair);
	assert_int_equal(other->kind, SLC_WINDOW);
	assert_int_equal(other->numbers_count, 4);
	assert_memory_equal(other->numbers, window, sizeof window);
	assert_false(channel_message(end->channel, 3, window, SLC_NUMBERS_MAX + 1));
	end_consume(other);
	while (pair_move(&pair, server, client)) {
	}
	assert_int_equal(channel_room(end->channel), 0); /* its output is full again */
	assert_true(channel_message(end->channel, SLC_SIGNAL, (const uint32_t[]){15}, 1));
	pair.most = SLC_FRAME_SIZE + 8 + 100;
	while (other->messages < 2)
		assert_true(pair_move(&pair, client, server));
	assert_true(other->held < 200);
	channel_abort(end->channel, SLC_REASON_CANCELLED, NULL);
	pair.most = 0;
	pair_run(&pair);
	end_is(end, CHANNEL_RESET, SLC_REASON_CANCELLED);
	pair_close(&pair);
}

static void move_both(void)
{
	bool there = pair_move(&pair, client, server), back = pair_move(&pair, server, client);

	assert_true(there || back);
}

static void channels_take_turns(void **unused)
{
	struct end *ends[3];

	(void)unused;
	pair_setup(&pair, 1);
	server->options.frame = 1024;
	pair_open(&pair);
	pair_run(&pair);
	for (unsigned i = 0; i < 3; i++)
		ends[i] = side_open(client, SLC_EXEC, NULL, 0, i == 0 ? 200000 : 20000);
	pair_run(&pair);
	for (unsigned i = 0; i < 3; i++)
		end_is(ends[i], CHANNEL_DONE, 0);
	for (unsigned i = 0; i < 3; i++)
		ends[i] = side_open(client, SLC_EXEC, NULL, 0, 100000);
	pair.most = 1500;
	while (server->count < 6 || client->ends[5].accepted == 0)
		move_both();
	while (server->ends[5].got[0] < 50000) {
		size_t least = SIZE_MAX, most = 0;

		for (unsigned i = 3; i < 6; i++) {
			least = server->ends[i].got[0] < least ? server->ends[i].got[0] : least;
			most = server->ends[i].got[0] > most ? server->ends[i].got[0] : most;
		}
		assert_true(most - least < 20000);
		move_both();
	}
	pair.most = 0;
	pair_run(&pair);
	pair_close(&pair);
}

static void the_round_trip_is_measured(void **unused)
{
	(void)unused;
	pair_setup(&pair, 1);
	pair_open(&pair);
	pair_run(&pair);
	slc_ping(client->slc);
	slc_ping(client->slc); /* ignored: one is enough */
	assert_true(pair_move(&pair, client, server));
	pair.now += 1234;
	pair_run(&pair);
	assert_int_equal(client->measured, 1);
	assert_int_equal(client->nanoseconds, 1234);
	pair_close(&pair);
}

static void numbers_are_used_again(void **unused)
{
	(void)unused;
	pair_setup(&pair, 1);
	client->options.channels = server->options.channels = 1;
	server->options.output = client->options.output = 65536;
	pair_open(&pair);
	pair_run(&pair);
	for (unsigned i = 0; i < 33000; i++) { /* more than there are odd numbers */
		struct end *end = side_open(client, SLC_EXEC, NULL, 0, 0);

		pair_run(&pair);
		end_is(end, CHANNEL_DONE, 0);
		memset(end, 0, sizeof *end);
		memset(&server->ends[0], 0, sizeof server->ends[0]);
		client->count = server->count = 0;
	}
	pair_close(&pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_runs),
		cmocka_unit_test(many_channels_at_once_in_small_windows),
		cmocka_unit_test(who_does_not_consume_stops_only_its_own_channel),
		cmocka_unit_test(messages_pass_bytes_that_wait),
		cmocka_unit_test(channels_take_turns),
		cmocka_unit_test(the_round_trip_is_measured),
		cmocka_unit_test(numbers_are_used_again),
	};

	return cmocka_run_group_tests_name("slc_engine", tests, NULL, NULL);
}
