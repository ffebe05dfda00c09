/* slc_frame: the examples of its page, and every byte in every state. */
#include "gen/slc_frame.h"
#include "tests/lib/machine.h"

#include "slc_frame_examples.h"

WALK_BYTES(slc_frame, slc_frame_init(m, 4096u))

static void every_byte_keeps_the_invariant(void **unused)
{
	(void)unused;
	walk_bytes(&slc_frame_walk);
}

static void feed_stops_at_the_end_of_a_header(void **unused)
{
	static const uint8_t bytes[16] = {3, 0, 0, 0, 0, 0, 0, 0, 3};
	struct slc_frame m;

	(void)unused;
	slc_frame_init(&m, 0u);
	assert_int_equal(slc_frame_feed(&m, bytes, sizeof bytes), SLC_FRAME_SIZE);
	assert_int_equal(slc_frame_feed(&m, bytes + 8, 8), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SLC_FRAME_EXAMPLES,
		cmocka_unit_test(every_byte_keeps_the_invariant),
		cmocka_unit_test(feed_stops_at_the_end_of_a_header),
	};

	return cmocka_run_group_tests_name("slc_frame", tests, NULL, NULL);
}
