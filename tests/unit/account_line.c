/* account_line: the examples of its page, every byte in every state, and numbers around the edges
 * against what printf writes. */
#include "gen/account_line.h"
#include "tests/lib/machine.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "account_line_examples.h"

WALK_BYTES(account_line, account_line_init(m))

static void every_byte_keeps_the_invariant(void **unused)
{
	(void)unused;
	walk_bytes(&account_line_walk);
}

static struct account_line read_line(const char *front, uint64_t number)
{
	struct account_line m;
	char line[64];

	(void)snprintf(line, sizeof line, "web:x:%s%" PRIu64 ":\n", front, number);
	account_line_init(&m);
	assert_int_equal(account_line_feed(&m, (const uint8_t *)line, sizeof line), strlen(line));
	return m;
}

static void numbers_are_read_as_they_are_written(void **unused)
{
	(void)unused;
	for (uint64_t power = 1; power <= 10000000000u; power *= 10)
		for (uint64_t number = power - 1; number <= power + 1; number++) {
			struct account_line m = read_line("", number);

			assert_int_equal(m.cs == ACCOUNT_LINE_IN_DONE, number < UINT32_MAX);
			if (number < UINT32_MAX)
				assert_int_equal(m.id, number);
			m = read_line("7:", number);
			assert_int_equal(m.cs, ACCOUNT_LINE_IN_DONE);
			assert_int_equal(m.group, number < UINT32_MAX ? number : ACCOUNT_LINE_NONE);
		}
	for (uint64_t number = UINT32_MAX - 2u; number <= UINT32_MAX + UINT64_C(2); number++)
		assert_int_equal(
			read_line("", number).cs == ACCOUNT_LINE_IN_DONE, number < UINT32_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ACCOUNT_LINE_EXAMPLES,
		cmocka_unit_test(every_byte_keeps_the_invariant),
		cmocka_unit_test(numbers_are_read_as_they_are_written),
	};

	return cmocka_run_group_tests_name("account_line", tests, NULL, NULL);
}
