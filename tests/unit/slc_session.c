/* slc_session: the examples of its page, walks over everything that can happen to it with and
 * without proofs, and a peer that floods. */
#include "gen/slc_session.h"
#include "tests/lib/machine.h"

#include "slc_session_examples.h"

static uint32_t walk_must_prove;

static void slc_session_walk_init(void *m)
{
	slc_session_init(m, walk_must_prove, 2u);
}

static uint32_t slc_session_walk_step(void *m, unsigned symbol, uint32_t n)
{
	return slc_session_step(m, (enum slc_session_event)symbol, n);
}

WALK_COMMON(slc_session)
WALK_RECORD(slc_session)

static void every_event_keeps_the_invariant(void **unused)
{
	static const uint32_t amounts[] = {0, 1, 2, 3, 4};

	(void)unused;
	for (walk_must_prove = 0; walk_must_prove <= 1; walk_must_prove++)
		walk_events(&slc_session_walk, amounts, 5, 1500);
}

static uint32_t open_session(struct slc_session *m, uint32_t limit)
{
	slc_session_init(m, 0, limit);
	(void)slc_session_step(m, SLC_SESSION_START, 0);
	(void)slc_session_step(m, SLC_SESSION_PEER_HELLO, SLC_VERSION);
	return slc_session_step(m, SLC_SESSION_NO_AUTH, 0);
}

static void a_flood_of_opens_makes_no_more_channels_than_the_limit(void **unused)
{
	struct slc_session m;
	unsigned made = 0;

	(void)unused;
	assert_int_equal(open_session(&m, 7), SLC_SESSION_DO_OPENED + SLC_SESSION_DO_ARM);
	for (int i = 0; i < 1000; i++)
		made += (slc_session_step(&m, SLC_SESSION_OPEN, 0) &
				SLC_SESSION_DO_ADMIT_CHANNEL) != 0;
	assert_int_equal(made, 7);
	assert_int_equal(slc_session_step(&m, SLC_SESSION_WANT, 0), 0);
}

static void a_limit_of_0_refuses_every_channel(void **unused)
{
	struct slc_session m;

	(void)unused;
	(void)open_session(&m, 0);
	assert_int_equal(slc_session_step(&m, SLC_SESSION_OPEN, 0), SLC_SESSION_DO_REFUSE_CHANNEL);
	assert_int_equal(slc_session_step(&m, SLC_SESSION_CHANNEL_ENDED, 0), 0);
}

static void no_event_but_the_proofs_opens_a_session_that_wants_them(void **unused)
{
	struct slc_session m;

	(void)unused;
	for (uint32_t event = 1; event < slc_session_kind.event_count; event++) {
		slc_session_init(&m, 1, 4);
		(void)slc_session_step(&m, SLC_SESSION_START, 0);
		(void)slc_session_step(&m, SLC_SESSION_PEER_HELLO, SLC_VERSION);
		for (uint32_t n = 0; n < 4; n++) {
			(void)slc_session_step(&m, (enum slc_session_event)event, n);
			assert_int_not_equal(m.cs, SLC_SESSION_IN_OPEN);
		}
	}
}

static void a_ping_that_was_asked_for_gets_a_whole_interval(void **unused)
{
	struct slc_session m;

	(void)unused;
	(void)open_session(&m, 1);
	(void)slc_session_step(&m, SLC_SESSION_TIMEOUT, m.timer);
	assert_int_equal(slc_session_step(&m, SLC_SESSION_PROBE, 0),
		SLC_SESSION_DO_SEND_PING + SLC_SESSION_DO_ARM);
	assert_int_equal(slc_session_step(&m, SLC_SESSION_TIMEOUT, m.timer - 1), 0);
	assert_int_equal(m.cs, SLC_SESSION_IN_OPEN);
	(void)slc_session_step(&m, SLC_SESSION_TIMEOUT, m.timer);
	assert_int_equal(m.cs, SLC_SESSION_IN_FAILED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SLC_SESSION_EXAMPLES,
		cmocka_unit_test(every_event_keeps_the_invariant),
		cmocka_unit_test(a_flood_of_opens_makes_no_more_channels_than_the_limit),
		cmocka_unit_test(a_limit_of_0_refuses_every_channel),
		cmocka_unit_test(no_event_but_the_proofs_opens_a_session_that_wants_them),
		cmocka_unit_test(a_ping_that_was_asked_for_gets_a_whole_interval),
	};

	return cmocka_run_group_tests_name("slc_session", tests, NULL, NULL);
}
