/* slc_engine_time: the deadlines of the secure local channel, by a clock that only tests move. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/lib/slc_peer.h"

static struct pair pair;
static struct side *const client = &pair.client, *const server = &pair.server;

/* The next deadline of a side is then, and not a nanosecond before: one that was earlier was set
 * anew since. */
static void waits_until(struct side *side, uint64_t at)
{
	while (slc_deadline(side->slc) < at) {
		pair.now = slc_deadline(side->slc);
		slc_tick(side->slc);
		peer_hears_nothing(side->slc);
	}
	assert_int_equal(slc_deadline(side->slc), at);
	pair.now = at - 1;
	slc_tick(side->slc);
	peer_hears_nothing(side->slc);
	pair.now = at;
	slc_tick(side->slc);
}

static void hold_it(struct end *end)
{
	(void)end;
}

static void open_pair(void)
{
	pair_open(&pair);
	pair_run(&pair);
}

static void setup(void)
{
	pair_setup(&pair, 1);
	client->options.keepalive = server->options.keepalive = 3600;
	server->on_asked = hold_it;
}

static void a_handshake_has_one_deadline(void **unused)
{
	uint8_t dribble[] = {1, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0, 1};

	(void)unused;
	setup();
	pair_open(&pair);
	peer_awaits(server->slc, SLC_FRAME_HELLO, 0, 1);
	for (size_t i = 0; i < sizeof dribble; i++) { /* what comes does not prolong it */
		pair_wait(&pair, CLOCK_SECOND / 2);
		assert_int_equal(peer_bytes(server->slc, dribble + i, 1), 1);
	}
	waits_until(server, 10 * CLOCK_SECOND);
	peer_awaits(server->slc, SLC_FRAME_GOODBYE, 0, SLC_REASON_TIMEOUT);
	assert_int_equal(server->closed, 0);
	waits_until(server, 12 * CLOCK_SECOND); /* and then it lingers */
	assert_int_equal(server->closed, 1);
	assert_int_equal(server->reason, SLC_REASON_TIMEOUT);
	pair_free(&pair);
}

static void a_peer_that_does_not_end_is_left(void **unused)
{
	(void)unused;
	setup();
	open_pair();
	slc_close(server->slc, SLC_REASON_NONE, NULL);
	peer_awaits(server->slc, SLC_FRAME_GOODBYE, 0, SLC_REASON_NONE);
	waits_until(server, 2 * CLOCK_SECOND);
	assert_int_equal(server->closed, 1);
	assert_int_equal(server->reason, SLC_REASON_NONE); /* in good order, for all that */
	pair_free(&pair);
}

static void silence_is_asked_and_then_left(void **unused)
{
	struct end *end;

	(void)unused;
	setup();
	client->options.keepalive = 40;
	server->options.keepalive = 4; /* the smaller one counts at both ends */
	open_pair();
	end = side_open(client, SLC_EXEC, NULL, 0, 0);
	pair_run(&pair);
	waits_until(client, 4 * CLOCK_SECOND); /* something was heard in this interval */
	peer_hears_nothing(client->slc);
	waits_until(client, 8 * CLOCK_SECOND);
	peer_awaits(client->slc, SLC_FRAME_PING, 0, 1);
	assert_int_equal(end->ended, 0);
	waits_until(client, 12 * CLOCK_SECOND);
	end_is(end, CHANNEL_LOST, SLC_REASON_LOST);
	assert_int_equal(client->closed, 1);
	assert_int_equal(client->reason, SLC_REASON_TIMEOUT);
	peer_hears_nothing(client->slc);
	pair_free(&pair);
}

static void who_answers_is_alive(void **unused)
{
	(void)unused;
	setup();
	client->options.keepalive = server->options.keepalive = 1;
	open_pair();
	for (unsigned i = 0; i < 1000; i++) {
		pair_wait(&pair, CLOCK_SECOND / 2);
		pair_run(&pair);
	}
	assert_int_equal(client->closed + server->closed, 0);
	assert_true(client->measured + server->measured > 100);
	pair_close(&pair);
}

