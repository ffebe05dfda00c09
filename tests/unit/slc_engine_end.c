/* slc_engine_end: how channels and sessions of the secure local channel end, between two ends. */
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

static void refuse_it(struct end *end)
{
	channel_refuse(end->channel, SLC_REASON_DENIED, "not this one");
}

static void own_nothing(struct end *end)
{
	channel_own(end->channel, &(const struct channel_events){.ended = NULL}, NULL);
	channel_accept(end->channel);
	channel_abort(end->channel, SLC_REASON_IO, NULL);
	end->ended = 1; /* its events went elsewhere */
}

static void a_request_is_refused(void **unused)
{
	struct end *end;

	(void)unused;
	pair_setup(&pair, 1);
	server->on_asked = refuse_it;
	pair_open(&pair);
	pair_run(&pair);
	end = side_open(client, SLC_GET, NULL, 0, 0);
	pair_run(&pair);
	end_is(end, CHANNEL_REFUSED, SLC_REASON_DENIED);
	assert_string_equal(end->text, "not this one");
	end_is(&server->ends[0], CHANNEL_REFUSED, SLC_REASON_DENIED);
	server->on_asked = own_nothing;
	end = side_open(client, SLC_GET, NULL, 0, 0);
	pair_run(&pair);
	end_is(end, CHANNEL_RESET, SLC_REASON_IO);
	pair_close(&pair);
}

static void hold_it(struct end *end)
{
	(void)end; /* it is decided later */
}

static void the_answer_may_come_later(void **unused)
{
	struct end *end, *held = &server->ends[0];

	(void)unused;
	pair_setup(&pair, 1);
	server->on_asked = hold_it;
	pair_open(&pair);
	pair_run(&pair);
	end = side_open(client, SLC_EXEC, NULL, 0, 10);
	pair_run(&pair);
	assert_int_equal(end->accepted, 0);
	assert_int_equal(channel_send(end->channel, SLC_INPUT, (const uint8_t *)"x", 1), 0);
	assert_false(channel_message(end->channel, SLC_SIGNAL, NULL, 0));
	channel_accept(held->channel);
	pair_run(&pair);
	assert_int_equal(end->accepted, 1);
	assert_int_equal(held->got[0], 10);
	end_push(held);
	pair_run(&pair);
	end_is(end, CHANNEL_DONE, 0);
	end = side_open(client, SLC_EXEC, NULL, 0, 10);
	pair_run(&pair);
	channel_abort(end->channel, SLC_REASON_CANCELLED, "no more");
	pair_run(&pair);
	end_is(end, CHANNEL_RESET, SLC_REASON_CANCELLED);
	end_is(&server->ends[1], CHANNEL_RESET, SLC_REASON_CANCELLED);
	assert_string_equal(server->ends[1].text, "no more");
	pair_close(&pair);
}

static void a_full_session_refuses(void **unused)
{
	struct end *end;

	(void)unused;
	pair_setup(&pair, 1);
	server->options.channels = 2;
	server->on_asked = hold_it;
	pair_open(&pair);
	pair_run(&pair);
	for (unsigned i = 0; i < 3; i++)
		end = side_open(client, SLC_EXEC, NULL, 0, 0);
	pair_run(&pair);
	end_is(end, CHANNEL_REFUSED, SLC_REASON_LIMIT);
	assert_int_equal(slc_channels(client->slc), 2);
	channel_refuse(server->ends[0].channel, SLC_REASON_UNKNOWN, NULL);
	pair_run(&pair);
	end = side_open(client, SLC_EXEC, NULL, 0, 0);
	pair_run(&pair);
	assert_int_equal(end->ended, 0);
	assert_int_equal(server->count, 3);
	for (unsigned i = 0; i < client->count; i++)
		if (client->ends[i].channel != NULL)
			channel_abort(client->ends[i].channel, SLC_REASON_CANCELLED, NULL);
	pair_run(&pair);
	pair_close(&pair);
}

static void this_end_has_a_limit_too(void **unused)
{
	struct fault fault;
	struct channel *channel;

	(void)unused;
	pair_setup(&pair, 1);
	client->options.channels = 1;
	server->options.frame = 1024;
	pair_open(&pair);
	assert_null(side_open(client, SLC_EXEC, NULL, 0, 0)); /* not open yet */
	pair_run(&pair);
	assert_int_equal(
		channel_open(client->slc, &channel, NULL, NULL, 1, NULL, 1021, &fault), -1);
	assert_string_equal(fault.word, "request");
	assert_non_null(side_open(client, SLC_EXEC, NULL, 0, 0));
	assert_int_equal(channel_open(client->slc, &channel, NULL, NULL, 1, NULL, 0, &fault), -1);
	assert_string_equal(fault.word, "limit");
	pair_run(&pair);
	slc_close(client->slc, SLC_REASON_NONE, NULL);
	assert_int_equal(channel_open(client->slc, &channel, NULL, NULL, 1, NULL, 0, &fault), -1);
	assert_string_equal(fault.word, "closing");
	pair_run(&pair);
	pair_closed(&pair, SLC_REASON_NONE);
	pair_free(&pair);
}

