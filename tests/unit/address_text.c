/* address_text: the examples of its page, every byte in every state, numbers at their edges against
 * what printf writes, and each part at its longest. */
#include "gen/address_text.h"
#include "tests/lib/machine.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "address_text_examples.h"

WALK_BYTES(address_text, address_text_init(m))

static void every_byte_keeps_the_invariant(void **unused)
{
	(void)unused;
	walk_bytes(&address_text_walk);
}

static int end_of(struct address_text *m, const char *text)
{
	address_text_init(m);
	(void)address_text_feed(m, (const uint8_t *)text, strlen(text) + 1);
	assert_true(address_text_ended(m));
	return m->cs;
}

static void numbers_are_read_as_they_are_written(void **unused)
{
	struct address_text m;
	char text[128];

	(void)unused;
	for (uint64_t power = 1; power <= 10000000000u; power *= 10)
		for (uint64_t n = power - 1; n <= power + 1; n++) {
			int fits = n <= UINT32_MAX, fits_tcp = n <= 65535;

			snprintf(text, sizeof text, "vsock:%" PRIu64 ":%" PRIu64, n, n);
			assert_int_equal(end_of(&m, text) == ADDRESS_TEXT_IN_DONE, fits);
			assert_true(!fits || (m.cid == n && m.port == n));
			snprintf(text, sizeof text, "hybrid:s:9:%" PRIu64, n);
			assert_int_equal(end_of(&m, text) == ADDRESS_TEXT_IN_DONE, fits);
			assert_true(!fits || (m.length == 3 && m.port == n));
			snprintf(text, sizeof text, "tcp:[::]:%" PRIu64, n);
			assert_int_equal(end_of(&m, text) == ADDRESS_TEXT_IN_DONE, fits_tcp);
			assert_true(!fits_tcp || m.port == n);
		}
}

/* The end of an address whose part with text has `length` bytes. */
static int end_at_length(const char *front, char byte, size_t length, const char *back)
{
	static char text[8192];
	struct address_text m;
	size_t size = strlen(front);

	memcpy(text, front, size);
	memset(text + size, byte, length);
	strcpy(text + size + length, back);
	return end_of(&m, text);
}

static void each_part_has_its_limit(void **unused)
{
	static const struct {
		const char *front, *back;
		size_t longest;
	} parts[] = {
		{"unix:", "", ADDRESS_TEXT_PATH_MAX},
		{"unix:@", "", ADDRESS_TEXT_NAME_MAX},
		{"tcp:", ":1", ADDRESS_TEXT_HOST_MAX},
		{"tcp:[", "]:1", ADDRESS_TEXT_V6_MAX},
		{"hybrid:", ":4294967295", ADDRESS_TEXT_PATH_MAX},
	};

	(void)unused;
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		const char *front = parts[i].front, *back = parts[i].back;
		size_t longest = parts[i].longest;

		assert_int_equal(end_at_length(front, 'a', longest, back), ADDRESS_TEXT_IN_DONE);
		assert_int_equal(
			end_at_length(front, 'a', longest + 1, back), ADDRESS_TEXT_IN_TOO_LONG);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ADDRESS_TEXT_EXAMPLES,
		cmocka_unit_test(every_byte_keeps_the_invariant),
		cmocka_unit_test(numbers_are_read_as_they_are_written),
		cmocka_unit_test(each_part_has_its_limit),
	};

	return cmocka_run_group_tests_name("address_text", tests, NULL, NULL);
}
