/* slc_hello: the examples of its page, every byte in every state, and every byte of a good HELLO
 * replaced by every other. */
#include "gen/slc_hello.h"
#include "tests/lib/machine.h"

#include <assert.h>
#include <string.h>

#include "fsm/slc_channel.h"
#include "fsm/slc_frame.h"
#include "fsm/slc_session.h"
#include "slc_hello_examples.h"

static_assert(SLC_HELLO_VERSION == SLC_VERSION, "one version");
static_assert(SLC_HELLO_LIMIT_MAX == SLC_FRAME_LIMIT_MAX, "one limit of frames");
static_assert(SLC_HELLO_CREDIT_MAX == SLC_CHANNEL_CREDIT_MAX, "one limit of credit");

WALK_BYTES(slc_hello, slc_hello_init(m))

static void every_byte_keeps_the_invariant(void **unused)
{
	(void)unused;
	walk_bytes(&slc_hello_walk);
}

static uint32_t number_at(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
	       bytes[3];
}

static int is_good(const uint8_t *hello)
{
	uint32_t limit = number_at(hello + 8), keepalive = number_at(hello + 12);
	uint32_t credit = number_at(hello + 16);

	return number_at(hello) == 1 && limit >= 1024 && limit <= 1048576 && keepalive >= 1 &&
	       keepalive <= 3600 && credit >= 1 && credit <= 1073741824;
}

static void one_changed_byte_is_judged_as_the_table_says(void **unused)
{
	static const uint8_t good[SLC_HELLO_SIZE] = {
		0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 30, 0, 4, 0, 0};

	(void)unused;
	for (size_t i = 0; i < sizeof good; i++)
		for (unsigned byte = 0; byte < 256; byte++) {
			uint8_t hello[SLC_HELLO_SIZE];
			struct slc_hello m;

			memcpy(hello, good, sizeof hello);
			hello[i] = (uint8_t)byte;
			slc_hello_init(&m);
			(void)slc_hello_feed(&m, hello, sizeof hello);
			assert_true(slc_hello_ended(&m));
			assert_int_equal(m.cs == SLC_HELLO_IN_DONE, is_good(hello));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SLC_HELLO_EXAMPLES,
		cmocka_unit_test(every_byte_keeps_the_invariant),
		cmocka_unit_test(one_changed_byte_is_judged_as_the_table_says),
	};

	return cmocka_run_group_tests_name("slc_hello", tests, NULL, NULL);
}
