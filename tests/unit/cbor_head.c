/* cbor_head: the examples of its page, every byte in every state, and every first byte against the
 * rule of RFC 8949 written the other way round: from the value to its shortest head. */
#include "gen/cbor_head.h"
#include "tests/lib/machine.h"

#include "cbor_head_examples.h"

WALK_BYTES(cbor_head, cbor_head_init(m, 1u))

static void every_byte_keeps_the_invariant(void **unused)
{
	(void)unused;
	walk_bytes(&cbor_head_walk);
}

/* Writes a head whose argument takes `width` bytes, be it the shortest or not. Returns its size. */
static size_t put_head(uint8_t *head, uint32_t major, uint64_t argument, uint32_t width)
{
	static const uint8_t information[9] = {0, 24, 25, 0, 26, 0, 0, 0, 27};

	head[0] = (uint8_t)(32 * major + (width ? information[width] : argument));
	for (uint32_t i = 0; i < width; i++)
		head[1 + i] = (uint8_t)(argument >> (8 * (width - 1 - i)));
	return 1 + width;
}

static uint32_t shortest_width(uint64_t argument)
{
	if (argument < 24)
		return 0;
	if (argument <= UINT8_MAX)
		return 1;
	if (argument <= UINT16_MAX)
		return 2;
	return argument <= UINT32_MAX ? 4 : 8;
}

static int fits(uint64_t argument, uint32_t width)
{
	return width == 8 || argument < (width ? 1ull << (8 * width) : 24);
}

static void one_width_of_each_argument_is_accepted(void **unused)
{
	static const uint64_t arguments[] = {0, 1, 22, 23, 24, 25, 254, 255, 256, 257, 65534, 65535,
		65536, 65537, UINT32_MAX - 1ull, UINT32_MAX, UINT32_MAX + 1ull, UINT64_MAX - 1,
		UINT64_MAX};
	static const uint32_t widths[] = {0, 1, 2, 4, 8};
	uint8_t head[CBOR_HEAD_SIZE_MAX + 1] = {0};

	(void)unused;
	for (uint32_t major = CBOR_HEAD_UNSIGNED; major <= CBOR_HEAD_TAG; major++)
		for (size_t a = 0; a < sizeof arguments / sizeof *arguments; a++)
			for (size_t w = 0; w < sizeof widths / sizeof *widths; w++) {
				struct cbor_head m;
				size_t size;

				if (!fits(arguments[a], widths[w]))
					continue;
				size = put_head(head, major, arguments[a], widths[w]);
				cbor_head_init(&m, 0u);
				assert_int_equal(cbor_head_feed(&m, head, sizeof head), size);
				if (widths[w] != shortest_width(arguments[a])) {
					EXAMPLE_STATE(cbor_head, &m, CBOR_HEAD_IN_BAD_MINIMAL);
					continue;
				}
				EXAMPLE_STATE(cbor_head, &m, CBOR_HEAD_IN_DONE);
				assert_int_equal(m.major, major);
				assert_true(m.argument == arguments[a]);
			}
}

static int state_after(uint8_t first, uint32_t indefinite)
{
	struct cbor_head m;

	cbor_head_init(&m, indefinite);
	cbor_head_step(&m, first);
	return m.cs;
}

static void every_first_byte_has_its_place(void **unused)
{
	(void)unused;
	for (unsigned first = 0; first < 256; first++) {
		uint32_t major = first / 32, information = first % 32;
		int closed = state_after((uint8_t)first, 0), open = state_after((uint8_t)first, 1);

		if (information >= 28 && information <= 30)
			assert_int_equal(closed, CBOR_HEAD_IN_BAD_RESERVED);
		if (information == 31)
			assert_int_equal(closed, CBOR_HEAD_IN_BAD_INDEFINITE);
		if (information < 24)
			assert_int_equal(closed, CBOR_HEAD_IN_DONE);
		if (information != 31)
			assert_int_equal(open, closed);
		else if (major == CBOR_HEAD_ARRAY || major == CBOR_HEAD_MAP)
			assert_int_equal(open, CBOR_HEAD_IN_OPEN);
		else if (major == CBOR_HEAD_SIMPLE)
			assert_int_equal(open, CBOR_HEAD_IN_STOP);
		else
			assert_int_equal(open, CBOR_HEAD_IN_BAD_INDEFINITE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CBOR_HEAD_EXAMPLES,
		cmocka_unit_test(every_byte_keeps_the_invariant),
		cmocka_unit_test(one_width_of_each_argument_is_accepted),
		cmocka_unit_test(every_first_byte_has_its_place),
	};

	return cmocka_run_group_tests_name("cbor_head", tests, NULL, NULL);
}
