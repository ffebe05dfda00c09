/* cbor_place: rulings at their borders, without any bytes. */
#include "runtime/crypto/cbor_place.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct cbor_limits limits = {.depth = 2, .count = 5, .length = 10, .indefinite = true};

/* Inside an array or a map, of so many bytes. */
static struct cbor_place inside(size_t size, uint64_t count, bool open, bool map)
{
	struct cbor_place place;

	cbor_place_begin(&place, size, &limits);
	cbor_place_head(&place, 1);
	assert_int_equal(cbor_place_item(&place, false), CBOR_RULING_OK);
	assert_int_equal(cbor_place_enter(&place, count, open, map), CBOR_RULING_OK);
	return place;
}

static void depth_is_bounded_whatever_is_asked(void **unused)
{
	const struct cbor_limits deep = {.depth = UINT32_MAX, .count = 1, .length = 1};
	struct cbor_place place;

	(void)unused;
	cbor_place_begin(&place, 1000, &deep);
	for (uint32_t i = 0; i < CBOR_DEPTH_MAX; i++)
		assert_int_equal(cbor_place_enter(&place, 1, false, false), CBOR_RULING_OK);
	assert_int_equal(cbor_place_enter(&place, 1, false, false), CBOR_RULING_TOO_DEEP);
	for (uint32_t i = 0; i < CBOR_DEPTH_MAX; i++)
		cbor_place_leave(&place);
	assert_int_equal(cbor_place_next(&place), CBOR_NEXT_READ);
}

static void the_item_at_the_top_is_one(void **unused)
{
	struct cbor_place place;

	(void)unused;
	cbor_place_begin(&place, 2, &limits);
	assert_int_equal(cbor_place_next(&place), CBOR_NEXT_READ);
	assert_int_equal(cbor_place_item(&place, true), CBOR_RULING_OK);
	assert_int_equal(cbor_place_next(&place), CBOR_NEXT_READ); /* a tag is no item */
	cbor_place_head(&place, 1);
	assert_int_equal(cbor_place_item(&place, false), CBOR_RULING_OK);
	assert_int_equal(cbor_place_next(&place), CBOR_NEXT_TRAILING);
	cbor_place_head(&place, 1);
	assert_int_equal(cbor_place_next(&place), CBOR_NEXT_END);
}

static void items_are_counted(void **unused)
{
	struct cbor_place place = inside(100, 2, false, true);

	(void)unused;
	for (int i = 0; i < 4; i++) { /* two pairs */
		assert_int_equal(cbor_place_next(&place), CBOR_NEXT_READ);
		assert_int_equal(cbor_place_item(&place, false), CBOR_RULING_OK);
	}
	assert_int_equal(cbor_place_next(&place), CBOR_NEXT_LEAVE);
	assert_int_equal(cbor_place_item(&place, false), CBOR_RULING_TOO_MANY);
}

static void an_open_array_takes_as_many_as_the_limit(void **unused)
{
	struct cbor_place place = inside(3, 0, true, false);

	(void)unused;
	for (int i = 0; i < 5; i++)
		assert_int_equal(cbor_place_item(&place, false), CBOR_RULING_OK);
	assert_int_equal(cbor_place_next(&place), CBOR_NEXT_READ); /* the break */
	assert_int_equal(cbor_place_item(&place, false), CBOR_RULING_TOO_MANY);
	assert_int_equal(cbor_place_stop(&place), CBOR_RULING_OK);
}

static void counts_have_limits_and_bytes_behind_them(void **unused)
{
	struct cbor_place place;

	(void)unused;
	cbor_place_begin(&place, 5, &limits);
	assert_int_equal(cbor_place_enter(&place, 6, false, false), CBOR_RULING_TOO_MANY);
	assert_int_equal(cbor_place_enter(&place, 3, false, true), CBOR_RULING_CUT_ITEMS);
	assert_int_equal(cbor_place_enter(&place, UINT64_MAX, false, true), CBOR_RULING_TOO_MANY);
	assert_int_equal(cbor_place_enter(&place, 2, false, true), CBOR_RULING_OK);
	assert_int_equal(cbor_place_enter(&place, 5, false, false), CBOR_RULING_OK);
}

static void strings_have_limits_and_bytes_behind_them(void **unused)
{
	struct cbor_place place;

	(void)unused;
	cbor_place_begin(&place, 9, &limits);
	assert_int_equal(cbor_place_string(&place, 11), CBOR_RULING_TOO_LONG);
	assert_int_equal(cbor_place_string(&place, UINT64_MAX), CBOR_RULING_TOO_LONG);
	assert_int_equal(cbor_place_string(&place, 10), CBOR_RULING_CUT_STRING);
	assert_int_equal(place.at, 0);
	assert_int_equal(cbor_place_string(&place, 9), CBOR_RULING_OK);
	assert_int_equal(place.at, 9);
	assert_int_equal(cbor_place_string(&place, 1), CBOR_RULING_CUT_STRING);
	assert_int_equal(cbor_place_string(&place, 0), CBOR_RULING_OK);
}

static void a_break_ends_what_is_open(void **unused)
{
	struct cbor_place place = inside(9, 1, false, false);

	(void)unused;
	assert_int_equal(cbor_place_stop(&place), CBOR_RULING_NO_END_HERE);
	place = inside(9, 0, true, true);
	assert_int_equal(
		cbor_place_item(&place, false), CBOR_RULING_OK); /* a key without a value */
	assert_int_equal(cbor_place_stop(&place), CBOR_RULING_NO_END_HERE);
	assert_int_equal(cbor_place_item(&place, true), CBOR_RULING_OK); /* a tag without an item */
	assert_int_equal(cbor_place_stop(&place), CBOR_RULING_NO_END_HERE);
	assert_int_equal(cbor_place_item(&place, false), CBOR_RULING_OK);
	assert_int_equal(cbor_place_stop(&place), CBOR_RULING_OK);
	assert_int_equal(cbor_place_stop(&place), CBOR_RULING_NO_END_HERE); /* nothing is left */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(depth_is_bounded_whatever_is_asked),
		cmocka_unit_test(the_item_at_the_top_is_one),
		cmocka_unit_test(items_are_counted),
		cmocka_unit_test(an_open_array_takes_as_many_as_the_limit),
		cmocka_unit_test(counts_have_limits_and_bytes_behind_them),
		cmocka_unit_test(strings_have_limits_and_bytes_behind_them),
		cmocka_unit_test(a_break_ends_what_is_open),
	};

	return cmocka_run_group_tests_name("cbor_place", tests, NULL, NULL);
}