static void options_out_of_range_are_refused(void **unused)
{
	struct slc_options options = slc_usual;
	struct fault fault;
	struct slc *slc;

	(void)unused;
	options.channels = 4097;
	assert_int_equal(slc_new(&slc, &options, NULL, NULL, &fault), -1);
	assert_string_equal(fault.word, "limit");
	options = slc_usual;
	options.output = options.frame - 1;
	assert_int_equal(slc_new(&slc, &options, NULL, NULL, &fault), -1);
	options = slc_usual;
	options.window = 0;
	assert_int_equal(slc_new(&slc, &options, NULL, NULL, &fault), -1);
	assert_true(slc_memory(&slc_usual) < 20u << 20);
	slc_free(NULL);
}

static void make_lazy(struct end *end)
{
	end->is_lazy = true;
	channel_accept(end->channel);
	end_push(end);
}

static void a_closing_end_drains(void **unused)
{
	struct end *old, *new;

	(void)unused;
	pair_setup(&pair, 1);
	server->options.window = 1000;
	server->on_asked = make_lazy;
	pair_open(&pair);
	pair_run(&pair);
	old = side_open(client, SLC_EXEC, NULL, 0, 50000);
	pair_run(&pair);
	slc_close(server->slc, SLC_REASON_CLOSING, "an update");
	slc_close(server->slc, SLC_REASON_INTERNAL, "once is enough");
	new = side_open(client, SLC_EXEC, NULL, 0, 0);
	pair_run(&pair);
	end_is(new, CHANNEL_REFUSED, SLC_REASON_CLOSING);
	assert_int_equal(old->ended + client->closed + server->closed, 0);
	while (server->ends[0].channel != NULL) {
		end_consume(&server->ends[0]);
		pair_run(&pair);
	}
	end_is(old, CHANNEL_DONE, 0);
	assert_int_equal(old->status, 42);
	pair_closed(&pair, SLC_REASON_CLOSING);
	assert_string_equal(client->text, "an update");
	assert_string_equal(server->text, "an update");
	pair_free(&pair);
}

static void the_last_frame_goes_before_goodbye(void **unused)
{
	(void)unused;
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		struct end *end;

		pair_setup(&pair, seed);
		pair.most = 1 + seed;
		server->output = 200000;
		pair_open(&pair);
		pair_run(&pair);
		end = side_open(client, SLC_EXEC, NULL, 0, 0);
		while (server->ends[0].ended == 0) /* its STATUS waits behind its output */
			assert_true(pair_move(&pair, client, server) ||
				    pair_move(&pair, server, client));
		slc_close(server->slc, SLC_REASON_NONE, NULL);
		pair_run(&pair);
		end_is(end, CHANNEL_DONE, 0);
		assert_int_equal(end->got[1], 200000);
		pair_closed(&pair, SLC_REASON_NONE);
		pair_free(&pair);
	}
}

static void either_end_gives_up(void **unused)
{
	(void)unused;
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		struct end *end, *other = &server->ends[0];

		pair_setup(&pair, seed);
		pair.most = 1 + 41 * seed;
		client->options.window = server->options.window = 3000;
		server->output = 20000;
		pair_open(&pair);
		pair_run(&pair);
		end = side_open(client, SLC_EXEC, NULL, 0, 20000);
		for (uint64_t i = pair_random(&pair) % 40; i > 0; i--)
			(void)(i % 2 == 0 ? pair_move(&pair, client, server)
					  : pair_move(&pair, server, client));
		if (seed % 3 != 0 && end->channel != NULL)
			channel_abort(end->channel, SLC_REASON_CANCELLED, "enough");
		if (seed % 3 != 1 && other->channel != NULL)
			channel_abort(other->channel, SLC_REASON_IO, NULL);
		pair_run(&pair);
		assert_int_equal(end->ended, 1);
		if (other->asked == 1)
			assert_int_equal(other->ended, 1);
		assert_int_equal(slc_channels(client->slc), 0);
		assert_int_equal(slc_channels(server->slc), 0);
		pair_close(&pair);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_refused),
		cmocka_unit_test(the_answer_may_come_later),
		cmocka_unit_test(a_full_session_refuses),
		cmocka_unit_test(this_end_has_a_limit_too),
		cmocka_unit_test(options_out_of_range_are_refused),
		cmocka_unit_test(a_closing_end_drains),
		cmocka_unit_test(the_last_frame_goes_before_goodbye),
		cmocka_unit_test(either_end_gives_up),
	};

	return cmocka_run_group_tests_name("slc_engine_end", tests, NULL, NULL);
}
