/* hybrid_hello: the examples of its page, every byte in every state, and every port's edges against
 * what printf writes. */
#include "gen/hybrid_hello.h"
#include "tests/lib/machine.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "hybrid_hello_examples.h"

WALK_BYTES(hybrid_hello, hybrid_hello_init(m, HYBRID_HELLO_REQUEST))

static void every_byte_keeps_the_invariant(void **unused)
{
	(void)unused;
	walk_bytes(&hybrid_hello_walk);
}

static int read_line(struct hybrid_hello *m, const char *word, uint32_t reply, uint64_t port)
{
	char line[64];

	snprintf(line, sizeof line, "%s %" PRIu64 "\n", word, port);
	hybrid_hello_init(m, reply);
	return hybrid_hello_feed(m, (const uint8_t *)line, strlen(line)) == strlen(line) &&
	       m->cs == HYBRID_HELLO_IN_DONE;
}

static void ports_are_read_as_they_are_written(void **unused)
{
	struct hybrid_hello m;

	(void)unused;
	for (uint64_t power = 1; power <= 10000000000u; power *= 10)
		for (uint64_t port = power - 1; port <= power + 1; port++) {
			int fits = port <= UINT32_MAX;

			assert_int_equal(
				read_line(&m, "CONNECT", HYBRID_HELLO_REQUEST, port), fits);
			assert_int_equal(read_line(&m, "OK", HYBRID_HELLO_REPLY, port), fits);
			if (fits)
				assert_int_equal(m.port, port);
		}
}

static void a_peer_without_newlines_is_cut_off(void **unused)
{
	uint8_t digits[4096] = "CONNECT ";
	struct hybrid_hello m;

	(void)unused;
	memset(digits + 8, '1', sizeof digits - 8);
	hybrid_hello_init(&m, HYBRID_HELLO_REQUEST);
	assert_true(hybrid_hello_feed(&m, digits, sizeof digits) <= HYBRID_HELLO_SIZE_MAX);
	assert_int_equal(m.cs, HYBRID_HELLO_IN_TOO_BIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HYBRID_HELLO_EXAMPLES,
		cmocka_unit_test(every_byte_keeps_the_invariant),
		cmocka_unit_test(ports_are_read_as_they_are_written),
		cmocka_unit_test(a_peer_without_newlines_is_cut_off),
	};

	return cmocka_run_group_tests_name("hybrid_hello", tests, NULL, NULL);
}
