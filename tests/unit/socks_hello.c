/* socks_hello: the examples of its page, every byte in every state, and the longest greeting and
 * request there are. */
#include "gen/socks_hello.h"
#include "tests/lib/machine.h"

#include <string.h>

#include "socks_hello_examples.h"

WALK_BYTES(socks_hello, socks_hello_init(m))

static void every_byte_keeps_the_invariant(void **unused)
{
	(void)unused;
	walk_bytes(&socks_hello_walk);
}

static void the_longest_one_is_read(void **unused)
{
	static uint8_t bytes[SOCKS_HELLO_SIZE_MAX + 1] = {5, 255};
	uint8_t *request = bytes + 257;
	struct socks_hello m;

	(void)unused;
	memset(bytes + 2, 2, 254); /* and the last method is 0 */
	memcpy(request, "\5\1\0\3\xfd", 5);
	memset(request + 5, 'a', 253);
	memcpy(request + 258, "\xff\xff", 2);
	socks_hello_init(&m);
	assert_int_equal(socks_hello_feed(&m, bytes, sizeof bytes), SOCKS_HELLO_SIZE_MAX);
	assert_int_equal(m.cs, SOCKS_HELLO_IN_DONE);
	assert_int_equal(m.length, 253);
	assert_int_equal(m.port, 65535);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SOCKS_HELLO_EXAMPLES,
		cmocka_unit_test(every_byte_keeps_the_invariant),
		cmocka_unit_test(the_longest_one_is_read),
	};

	return cmocka_run_group_tests_name("socks_hello", tests, NULL, NULL);
}
