/* slc_field: the examples of its page, every byte in every state, and a row of fields read as its
 * users read it. */
#include "gen/slc_field.h"
#include "tests/lib/machine.h"

#include "slc_field_examples.h"

WALK_BYTES(slc_field, slc_field_init(m, 4096u))

static void every_byte_keeps_the_invariant(void **unused)
{
	(void)unused;
	walk_bytes(&slc_field_walk);
}

/* Fields in bytes[0..size), or -1 where they do not fill it exactly. */
static int count_fields(const uint8_t *bytes, size_t size)
{
	int count = 0;

	while (size > 0) {
		struct slc_field m;
		size_t used;

		if (size < SLC_FIELD_SIZE)
			return -1;
		slc_field_init(&m, (uint32_t)(size - SLC_FIELD_SIZE));
		used = slc_field_feed(&m, bytes, size);
		if (m.cs != SLC_FIELD_IN_DONE)
			return -1;
		bytes += used + m.length;
		size -= used + m.length;
		count++;
	}
	return count;
}

static void a_row_of_fields_fills_its_payload_or_is_none(void **unused)
{
	static const uint8_t row[] = {
		0, 1, 0, 0, 0, 2, 'l', 's', 0, 2, 0, 0, 0, 0, 0, 3, 0, 0, 0, 1, 7};

	(void)unused;
	for (size_t size = 0; size <= sizeof row; size++) {
		int whole = size == 0 ? 0 : size == 8 ? 1 : size == 14 ? 2 : size == 21 ? 3 : -1;

		assert_int_equal(count_fields(row, size), whole);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SLC_FIELD_EXAMPLES,
		cmocka_unit_test(every_byte_keeps_the_invariant),
		cmocka_unit_test(a_row_of_fields_fills_its_payload_or_is_none),
	};

	return cmocka_run_group_tests_name("slc_field", tests, NULL, NULL);
}
