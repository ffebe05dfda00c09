/* slc_forward: the examples of its page, and walks over everything that can happen at both ends. */
#include "gen/slc_forward.h"
#include "tests/lib/machine.h"

#include "slc_forward_examples.h"

static void slc_forward_walk_init(void *m)
{
	slc_forward_init(m, 0);
}

/* What a READY that comes first carries says at which end it happens. */
static uint32_t slc_forward_walk_step(void *m, unsigned symbol, uint32_t n)
{
	struct slc_forward *forward = m;

	if (forward->cs == SLC_FORWARD_IN_WAITING)
		slc_forward_init(forward, n % 2);
	return slc_forward_step(forward, (enum slc_forward_event)symbol, n);
}

WALK_COMMON(slc_forward)
WALK_RECORD(slc_forward)

static void every_event_keeps_the_invariant(void **unused)
{
	static const uint32_t amounts[] = {0, 1};

	(void)unused;
	walk_events(&slc_forward_walk, amounts, 2, 100);
}

/* Two machines that tell each other: whichever end stops first, both close in order. */
static void two_ends_close(void **unused)
{
	struct slc_forward client, enclave;

	(void)unused;
	for (unsigned i = 0; i < 2; i++) {
		struct slc_forward *first = i == 0 ? &client : &enclave;
		struct slc_forward *second = i == 0 ? &enclave : &client;

		slc_forward_init(&client, 1);
		slc_forward_init(&enclave, 0);
		assert_int_equal(slc_forward_step(&enclave, SLC_FORWARD_READY, 0),
			SLC_FORWARD_DO_ACCEPT + SLC_FORWARD_DO_MOVE);
		assert_int_equal(
			slc_forward_step(&client, SLC_FORWARD_READY, 0), SLC_FORWARD_DO_MOVE);
		assert_int_equal(slc_forward_step(first, SLC_FORWARD_HERE_ENDED, 0),
			SLC_FORWARD_DO_PASS_END);
		(void)slc_forward_step(second, SLC_FORWARD_THERE_ENDED, 0);
		assert_int_equal(
			slc_forward_step(second, SLC_FORWARD_WRITTEN, 0), SLC_FORWARD_DO_SHUT);
		(void)slc_forward_step(second, SLC_FORWARD_HERE_ENDED, 0);
		(void)slc_forward_step(first, SLC_FORWARD_THERE_ENDED, 0);
		(void)slc_forward_step(first, SLC_FORWARD_WRITTEN, 0);
		assert_int_equal(enclave.cs, SLC_FORWARD_IN_GONE);
		assert_int_equal(
			slc_forward_step(&client, SLC_FORWARD_DONE, 0), SLC_FORWARD_DO_CLOSE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SLC_FORWARD_EXAMPLES,
		cmocka_unit_test(every_event_keeps_the_invariant),
		cmocka_unit_test(two_ends_close),
	};

	return cmocka_run_group_tests_name("slc_forward", tests, NULL, NULL);
}
