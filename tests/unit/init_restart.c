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
			const struct restart restart = {.policy = policy, .base = 1000};
			struct restart_count count = {0};
			uint32_t delay = 0;

			assert_int_equal(
				restart_verdict(&restart, &count, true, success != 0, 0, 0, &delay),
				expected[policy][success] ? RESTART_AGAIN : RESTART_STAYS);
			assert_int_equal(restart_verdict(&restart, &count, false, success != 0, 0,
						 0, &delay),
				RESTART_STAYS);
		}
}

/* A failure after so many milliseconds of life, and the delay that follows. */
static uint32_t delay_after(
	const struct restart *restart, struct restart_count *count, uint64_t lived)
{
	uint32_t delay = 0;

	assert_int_equal(
		restart_verdict(restart, count, true, false, lived, 0, &delay), RESTART_AGAIN);
	return delay;
}

static void delays_double_up_to_a_minute(void **unused)
{
	static const uint32_t expected[] = {5000, 10000, 20000, 40000, 60000, 60000, 60000};
	const struct restart restart = {.policy = RESTART_ALWAYS, .base = 5000};
	struct restart_count count = {0};

	(void)unused;
	for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
		assert_int_equal(delay_after(&restart, &count, 10), expected[i]);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(delay_after(&restart, &count, 10), RESTART_DELAY_MAX);
}

static void a_long_first_delay_stays(void **unused)
{
	const struct restart restart = {.policy = RESTART_ALWAYS, .base = RESTART_BASE_MAX};
	struct restart_count count = {0};

	(void)unused;
	for (int i = 0; i < 5; i++)
		assert_int_equal(delay_after(&restart, &count, 10), RESTART_BASE_MAX);
}

static void who_was_steady_begins_anew(void **unused)
{
	const struct restart restart = {.policy = RESTART_ALWAYS, .base = 100};
	struct restart_count count = {0};

	(void)unused;
	for (int i = 0; i < 5; i++)
		assert_int_equal(delay_after(&restart, &count, 10), 100 << i);
	assert_int_equal(delay_after(&restart, &count, RESTART_STEADY), RESTART_AT_ONCE);
	assert_int_equal(delay_after(&restart, &count, 10), 200);
}

static void the_first_try_may_come_at_once(void **unused)
{
	const struct restart at_once = {.policy = RESTART_ALWAYS, .base = RESTART_DELAY_MIN};
	const struct restart later = {.policy = RESTART_ALWAYS, .base = RESTART_DELAY_MIN + 1u};
	struct restart_count count = {0};

	(void)unused;
	assert_int_equal(delay_after(&at_once, &count, RESTART_LIVED), RESTART_AT_ONCE);
	assert_int_equal(delay_after(&at_once, &count, RESTART_LIVED), 200);
	count = (struct restart_count){0};
	assert_int_equal(delay_after(&at_once, &count, RESTART_LIVED - 1u), RESTART_DELAY_MIN);
	count = (struct restart_count){0};
	assert_int_equal(delay_after(&later, &count, RESTART_STEADY), RESTART_DELAY_MIN + 1u);
}

/* Three tries in ten seconds: the fourth is one too many, and after them there are three again. */
static void the_tries_of_a_window_are_limited(void **unused)
{
	static const struct {
		uint64_t now;
		enum restart_verdict expected;
	} steps[] = {{5000, RESTART_AGAIN}, {6000, RESTART_AGAIN}, {14999, RESTART_AGAIN},
		{14999, RESTART_SPENT}, {15000, RESTART_AGAIN}, {15000, RESTART_AGAIN},
		{15001, RESTART_AGAIN}, {24999, RESTART_SPENT}, {90000, RESTART_AGAIN}};
	const struct restart restart = {
		.policy = RESTART_ON_FAILURE, .base = 100, .limit = 3, .window = 10000};
	struct restart_count count = {0};
	uint32_t delay = 0;

	(void)unused;
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
		assert_int_equal(
			restart_verdict(&restart, &count, true, false, 0, steps[i].now, &delay),
			steps[i].expected);
	assert_int_equal(
		restart_verdict(&restart, &count, true, true, 0, 90001, &delay), RESTART_STAYS);
	assert_int_equal(count.used, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(policies_mean_what_they_say),
		cmocka_unit_test(delays_double_up_to_a_minute),
		cmocka_unit_test(a_long_first_delay_stays),
		cmocka_unit_test(who_was_steady_begins_anew),
		cmocka_unit_test(the_first_try_may_come_at_once),
		cmocka_unit_test(the_tries_of_a_window_are_limited),
	};

	return cmocka_run_group_tests_name("init_restart", tests, NULL, NULL);
}
