/* init_log_ring: what a log keeps, and what its readers are given and lose. */
#include "services/init/log_ring.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct log_ring ring;

static int begin(void **unused)
{
	(void)unused;
	memset(&ring, 0, sizeof ring);
	return 0;
}

static void put(const char *text)
{
	log_ring_put(&ring, (const uint8_t *)text, strlen(text));
}

static void says(uint64_t cursor, const char *text)
{
	uint8_t bytes[64];
	uint64_t lost = 0;
	size_t size = log_ring_get(&ring, &cursor, bytes, sizeof bytes, &lost);

	assert_int_equal(size, strlen(text));
	assert_memory_equal(bytes, text, size);
	assert_int_equal(lost, 0);
}

static void readers_follow_by_cursors_of_their_own(void **unused)
{
	uint8_t bytes[3];
	uint64_t first = 0, lost = 0;

	(void)unused;
	put("one\ntwo\n");
	assert_int_equal(log_ring_get(&ring, &first, bytes, sizeof bytes, &lost), 3);
	assert_int_equal(first, 3);
	says(first, "\ntwo\n");
	says(0, "one\ntwo\n");
	says(8, "");
	says(1000, ""); /* a cursor of nothing that was ever there */
}

static void who_is_too_slow_loses_the_oldest(void **unused)
{
	uint8_t bytes[LOG_RING_SIZE];
	uint64_t cursor = 0, lost = 0;

	(void)unused;
	for (uint32_t i = 0; i < LOG_RING_SIZE / 4u + 25u; i++)
		put("abc\n");
	assert_int_equal(log_ring_get(&ring, &cursor, bytes, sizeof bytes, &lost), LOG_RING_SIZE);
	assert_int_equal(lost, 100);
	assert_int_equal(cursor, ring.end);
	assert_memory_equal(bytes, "abc\nabc\n", 8);
	assert_memory_equal(bytes + LOG_RING_SIZE - 4u, "abc\n", 4);
}

static void more_than_fits_keeps_its_end(void **unused)
{
	static uint8_t much[3u * LOG_RING_SIZE + 7u];

	(void)unused;
	memset(much, 'x', sizeof much);
	memcpy(much + sizeof much - 5u, "end!\n", 5);
	log_ring_put(&ring, much, sizeof much);
	assert_int_equal(ring.end - ring.begin, LOG_RING_SIZE);
	says(ring.end - 5u, "end!\n");
}

static void the_last_lines_are_found(void **unused)
{
	(void)unused;
	says(log_ring_tail(&ring, 3), "");
	put("one\ntwo\nthree\n");
	says(log_ring_tail(&ring, 0), "");
	says(log_ring_tail(&ring, 1), "three\n");
	says(log_ring_tail(&ring, 2), "two\nthree\n");
	says(log_ring_tail(&ring, 9), "one\ntwo\nthree\n");
	put("fo");
	says(log_ring_tail(&ring, 1), "fo");
	says(log_ring_tail(&ring, 2), "three\nfo");
}

static void what_is_cleared_is_gone_and_cursors_stay_good(void **unused)
{
	(void)unused;
	put("one\n");
	log_ring_clear(&ring);
	put("two\n");
	says(4, "two\n");
	says(log_ring_tail(&ring, 5), "two\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(readers_follow_by_cursors_of_their_own, begin),
		cmocka_unit_test_setup(who_is_too_slow_loses_the_oldest, begin),
		cmocka_unit_test_setup(more_than_fits_keeps_its_end, begin),
		cmocka_unit_test_setup(the_last_lines_are_found, begin),
		cmocka_unit_test_setup(what_is_cleared_is_gone_and_cursors_stay_good, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
