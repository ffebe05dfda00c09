/* slc_engine_cut: the transport of a conversation ends behind every one of its bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/lib/slc.h"

static struct pair pair;
static struct side *const client = &pair.client, *const server = &pair.server;

static void refuse_it(struct end *end)
{
	channel_refuse(end->channel, SLC_REASON_DENIED, "no");
}

static void abort_if_it_lives(struct end *end)
{
	if (end != NULL && end->channel != NULL)
		channel_abort(end->channel, SLC_REASON_CANCELLED, "enough");
}

/* A command, one that is refused, one that is given up, and a clean end: as far as it comes. */
static void converse(void)
{
	struct end *last;

	pair_open(&pair);
	pair_run(&pair);
	(void)side_open(client, SLC_EXEC, "\0\21\0\0\0\2ls", 8, 60);
	pair_run(&pair);
	server->on_asked = refuse_it;
	(void)side_open(client, SLC_GET, NULL, 0, 0);
	pair_run(&pair);
	server->on_asked = NULL;
	server->output = 1000; /* more than the window: it does not end by itself */
	last = side_open(client, SLC_EXEC, NULL, 0, 100);
	if (last != NULL)
		last->is_lazy = true;
	pair_run(&pair);
	abort_if_it_lives(last);
	pair_run(&pair);
	slc_ping(server->slc);
	pair_run(&pair);
	slc_close(client->slc, SLC_REASON_NONE, NULL);
	pair_run(&pair);
}

static void setup(uint64_t seed)
{
	pair_setup(&pair, seed);
	pair.most = 20;
	client->options.window = server->options.window = 100;
	client->options.channels = server->options.channels = 4;
	client->options.frame = server->options.frame = 1024;
	client->options.output = server->options.output = 1024;
	server->output = 80;
	server->error = 10;
}

/* Nobody was told of a success that was none, and everybody was told something, once. */
static void everything_has_ended(void)
{
	assert_int_equal(client->closed, 1);
	assert_int_equal(server->closed, 1);
	for (unsigned i = 0; i < client->count; i++)
		assert_int_equal(client->ends[i].ended, 1);
	for (unsigned i = 0; i < server->count; i++)
		assert_int_equal(server->ends[i].ended, 1);
	for (unsigned i = 0; i < client->count; i++) {
		if (client->ends[i].outcome != CHANNEL_DONE)
			continue;
		assert_int_equal(client->ends[i].got[1], server->ends[i].wanted[1]);
		assert_int_equal(client->ends[i].got[2], server->ends[i].wanted[2]);
		end_is(&client->ends[i], CHANNEL_DONE, 0);
		end_is(&server->ends[i], CHANNEL_DONE, 0);
	}
	side_ok(client);
	side_ok(server);
}

static void a_cut_anywhere_has_an_outcome(void **unused)
{
	size_t all;

	(void)unused;
	setup(1);
	converse();
	everything_has_ended();
	end_is(&client->ends[0], CHANNEL_DONE, 0);
	end_is(&client->ends[1], CHANNEL_REFUSED, SLC_REASON_DENIED);
	end_is(&client->ends[2], CHANNEL_RESET, SLC_REASON_CANCELLED);
	assert_int_equal(client->reason + server->reason, 0);
	all = SIZE_MAX - pair.left;
	pair_free(&pair);
	for (size_t cut = 0; cut < all; cut++) {
		setup(1);
		pair.left = cut;
		converse();
		assert_int_equal(pair.left, 0);
		slc_lost(cut % 2 == 0 ? client->slc : server->slc);
		slc_lost(client->slc);
		slc_lost(server->slc);
		everything_has_ended();
		pair_free(&pair);
	}
}

/* The same, but the ends find out by their clocks. */
static void silence_anywhere_has_an_outcome(void **unused)
{
	size_t all;

	(void)unused;
	setup(2);
	converse();
	all = SIZE_MAX - pair.left;
	pair_free(&pair);
	for (size_t cut = 0; cut < all; cut++) {
		setup(2);
		pair.left = cut;
		converse();
		for (unsigned i = 0; i < 20 && client->closed + server->closed < 2; i++)
			pair_wait(&pair, 15 * CLOCK_SECOND);
		everything_has_ended();
		assert_true(slc_deadline(client->slc) > pair.now);
		pair_free(&pair);
	}
}

static void nobody_is_told_by_free(void **unused)
{
	(void)unused;
	setup(3);
	pair.left = 400;
	converse();
	assert_int_equal(client->closed, 0);
	pair_free(&pair);
	assert_int_equal(client->closed, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cut_anywhere_has_an_outcome),
		cmocka_unit_test(silence_anywhere_has_an_outcome),
		cmocka_unit_test(nobody_is_told_by_free),
	};

	return cmocka_run_group_tests_name("slc_engine_cut", tests, NULL, NULL);
}
