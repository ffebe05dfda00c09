/* logopen_stream: a sealed log, whole, with each of its bits turned, and cut at every place: what
 * stands in front of the fault opens, nothing behind it does. */
#include "host/logopen/stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/channel/wire.h"

#define RECORDS 3u

static const char *const plain[RECORDS] = {"the first", "", "the last one"};
static const uint8_t key[HPKE_KEY_SIZE] = {9, 8, 7, 6, 5, 4, 3, 2, 1};
/* Its public half, made by another program. */
static const uint8_t public[HPKE_KEY_SIZE] = {0x9e, 0x41, 0x95, 0xff, 0x94, 0x6f, 0x32, 0x53, 0xd2,
	0x12, 0x33, 0x52, 0x0c, 0x23, 0xa3, 0x78, 0x91, 0x9f, 0x12, 0xd2, 0xf0, 0x64, 0xc4, 0x74,
	0xfa, 0x9c, 0xf5, 0x79, 0x42, 0xb7, 0x12, 0x14};

static uint8_t sealed[512];
static size_t size, ends[RECORDS + 1u]; /* of the head and of each record */
static struct fault fault;

static void make_log(void)
{
	static struct sealed_head head;
	const struct hpke_bytes info = {.bytes = SEALED_INFO, .size = strlen(SEALED_INFO)};
	uint8_t share[HPKE_KEY_SIZE];
	struct hpke hpke;

	assert_int_equal(hpke_sender(&hpke, HPKE_AES_256_GCM, public, info, share, &fault), 0);
	assert_int_equal(
		sealed_head_make(&head, share, (const uint8_t *)"a document", 10, &fault), 0);
	memcpy(sealed, head.bytes, head.size);
	size = ends[0] = head.size;
	for (size_t i = 0; i < RECORDS; i++) {
		size_t length = strlen(plain[i]);

		wire_put_number(sealed + size, (uint32_t)(length + HPKE_TAG_SIZE));
		size += SEALED_FRONT_NUMBER_SIZE;
		assert_int_equal(hpke_seal(&hpke, sealed_also(&head, &hpke),
					 (const uint8_t *)plain[i], length, sealed + size, &fault),
			0);
		size += length + HPKE_TAG_SIZE;
		ends[i + 1] = size;
	}
}

/* How many records open of the first bytes, and what comes then. */
static size_t open_log(size_t bytes, enum stream_result *result)
{
	static struct stream stream;
	FILE *file = fmemopen(sealed, bytes, "rb");
	struct fields fields;
	size_t opened = 0;

	assert_non_null(file);
	*result = STREAM_FAILED;
	memset(&fault, 0, sizeof fault);
	if (stream_begin(&stream, file, key, &fault) == 0)
		while ((*result = stream_next(&stream, &fields, &fault)) == STREAM_RECORD) {
			assert_true(opened < RECORDS);
			assert_int_equal(fields.size, strlen(plain[opened]));
			assert_memory_equal(fields.bytes, plain[opened], fields.size);
			opened++;
		}
	assert_int_equal(fclose(file), 0);
	return opened;
}

/* The records in front of a place. */
static size_t records_before(size_t at)
{
	size_t count = 0;

	while (count < RECORDS && ends[count + 1] <= at)
		count++;
	return count;
}

static void a_whole_log_opens(void **unused)
{
	enum stream_result result;

	(void)unused;
	make_log();
	assert_int_equal(open_log(size, &result), RECORDS);
	assert_int_equal(result, STREAM_CUT);
}

static void nothing_opens_behind_a_bit_that_was_turned(void **unused)
{
	enum stream_result result;

	(void)unused;
	make_log();
	for (size_t bit = 0; bit < 8 * size; bit++) {
		size_t at = bit / 8;

		sealed[at] ^= (uint8_t)(1u << bit % 8);
		assert_int_equal(open_log(size, &result), records_before(at));
		sealed[at] ^= (uint8_t)(1u << bit % 8);
		if (at < SEALED_SHARE_AT)
			assert_string_equal(fault.word, "malformed");
		if (result == STREAM_FAILED)
			assert_true(strcmp(fault.word, "malformed") == 0 ||
				    strcmp(fault.word, "sealed") == 0);
	}
}

static void a_log_opens_up_to_where_it_was_cut(void **unused)
{
	enum stream_result result;

	(void)unused;
	make_log();
	for (size_t bytes = 1; bytes < size; bytes++) {
		assert_int_equal(open_log(bytes, &result), records_before(bytes));
		assert_int_equal(result, bytes < ends[0] ? STREAM_FAILED : STREAM_CUT);
		if (bytes < ends[0])
			assert_string_equal(fault.word, "malformed");
	}
}

static void no_record_is_longer_than_its_room(void **unused)
{
	static const uint32_t wrong[] = {0, 15, 4113, 65536, UINT32_MAX};
	enum stream_result result;

	(void)unused;
	make_log();
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		wire_put_number(sealed + ends[1], wrong[i]);
		assert_int_equal(open_log(size, &result), 1);
		assert_int_equal(result, STREAM_FAILED);
		assert_string_equal(fault.word, "malformed");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_log_opens),
		cmocka_unit_test(nothing_opens_behind_a_bit_that_was_turned),
		cmocka_unit_test(a_log_opens_up_to_where_it_was_cut),
		cmocka_unit_test(no_record_is_longer_than_its_room),
	};

	return cmocka_run_group_tests_name("logopen_stream", tests, NULL, NULL);
}
