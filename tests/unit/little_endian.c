/* little_endian: the lowest byte first, and back. */
#include "host/vsockd/little_endian.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void the_lowest_byte_comes_first(void **unused)
{
	static const uint8_t bytes[8] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef};

	(void)unused;
	assert_int_equal(little_get16(bytes), 0x2301);
	assert_int_equal(little_get32(bytes), 0x67452301);
	assert_true(little_get64(bytes) == 0xefcdab8967452301);
}

static void what_is_written_is_read_back(void **unused)
{
	uint8_t bytes[9] = {0};

	(void)unused;
	for (uint64_t number = 1; number != 0; number *= 2) {
		little_put64(bytes, number - 1);
		assert_true(little_get64(bytes) == number - 1);
		little_put32(bytes, (uint32_t)number);
		assert_int_equal(little_get32(bytes), (uint32_t)number);
		little_put16(bytes, (uint16_t)(number - 1));
		assert_int_equal(little_get16(bytes), (uint16_t)(number - 1));
	}
	assert_int_equal(bytes[8], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_lowest_byte_comes_first),
		cmocka_unit_test(what_is_written_is_read_back),
	};

	return cmocka_run_group_tests_name("little_endian", tests, NULL, NULL);
}
