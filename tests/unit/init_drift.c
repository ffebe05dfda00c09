/* init_drift: what an answer of the NSM says about our clock, and what it can't say. */
#include "services/init/drift.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define NOW    1700000000000u /* ms */
#define US(MS) ((int64_t)(MS)*1000)

static void an_answer_in_time_says_nothing(void **unused)
{
	int64_t drift = 1;

	(void)unused;
	assert_true(drift_of(US(NOW), US(NOW) + 999, NOW, &drift));
	assert_int_equal(drift, 0);
	assert_true(drift_of(US(NOW) + 900, US(NOW) + 2000, NOW, &drift));
	assert_int_equal(drift, 0); /* a stamp stands for its whole millisecond */
	assert_true(drift_of(US(NOW) - 5000000, US(NOW) + 5000000, NOW + 4999, &drift));
	assert_int_equal(drift, 0); /* it took ten seconds: who knows when it was asked */
}

static void what_is_missing_is_added(void **unused)
{
	int64_t drift = 0;

	(void)unused;
	assert_true(drift_of(US(NOW), US(NOW) + 1000, NOW + 3600000, &drift));
	assert_int_equal(drift, INT64_C(3600000000));
	assert_true(drift_of(US(NOW), US(NOW) + 1000, NOW - 60000, &drift));
	assert_int_equal(drift, INT64_C(-60000000));
	assert_true(drift_of(0, 100, NOW, &drift)); /* a machine without a clock is in 1970 */
	assert_int_equal(drift, US(NOW) + 450);
}

static void nonsense_is_refused(void **unused)
{
	int64_t drift = 0;

	(void)unused;
	assert_false(drift_of(US(NOW), US(NOW), 0, &drift));
	assert_false(drift_of(US(NOW), US(NOW), UINT64_MAX, &drift));
	assert_false(drift_of(US(NOW), US(NOW) - 1, NOW, &drift)); /* set back in between */
	assert_false(drift_of(US(NOW), US(NOW) + 120000001, NOW, &drift));
	assert_false(drift_of(-1, 5, NOW, &drift));
	assert_int_equal(drift, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_in_time_says_nothing),
		cmocka_unit_test(what_is_missing_is_added),
		cmocka_unit_test(nonsense_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