static void a_request_is_answered_in_time(void **unused)
{
	struct end *first, *second, *third;

	(void)unused;
	setup();
	open_pair();
	first = side_open(client, SLC_EXEC, NULL, 0, 0);
	pair_run(&pair);
	pair_wait(&pair, 10 * CLOCK_SECOND);
	second = side_open(client, SLC_EXEC, NULL, 0, 0);
	third = side_open(client, SLC_EXEC, NULL, 0, 300000); /* more than the window */
	pair_run(&pair);
	server->ends[2].is_lazy = true;
	channel_accept(server->ends[2].channel);
	pair_run(&pair);
	waits_until(client, 30 * CLOCK_SECOND);
	end_is(first, CHANNEL_RESET, SLC_REASON_TIMEOUT);
	assert_int_equal(second->ended, 0);
	pair_run(&pair);
	end_is(&server->ends[0], CHANNEL_RESET, SLC_REASON_TIMEOUT);
	assert_int_equal(slc_channels(client->slc), 2);
	waits_until(client, 40 * CLOCK_SECOND);
	end_is(second, CHANNEL_RESET, SLC_REASON_TIMEOUT);
	assert_int_equal(third->ended, 0); /* it was answered */
	pair_run(&pair);
	end_consume(&server->ends[2]);
	pair_run(&pair);
	end_is(third, CHANNEL_DONE, 0);
	pair_close(&pair);
}

/* RESET comes behind the OPEN even where that still waited, and so it is answered. */
static void a_request_may_be_given_up_at_once(void **unused)
{
	struct end *end;

	(void)unused;
	setup();
	open_pair();
	end = side_open(client, SLC_EXEC, NULL, 0, 0);
	channel_abort(end->channel, SLC_REASON_CANCELLED, NULL);
	end_is(end, CHANNEL_RESET, SLC_REASON_CANCELLED);
	pair_run(&pair);
	end_is(&server->ends[0], CHANNEL_RESET, SLC_REASON_CANCELLED);
	assert_int_equal(slc_channels(client->slc), 0);
	pair_close(&pair);
}

static void a_reset_is_answered_or_the_session_ends(void **unused)
{
	struct end *end, *other;

	(void)unused;
	setup();
	open_pair();
	end = side_open(client, SLC_EXEC, NULL, 0, 0);
	other = side_open(client, SLC_EXEC, NULL, 0, 0);
	pair_run(&pair);
	channel_abort(end->channel, SLC_REASON_CANCELLED, NULL);
	peer_awaits(client->slc, SLC_FRAME_RESET, 1, SLC_REASON_CANCELLED); /* and is lost */
	waits_until(client, 10 * CLOCK_SECOND);
	end_is(end, CHANNEL_RESET, SLC_REASON_CANCELLED);
	end_is(other, CHANNEL_LOST, SLC_REASON_LOST);
	pair_run(&pair);
	pair_closed(&pair, SLC_REASON_TIMEOUT);
	assert_string_equal(client->text, "a RESET was not answered");
	assert_string_equal(server->text, "a RESET was not answered");
	pair_free(&pair);
}

static void draining_has_a_deadline(void **unused)
{
	struct end *end;

	(void)unused;
	setup();
	client->options.answer = 3600 * CLOCK_SECOND;
	open_pair();
	end = side_open(client, SLC_EXEC, NULL, 0, 0);
	pair_run(&pair);
	slc_close(server->slc, SLC_REASON_CLOSING, NULL);
	pair_run(&pair);
	waits_until(server, 30 * CLOCK_SECOND);
	end_is(&server->ends[0], CHANNEL_LOST, SLC_REASON_LOST);
	pair_run(&pair);
	end_is(end, CHANNEL_LOST, SLC_REASON_LOST);
	pair_closed(&pair, SLC_REASON_TIMEOUT);
	pair_free(&pair);
}

static void count_change(void *data)
{
	++*(unsigned *)data;
}

static void who_has_the_transport_is_told(void **unused)
{
	unsigned changes = 0;
	struct end *end;

	(void)unused;
	setup();
	open_pair();
	slc_on_change(client->slc, count_change, &changes);
	(void)slc_deadline(client->slc);
	end = side_open(client, SLC_EXEC, NULL, 0, 0);
	assert_int_equal(changes, 1);
	channel_abort(end->channel, SLC_REASON_CANCELLED, NULL);
	assert_int_equal(changes, 1); /* it knows */
	assert_int_equal(slc_deadline(client->slc), 10 * CLOCK_SECOND);
	pair_run(&pair);
	assert_int_equal(changes, 1);
	slc_ping(client->slc);
	assert_int_equal(changes, 2);
	slc_on_change(client->slc, NULL, NULL);
	pair_close(&pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_handshake_has_one_deadline),
		cmocka_unit_test(a_peer_that_does_not_end_is_left),
		cmocka_unit_test(silence_is_asked_and_then_left),
		cmocka_unit_test(who_answers_is_alive),
		cmocka_unit_test(a_request_is_answered_in_time),
		cmocka_unit_test(a_request_may_be_given_up_at_once),
		cmocka_unit_test(a_reset_is_answered_or_the_session_ends),
		cmocka_unit_test(draining_has_a_deadline),
		cmocka_unit_test(who_has_the_transport_is_told),
	};

	return cmocka_run_group_tests_name("slc_engine_time", tests, NULL, NULL);
}
