/* slc_said: what readers of a detached job's log see, compared with all that was said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/slc/said.h"

#define TOTAL 1000000u

static uint8_t ring[SAID_SIZE], all[2][TOTAL];
static size_t sizes[2];
static struct said said;

static int setup(void **unused)
{
	(void)unused;
	memset(&said, 0, sizeof said);
	said.ring = ring;
	memset(sizes, 0, sizeof sizes);
	return 0;
}

/* Says so many bytes on a stream, and remembers them. */
static void say(unsigned stream, size_t size)
{
	uint8_t *bytes = all[stream] + sizes[stream];

	assert_true(sizes[stream] + size <= TOTAL);
	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)rand();
	sizes[stream] += size;
	said_put(&said, (uint8_t)stream, bytes, size);
}

struct reader {
	struct said_cursor cursor;
	size_t taken[2];
};

/* Takes up to `most` bytes; what was not lost is what was said, at the end of it. */
static void take(struct reader *reader, size_t most)
{
	const uint8_t *bytes;
	uint8_t stream;
	size_t size;

	while (most > 0 && said_next(&said, &reader->cursor, &stream, &bytes, &size)) {
		assert_true(stream < 2 && size > 0);
		size = size < most ? size : most;
		if (reader->cursor.lost == 0)
			assert_memory_equal(bytes, all[stream] + reader->taken[stream], size);
		reader->taken[stream] += size;
		said_took(&said, &reader->cursor, size);
		most -= size;
	}
}

static void a_reader_that_keeps_up_loses_nothing(void **unused)
{
	struct reader reader = {0};

	(void)unused;
	for (unsigned i = 0; i < 3000; i++) {
		say(i % 3 == 0, (size_t)rand() % 300);
		take(&reader, SIZE_MAX);
	}
	assert_int_equal(reader.cursor.lost, 0);
	assert_int_equal(reader.taken[0], sizes[0]);
	assert_int_equal(reader.taken[1], sizes[1]);
}

static void a_slow_reader_is_told_what_it_loses(void **unused)
{
	struct reader slow = {0}, late = {0};

	(void)unused;
	for (unsigned i = 0; i < 3000; i++) {
		say(i % 2, (size_t)rand() % 300);
		take(&slow, (size_t)rand() % 100);
		assert_true(said.end - said.begin <= SAID_SIZE);
	}
	take(&slow, SIZE_MAX);
	take(&late, SIZE_MAX);
	assert_true(slow.cursor.lost > 0);
	assert_int_equal(slow.taken[0] + slow.taken[1] + slow.cursor.lost, said.total);
	assert_int_equal(late.taken[0] + late.taken[1] + late.cursor.lost, said.total);
	assert_int_equal(late.cursor.lost, said.dropped);
	assert_true(late.taken[0] + late.taken[1] > SAID_SIZE / 2);
}

static void what_is_kept_is_the_end(void **unused)
{
	const uint8_t *bytes;
	struct said_cursor cursor = {0};
	uint8_t stream, last[16];
	size_t size, at = 0;

	(void)unused;
	say(0, 200000);
	while (said_next(&said, &cursor, &stream, &bytes, &size)) {
		at = (size_t)cursor.passed + size;
		memcpy(last, bytes + size - (size < sizeof last ? size : sizeof last),
			size < sizeof last ? size : sizeof last);
		assert_memory_equal(bytes, all[0] + cursor.passed, size);
		said_took(&said, &cursor, size);
	}
	assert_int_equal(at, 200000);
	assert_memory_equal(last, all[0] + 200000 - sizeof last, sizeof last);
}

static void nothing_was_said(void **unused)
{
	struct said_cursor cursor = {0};
	const uint8_t *bytes;
	uint8_t stream;
	size_t size;

	(void)unused;
	said_put(&said, 1, (const uint8_t *)"", 0);
	assert_false(said_next(&said, &cursor, &stream, &bytes, &size));
	assert_int_equal(said.total, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_reader_that_keeps_up_loses_nothing, setup),
		cmocka_unit_test_setup(a_slow_reader_is_told_what_it_loses, setup),
		cmocka_unit_test_setup(what_is_kept_is_the_end, setup),
		cmocka_unit_test_setup(nothing_was_said, setup),
	};

	return cmocka_run_group_tests_name("slc_said", tests, NULL, NULL);
}
