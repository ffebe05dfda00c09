/* init_health: the word for every combination of what it goes by. */
#include "services/init/health.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void who_stops_says_nothing_else(void **unused)
{
	(void)unused;
	for (uint32_t i = 0; i < 8; i++)
		assert_int_equal(health_of(i % 2 != 0, true, i / 2 % 2, i / 4), HEALTH_STOPPING);
}

static void before_readiness_units_may_be_waited_for(void **unused)
{
	(void)unused;
	assert_int_equal(health_of(false, false, 0, 0), HEALTH_STARTING);
	assert_int_equal(health_of(false, false, 64, 0), HEALTH_STARTING);
	assert_int_equal(health_of(false, false, 0, 1), HEALTH_DEGRADED);
	assert_int_equal(health_of(false, false, 1, 1), HEALTH_DEGRADED);
}

static void after_readiness_what_does_not_run_degrades(void **unused)
{
	(void)unused;
	assert_int_equal(health_of(true, false, 0, 0), HEALTH_READY);
	assert_int_equal(health_of(true, false, 1, 0), HEALTH_DEGRADED);
	assert_int_equal(health_of(true, false, 0, 1), HEALTH_DEGRADED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_stops_says_nothing_else),
		cmocka_unit_test(before_readiness_units_may_be_waited_for),
		cmocka_unit_test(after_readiness_what_does_not_run_degrades),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
