/* slc_channel: the examples of its page, a walk over everything that can happen to it, and two ends
 * that pump bytes through each other's credit. */
#include "gen/slc_channel.h"
#include "tests/lib/machine.h"

#include "slc_channel_examples.h"

static void slc_channel_walk_init(void *m)
{
	slc_channel_init(m, 2u, 3u);
}

static uint32_t slc_channel_walk_step(void *m, unsigned symbol, uint32_t n)
{
	return slc_channel_step(m, (enum slc_channel_event)symbol, n);
}

WALK_COMMON(slc_channel)
WALK_RECORD(slc_channel)

static void every_event_keeps_the_invariant(void **unused)
{
	static const uint32_t amounts[] = {0, 1, 2, 4, SLC_CHANNEL_CREDIT_MAX, UINT32_MAX};

	(void)unused;
	walk_events(&slc_channel_walk, amounts, 6, 3000);
}

static void connect_ends(struct slc_channel *opener, struct slc_channel *accepter, uint32_t window)
{
	slc_channel_init(opener, window, 1u);
	slc_channel_init(accepter, 1u, window);
	(void)slc_channel_step(opener, SLC_CHANNEL_OPEN, 0);
	(void)slc_channel_step(accepter, SLC_CHANNEL_ASKED, 0);
	(void)slc_channel_step(accepter, SLC_CHANNEL_ACCEPT, 0);
	(void)slc_channel_step(opener, SLC_CHANNEL_ACCEPTED, 0);
}

/* Sends what the credit allows, consumes it in odd pieces, carries CREDIT back. */
static uint32_t pump(struct slc_channel *from, struct slc_channel *to, uint32_t piece)
{
	uint32_t n = from->send_credit < piece ? from->send_credit : piece, effects;

	if (n > 0) {
		effects = slc_channel_step(from, SLC_CHANNEL_SEND, n);
		assert_int_equal(effects, SLC_CHANNEL_DO_TRANSMIT);
		effects = slc_channel_step(to, SLC_CHANNEL_DATA, n);
		assert_int_equal(effects, SLC_CHANNEL_DO_DELIVER);
	}
	effects = slc_channel_step(to, SLC_CHANNEL_CONSUMED, to->held);
	if (effects == SLC_CHANNEL_DO_SEND_CREDIT)
		assert_int_equal(slc_channel_step(from, SLC_CHANNEL_CREDIT, to->granted),
			SLC_CHANNEL_DO_WAKE);
	return n;
}

static void bytes_flow_through_any_window_without_a_stall(void **unused)
{
	static const uint32_t windows[] = {1, 2, 3, 7, 1024, 65537};

	(void)unused;
	for (size_t i = 0; i < sizeof windows / sizeof *windows; i++) {
		struct slc_channel opener, accepter;
		uint32_t sent = 0;

		connect_ends(&opener, &accepter, windows[i]);
		for (int round = 0; round < 100; round++) {
			uint32_t now = pump(&opener, &accepter, 1 + windows[i] / 3);

			assert_true(now > 0);
			sent += now;
			assert_int_equal(opener.send_credit, accepter.receive_window);
		}
		assert_true(sent >= 100);
	}
}

static void a_reader_that_stops_stops_the_writer(void **unused)
{
	struct slc_channel opener, accepter;

	(void)unused;
	connect_ends(&opener, &accepter, 8);
	assert_int_equal(slc_channel_step(&opener, SLC_CHANNEL_SEND, 8), SLC_CHANNEL_DO_TRANSMIT);
	assert_int_equal(slc_channel_step(&opener, SLC_CHANNEL_SEND, 1), 0);
	(void)slc_channel_step(&accepter, SLC_CHANNEL_DATA, 8);
	assert_int_equal(slc_channel_step(&accepter, SLC_CHANNEL_CONSUMED, 9), 0);
	assert_int_equal(accepter.held, 8);
}

static void resets_that_cross_end_both_ends(void **unused)
{
	struct slc_channel opener, accepter;

	(void)unused;
	connect_ends(&opener, &accepter, 8);
	(void)slc_channel_step(&opener, SLC_CHANNEL_ABORT, SLC_REASON_CANCELLED);
	(void)slc_channel_step(&accepter, SLC_CHANNEL_ABORT, SLC_REASON_IO);
	assert_int_equal(slc_channel_step(&opener, SLC_CHANNEL_RESET, SLC_REASON_IO),
		SLC_CHANNEL_DO_RELEASE);
	assert_int_equal(slc_channel_step(&accepter, SLC_CHANNEL_RESET, SLC_REASON_CANCELLED),
		SLC_CHANNEL_DO_RELEASE);
	assert_int_equal(opener.reason, SLC_REASON_CANCELLED);
	assert_int_equal(accepter.reason, SLC_REASON_IO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SLC_CHANNEL_EXAMPLES,
		cmocka_unit_test(every_event_keeps_the_invariant),
		cmocka_unit_test(bytes_flow_through_any_window_without_a_stall),
		cmocka_unit_test(a_reader_that_stops_stops_the_writer),
		cmocka_unit_test(resets_that_cross_end_both_ends),
	};

	return cmocka_run_group_tests_name("slc_channel", tests, NULL, NULL);
}
