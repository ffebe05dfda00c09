/* init_restart: the words of the policy, and delays that grow and stay bounded. */
#include "services/init/restart.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void policies_mean_what_they_say(void **unused)
{
	static const bool expected[][2] = {/* failure, success */
		[RESTART_NO] = {false, false},
		[RESTART_ALWAYS] = {true, true},
		[RESTART_ON_FAILURE] = {true, false},
		[RESTART_ON_SUCCESS] = {false, true}};

	(void)unused;
	for (uint32_t policy = RESTART_NO; policy <= RESTART_ON_SUCCESS; policy++)
		for (int success = 0; success <= 1; success++) {
			struct restart restart = {.policy = policy, .base = 1000};
			uint32_t delay = 0;

			assert_int_equal(restart_again(&restart, true, success != 0, 0, &delay),
				expected[policy][success]);
			assert_false(restart_again(&restart, false, success != 0, 0, &delay));
		}
}

static void delays_double_up_to_a_minute(void **unused)
{
	static const uint32_t expected[] = {5000, 10000, 20000, 40000, 60000, 60000, 60000};
	struct restart restart = {.policy = RESTART_ALWAYS, .base = 5000};
	uint32_t delay;

	(void)unused;
	for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
		assert_true(restart_again(&restart, true, false, 10, &delay));
		assert_int_equal(delay, expected[i]);
	}
	for (int i = 0; i < 1000; i++)
		assert_true(restart_again(&restart, true, false, 10, &delay));
	assert_int_equal(delay, RESTART_DELAY_MAX);
}

static void a_long_first_delay_stays(void **unused)
{
	struct restart restart = {.policy = RESTART_ALWAYS, .base = RESTART_BASE_MAX};
	uint32_t delay;

	(void)unused;
	for (int i = 0; i < 5; i++) {
		assert_true(restart_again(&restart, true, false, 10, &delay));
		assert_int_equal(delay, RESTART_BASE_MAX);
	}
}

static void who_was_steady_begins_anew(void **unused)
{
	struct restart restart = {.policy = RESTART_ALWAYS, .base = 100};
	uint32_t delay;

	(void)unused;
	for (int i = 0; i < 5; i++)
		assert_true(restart_again(&restart, true, false, 10, &delay));
	assert_int_equal(delay, 1600);
	assert_true(restart_again(&restart, true, false, RESTART_STEADY, &delay));
	assert_int_equal(delay, 100);
	assert_true(restart_again(&restart, true, false, 10, &delay));
	assert_int_equal(delay, 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(policies_mean_what_they_say),
		cmocka_unit_test(delays_double_up_to_a_minute),
		cmocka_unit_test(a_long_first_delay_stays),
		cmocka_unit_test(who_was_steady_begins_anew),
	};

	return cmocka_run_group_tests_name("init_restart", tests, NULL, NULL);
}
