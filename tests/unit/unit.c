/* unit: the examples of its page, and a walk over everything that can happen to it. */
#include "gen/unit.h"
#include "tests/lib/machine.h"

#include "unit_examples.h"

WALK_EVENTS(unit)

static void every_event_keeps_the_invariant(void **unused)
{
	static const uint32_t amounts[] = {0, 1, 2, 3};

	(void)unused;
	walk_events(&unit_walk, amounts, 4, 200);
}

static void the_timer_may_wrap(void **unused)
{
	struct unit m;

	(void)unused;
	unit_init(&m);
	m.timer = UINT32_MAX;
	assert_int_equal(unit_step(&m, UNIT_START, 0), 0);
	assert_int_equal(unit_step(&m, UNIT_CLEAR, 0), UNIT_DO_SPAWN + UNIT_DO_ARM);
	assert_int_equal(m.timer, 0);
	assert_int_equal(unit_step(&m, UNIT_TIMEOUT, UINT32_MAX), 0);
	assert_int_equal(unit_step(&m, UNIT_TIMEOUT, 0), UNIT_DO_TERM + UNIT_DO_ARM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT_EXAMPLES,
		cmocka_unit_test(every_event_keeps_the_invariant),
		cmocka_unit_test(the_timer_may_wrap),
	};

	return cmocka_run_group_tests_name("unit", tests, NULL, NULL);
}
