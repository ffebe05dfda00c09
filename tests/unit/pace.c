/* pace: no more than the cap in a second, and as many again in the next one. */
#include "runtime/channel/pace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static unsigned take(struct pace *pace, uint64_t second, unsigned tries)
{
	unsigned taken = 0;

	for (unsigned i = 0; i < tries; i++)
		taken += pace_take(pace, second);
	return taken;
}

static void a_second_has_its_cap(void **unused)
{
	struct pace pace = {.most = 3};

	(void)unused;
	assert_int_equal(take(&pace, 0, 10), 3);
	assert_int_equal(take(&pace, 1, 2), 2);
	assert_int_equal(take(&pace, 1, 2), 1);
	assert_int_equal(take(&pace, 100, 10), 3);
}

static void a_clock_that_goes_back_frees_nothing(void **unused)
{
	struct pace pace = {.most = 1};

	(void)unused;
	assert_int_equal(take(&pace, 5, 2), 1);
	assert_int_equal(take(&pace, 4, 2), 0);
	assert_int_equal(take(&pace, 5, 2), 0);
	assert_int_equal(take(&pace, 6, 2), 1);
}

static void none_is_none(void **unused)
{
	struct pace pace = {.most = 0};

	(void)unused;
	assert_int_equal(take(&pace, 5, 2) + take(&pace, 6, 2), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_second_has_its_cap),
		cmocka_unit_test(a_clock_that_goes_back_frees_nothing),
		cmocka_unit_test(none_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
