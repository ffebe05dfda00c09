/* init_log_lines: bytes with stamps in front of their lines, cut anywhere. */
#include "services/init/log_lines.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* All of `text`, given in pieces and taken into a room of some size; joined. */
static void gives(
	const char *text, const char *stamp, size_t piece, size_t capacity, const char *expected)
{
	struct log_lines lines = {.stamp = stamp};
	uint8_t room[64], all[256];
	size_t size = strlen(text), done = 0, used = 0, filled;

	while (done < size) {
		size_t some = size - done < piece ? size - done : piece;
		size_t took = log_lines_put(
			&lines, (const uint8_t *)text + done, some, room, capacity, &filled);

		assert_true(took > 0 && took <= some && filled <= capacity);
		assert_true(used + filled <= sizeof all);
		memcpy(all + used, room, filled);
		used += filled;
		done += took;
	}
	assert_int_equal(used, strlen(expected));
	assert_memory_equal(all, expected, used);
}

static void each_line_gets_a_stamp(void **unused)
{
	(void)unused;
	for (size_t piece = 1; piece <= 14; piece++)
		for (size_t capacity = 3; capacity <= 64; capacity++) {
			gives("one\n\ntwo\nthree", "T ", piece, capacity,
				"T one\nT \nT two\nT three");
			gives("one\n\ntwo\nthree", "", piece, capacity, "one\n\ntwo\nthree");
		}
}

static void a_line_that_has_begun_goes_on(void **unused)
{
	struct log_lines lines = {.stamp = "T ", .is_inside = true};
	uint8_t room[16];
	size_t filled;

	(void)unused;
	assert_int_equal(
		log_lines_put(&lines, (const uint8_t *)"a\nb", 3, room, sizeof room, &filled), 3);
	assert_int_equal(filled, 5);
	assert_memory_equal(room, "a\nT b", 5);
	assert_true(lines.is_inside);
}

static void bytes_stay_as_they_are_without(void **unused)
{
	static const uint8_t bytes[] = {0, '\n', 0xff, '\r', '\n', '\n', 0x1b};
	struct log_lines lines = {.stamp = NULL};
	uint8_t room[16];
	size_t filled;

	(void)unused;
	assert_int_equal(log_lines_put(&lines, bytes, sizeof bytes, room, sizeof room, &filled),
		sizeof bytes);
	assert_int_equal(filled, sizeof bytes);
	assert_memory_equal(room, bytes, sizeof bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_line_gets_a_stamp),
		cmocka_unit_test(a_line_that_has_begun_goes_on),
		cmocka_unit_test(bytes_stay_as_they_are_without),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
