/* slc_wire: what the encoders write, the machines read. The proof says so too; this runs it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gen/slc_field.h"
#include "gen/slc_frame.h"
#include "gen/slc_hello.h"
#include "runtime/channel/wire.h"

static const uint32_t numbers[] = {
	0, 1, 255, 256, 65535, 65536, 0x01020304, 0x7fffffff, 0x80000000, UINT32_MAX};

#define COUNT (sizeof numbers / sizeof numbers[0])

static void numbers_are_big_endian(void **unused)
{
	uint8_t bytes[8];

	(void)unused;
	wire_put_number(bytes, 0x01020304);
	assert_memory_equal(bytes, "\1\2\3\4", 4);
	wire_put_long(bytes, 0x0102030405060708);
	assert_memory_equal(bytes, "\1\2\3\4\5\6\7\10", 8);
	for (size_t i = 0; i < COUNT; i++) {
		uint64_t both = (uint64_t)numbers[i] << 32 | numbers[COUNT - 1 - i];

		wire_put_number(bytes, numbers[i]);
		assert_int_equal(wire_number(bytes), numbers[i]);
		wire_put_long(bytes, both);
		assert_int_equal(wire_long(bytes), both);
	}
}

static void a_frame_is_read_as_written(void **unused)
{
	uint8_t bytes[SLC_FRAME_SIZE];
	struct slc_frame frame;

	(void)unused;
	for (uint32_t type = 1; type <= 14; type++)
		for (uint32_t channel = 1; channel <= 65535; channel += 257) {
			uint32_t number = type <= SLC_FRAME_SESSION_LAST ? 0 : channel;
			uint32_t length = channel * 16;

			wire_put_frame(bytes, type, channel % 3, number, length);
			slc_frame_init(&frame, SLC_FRAME_LIMIT_MAX);
			assert_int_equal(slc_frame_feed(&frame, bytes, sizeof bytes), sizeof bytes);
			assert_int_equal(frame.cs, SLC_FRAME_IN_DONE);
			assert_int_equal(frame.type, type);
			assert_int_equal(frame.stream, channel % 3);
			assert_int_equal(frame.channel, number);
			assert_int_equal(frame.length, length);
		}
}

static void a_field_is_read_as_written(void **unused)
{
	uint8_t bytes[SLC_FIELD_SIZE];
	struct slc_field field;

	(void)unused;
	for (uint32_t tag = 0; tag <= 65535; tag += 97) {
		wire_put_field(bytes, tag, tag * 16);
		slc_field_init(&field, SLC_FIELD_LENGTH_MAX);
		assert_int_equal(slc_field_feed(&field, bytes, sizeof bytes), sizeof bytes);
		assert_int_equal(field.cs, SLC_FIELD_IN_DONE);
		assert_int_equal(field.tag, tag);
		assert_int_equal(field.length, tag * 16);
	}
}

static void a_greeting_is_read_as_written(void **unused)
{
	static const struct slc_hello greetings[] = {
		{0, 1, 1, 65536, 15, 262144},
		{0, 1, UINT32_MAX, 1048576, 3600, 1073741824},
		{0, 1, 0, 1024, 1, 1},
	};
	uint8_t bytes[SLC_HELLO_SIZE];
	struct slc_hello hello;

	(void)unused;
	for (size_t i = 0; i < sizeof greetings / sizeof greetings[0]; i++) {
		wire_put_hello(bytes, &greetings[i]);
		slc_hello_init(&hello);
		assert_int_equal(slc_hello_feed(&hello, bytes, sizeof bytes), sizeof bytes);
		assert_int_equal(hello.cs, SLC_HELLO_IN_DONE);
		assert_int_equal(hello.version, greetings[i].version);
		assert_int_equal(hello.features, greetings[i].features);
		assert_int_equal(hello.limit, greetings[i].limit);
		assert_int_equal(hello.keepalive, greetings[i].keepalive);
		assert_int_equal(hello.credit, greetings[i].credit);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_big_endian),
		cmocka_unit_test(a_frame_is_read_as_written),
		cmocka_unit_test(a_field_is_read_as_written),
		cmocka_unit_test(a_greeting_is_read_as_written),
	};

	return cmocka_run_group_tests_name("slc_wire", tests, NULL, NULL);
}
