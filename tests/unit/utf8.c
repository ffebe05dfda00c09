/* utf8: the examples of its page, every byte in every state, and every code point there is. */
#include "gen/utf8.h"
#include "tests/lib/machine.h"

#include "utf8_examples.h"

WALK_BYTES(utf8, utf8_init(m))

static void every_byte_keeps_the_invariant(void **unused)
{
	(void)unused;
	walk_bytes(&utf8_walk);
}

/* The bytes of a number in the form of `size` bytes, whether that is its shortest form or not. */
static void encode(uint32_t number, size_t size, uint8_t *bytes)
{
	static const uint8_t lead[5] = {0, 0x00, 0xc0, 0xe0, 0xf0};

	for (size_t i = size - 1; i > 0; i--) {
		bytes[i] = (uint8_t)(0x80 + number % 64);
		number /= 64;
	}
	bytes[0] = (uint8_t)(lead[size] + number);
}

static int accepted(const uint8_t *bytes, size_t size)
{
	struct utf8 m;

	utf8_init(&m);
	return utf8_feed(&m, bytes, size) == size && m.cs == UTF8_IN_WHOLE;
}

static void code_points_are_taken_in_their_shortest_form_only(void **unused)
{
	static const uint32_t first[6] = {0, 0, 0x80, 0x800, 0x10000, 0x200000};
	uint8_t bytes[4];

	(void)unused;
	for (size_t size = 1; size <= 4; size++)
		for (uint32_t number = 0; number < first[size + 1]; number++) {
			int surrogate = number >= 0xd800 && number <= 0xdfff;

			encode(number, size, bytes);
			assert_int_equal(accepted(bytes, size),
				number >= first[size] && number <= 0x10ffff && !surrogate);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UTF8_EXAMPLES,
		cmocka_unit_test(every_byte_keeps_the_invariant),
		cmocka_unit_test(code_points_are_taken_in_their_shortest_form_only),
	};

	return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}
