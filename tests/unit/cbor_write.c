/* cbor_write: every head in its shortest form, read back by the reader of foreign CBOR. */
#include "runtime/crypto/cbor_write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/crypto/cbor.h"

static const struct cbor_limits limits = {
	.depth = 4, .count = 100, .length = 100000, .indefinite = true};

/* Both ends of each width of an argument. */
static const uint64_t edges[] = {
	0, 1, 23, 24, 255, 256, 65535, 65536, UINT32_MAX, (uint64_t)UINT32_MAX + 1, UINT64_MAX};
static const size_t widths[] = {1, 1, 1, 2, 2, 3, 3, 5, 5, 9, 9};
#define EDGES (sizeof edges / sizeof edges[0])

static void read_one(const struct cbor_writer *writer, struct cbor_item *item)
{
	struct cbor_reader reader;
	struct fault fault;

	cbor_start(&reader, writer->bytes, writer->used, &limits);
	assert_int_equal(cbor_next(&reader, item, &fault), 0);
	assert_int_equal(cbor_end(&reader, &fault), 0);
}

static void numbers_are_as_short_as_they_can_be(void **unused)
{
	uint8_t bytes[16];

	(void)unused;
	for (size_t i = 0; i < EDGES; i++) {
		struct cbor_writer writer = cbor_writer_of(bytes, sizeof bytes);
		struct cbor_item item;

		cbor_put_unsigned(&writer, edges[i]);
		assert_int_equal(writer.used, widths[i]);
		read_one(&writer, &item);
		assert_int_equal(item.kind, CBOR_UNSIGNED);
		assert_true(item.argument == edges[i]);
		writer = cbor_writer_of(bytes, sizeof bytes);
		cbor_put_negative(&writer, edges[i]);
		read_one(&writer, &item);
		assert_int_equal(item.kind, CBOR_NEGATIVE);
		assert_true(item.argument == edges[i]);
	}
}

static void strings_are_read_back(void **unused)
{
	static const size_t sizes[] = {0, 1, 23, 24, 255, 256, 65535, 65536};
	static uint8_t bytes[70000], from[65536];

	(void)unused;
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		struct cbor_writer writer = cbor_writer_of(bytes, sizeof bytes);
		struct cbor_item item;

		memset(from, (int)i, sizeof from);
		cbor_put_bytes(&writer, from, sizes[i]);
		read_one(&writer, &item);
		assert_int_equal(item.kind, CBOR_BYTES);
		assert_int_equal(item.size, sizes[i]);
		assert_memory_equal(item.bytes, from, sizes[i]);
	}
}

static void known_bytes(void **unused)
{
	static const uint8_t expected[] = {
		0xd2, 0x84, 0xa1, 0x01, 0x38, 0x22, 0xbf, 0x61, 'a', 0xf6, 0xff, 0xf5, 0xf4};
	uint8_t bytes[sizeof expected];
	struct cbor_writer writer = cbor_writer_of(bytes, sizeof bytes);

	(void)unused;
	cbor_put_tag(&writer, 18);
	cbor_put_array(&writer, 4);
	cbor_put_map(&writer, 1);
	cbor_put_unsigned(&writer, 1);
	cbor_put_negative(&writer, 34);
	cbor_put_open_map(&writer);
	cbor_put_text(&writer, "a");
	cbor_put_null(&writer);
	cbor_put_break(&writer);
	cbor_put_bool(&writer, true);
	cbor_put_bool(&writer, false);
	assert_false(writer.is_full);
	assert_int_equal(writer.used, sizeof expected);
	assert_memory_equal(bytes, expected, sizeof expected);
}

static void what_does_not_fit_is_said_once_and_for_all(void **unused)
{
	uint8_t bytes[4] = {0};
	struct cbor_writer writer = cbor_writer_of(bytes, 3);

	(void)unused;
	cbor_put_bytes(&writer, "abcd", 4);
	assert_true(writer.is_full);
	cbor_put_null(&writer);
	assert_true(writer.is_full);
	assert_true(writer.used <= 3);
	assert_int_equal(bytes[3], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_as_short_as_they_can_be),
		cmocka_unit_test(strings_are_read_back),
		cmocka_unit_test(known_bytes),
		cmocka_unit_test(what_does_not_fit_is_said_once_and_for_all),
	};

	return cmocka_run_group_tests_name("cbor_write", tests, NULL, NULL);
}
