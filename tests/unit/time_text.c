/* time_text: texts that are a time, against the C library, and texts that are none. */
#include "runtime/kernel/time_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

static void agrees_with_the_c_library(void **state)
{
	const int64_t last = INT64_C(253402300799); /* the year 9999 ends */
	char text[32], whole[TIME_TEXT_MAX];
	int64_t found;

	(void)state;
	for (int64_t seconds = 0; seconds <= last; seconds += 86399 * INT64_C(17)) {
		time_t given = (time_t)seconds;
		struct tm parts;

		assert_non_null(gmtime_r(&given, &parts));
		assert_int_equal(strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts), 20);
		assert_int_equal(time_of_text(text, &found), 0);
		assert_int_equal(found, seconds);
		if (seconds < INT64_C(9000000000)) { /* as nanoseconds there is an end */
			time_to_text(seconds * 1000000000 + 1999, whole);
			assert_memory_equal(whole, text, 19);
			assert_string_equal(whole + 19, ".000001Z");
		}
	}
	assert_int_equal(time_of_text("9999-12-31T23:59:59Z", &found), 0);
	assert_int_equal(found, last);
}

static void refuses_other_texts(void **state)
{
	static const char *const texts[] = {"", "2027-01-31", "2027-01-31T12:00:00",
		"2027-01-31t12:00:00Z", "2027-01-31T12:00:00z", "2027-01-31 12:00:00Z",
		"2027-01-31T12:00:00+00:00", "2027-01-31T12:00:00.0Z", "2027-1-31T12:00:00Z",
		" 2027-01-31T12:00:00Z", "2027-01-31T12:00:00Z ", "1969-12-31T23:59:59Z",
		"2027-00-31T12:00:00Z", "2027-13-01T12:00:00Z", "2027-01-00T12:00:00Z",
		"2027-02-29T12:00:00Z", "2100-02-29T12:00:00Z", "2027-04-31T12:00:00Z",
		"2027-01-31T24:00:00Z", "2027-01-31T12:60:00Z", "2027-01-31T23:59:60Z",
		"+027-01-31T12:00:00Z", "2027-01-31T1 :00:00Z"};
	int64_t found;

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		assert_int_equal(time_of_text(texts[i], &found), -1);
	assert_int_equal(time_of_text("2028-02-29T12:00:00Z", &found), 0);
	assert_int_equal(time_of_text("2000-02-29T12:00:00Z", &found), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_the_c_library),
		cmocka_unit_test(refuses_other_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
