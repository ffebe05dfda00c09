/* record: records and logs that were changed on their way. */
#include "runtime/channel/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/channel/fields.h"

#define COUNT 6u

/* A log of COUNT records, with its heads; the mark is at `marked`. */
static struct {
	uint8_t bytes[COUNT][RECORD_MAX];
	size_t sizes[COUNT];
	uint8_t heads[COUNT + 1][RECORD_HEAD_SIZE];
	uint64_t marked;
} made;

static int make(void **state)
{
	struct fault fault;

	(void)state;
	memset(&made, 0, sizeof made);
	made.marked = 2;
	for (unsigned i = 0; i < COUNT; i++) {
		struct record record = {.number = i + 1,
			.time = 1000 * i,
			.kind = i % 3,
			.session = i,
			.what = "what"};

		if (record.kind == RECORD_SESSION)
			record_text(record.peer, "peer");
		made.sizes[i] = record_write(&record, made.bytes[i]);
		memcpy(made.heads[i + 1], made.heads[i], RECORD_HEAD_SIZE);
		assert_int_equal(
			record_chain(made.heads[i + 1], made.bytes[i], made.sizes[i], &fault), 0);
	}
	return 0;
}

static void take(struct record_log *log, uint32_t tag, const uint8_t *bytes, size_t size)
{
	record_log_take(log, &(struct field){.tag = tag, .length = (uint32_t)size, .value = bytes});
}

static void take_head(struct record_log *log, uint32_t tag, uint64_t number)
{
	uint8_t bytes[RECORD_HEAD_FIELD];

	take(log, tag, bytes, record_head(bytes, number, made.heads[number]));
}

/* The log from `dropped` on, as `wanted` of a document is looked for. */
static void take_all(struct record_log *log, uint64_t wanted, uint64_t dropped)
{
	record_log_begin(log, wanted);
	take_head(log, SLC_RECORDS_MARK, made.marked);
	take_head(log, SLC_RECORDS_BASE, dropped);
	for (uint64_t i = dropped; i < COUNT; i++)
		take(log, SLC_RECORD, made.bytes[i], made.sizes[i]);
}

static bool leads_to(const struct record_log *log, uint64_t number)
{
	return !log->is_broken && log->is_reached &&
	       memcmp(log->at, made.heads[number], sizeof log->at) == 0;
}

static void a_log_leads_to_each_of_its_heads(void **unused)
{
	static struct record_log log;

	(void)unused;
	for (uint64_t dropped = 0; dropped <= COUNT; dropped++)
		for (uint64_t wanted = 0; wanted <= COUNT + 1; wanted++) {
			take_all(&log, wanted, dropped);
			assert_false(log.is_broken);
			assert_true(log.is_marked_right);
			assert_int_equal(log.count, COUNT);
			assert_int_equal(log.is_reached, dropped <= wanted && wanted <= COUNT);
			if (log.is_reached)
				assert_true(leads_to(&log, wanted));
		}
}

static void each_changed_bit_breaks_it_or_leads_elsewhere(void **unused)
{
	static struct record_log log;

	(void)unused;
	for (unsigned i = 0; i < COUNT; i++)
		for (size_t at = 0; at < 8 * made.sizes[i]; at++) {
			made.bytes[i][at / 8] ^= (uint8_t)(1u << at % 8);
			take_all(&log, COUNT, 0);
			assert_false(leads_to(&log, COUNT));
			made.bytes[i][at / 8] ^= (uint8_t)(1u << at % 8);
		}
	take_all(&log, COUNT, 0);
	assert_true(leads_to(&log, COUNT));
}

static void records_that_are_left_out_or_exchanged_break_it(void **unused)
{
	static struct record_log log;

	(void)unused;
	for (unsigned left = 0; left < COUNT; left++) {
		record_log_begin(&log, COUNT);
		take_head(&log, SLC_RECORDS_BASE, 0);
		for (unsigned i = 0; i < COUNT; i++)
			if (i != left)
				take(&log, SLC_RECORD, made.bytes[i], made.sizes[i]);
		assert_false(leads_to(&log, COUNT));
	}
	record_log_begin(&log, 2);
	take_head(&log, SLC_RECORDS_BASE, 0);
	take(&log, SLC_RECORD, made.bytes[1], made.sizes[1]);
	take(&log, SLC_RECORD, made.bytes[0], made.sizes[0]);
	assert_true(log.is_broken);
}

static void another_beginning_leads_elsewhere(void **unused)
{
	static struct record_log log;

	(void)unused;
	made.heads[1][0] ^= 1;
	take_all(&log, COUNT, 1);
	assert_false(leads_to(&log, COUNT));
	made.heads[1][0] ^= 1;
}

static void a_mark_is_one_of_its_heads(void **unused)
{
	static struct record_log log;

	(void)unused;
	made.heads[2][47] ^= 1;
	take_all(&log, COUNT, 0);
	assert_false(log.is_marked_right);
	made.heads[2][47] ^= 1;
	take_all(&log, COUNT, 0);
	assert_true(log.is_marked_right);
}

static void a_stream_has_one_order(void **unused)
{
	static struct record_log log;

	(void)unused;
	record_log_begin(&log, 0);
	take(&log, SLC_RECORD, made.bytes[0], made.sizes[0]);
	assert_true(log.is_broken);
	take_all(&log, COUNT, 0);
	take_head(&log, SLC_RECORDS_BASE, 0);
	assert_true(log.is_broken);
	take_all(&log, COUNT, 0);
	take_head(&log, SLC_RECORDS_MARK, 0);
	assert_true(log.is_broken);
	take_all(&log, COUNT, 0);
	take(&log, SLC_PATH, NULL, 0);
	assert_true(log.is_broken);
	take_all(&log, COUNT, 0);
	take(&log, SLC_TAG_SKIPPED, NULL, 0);
	assert_false(log.is_broken);
}

static void a_record_has_one_spelling(void **unused)
{
	uint8_t longer[RECORD_MAX + SLC_FIELD_SIZE];
	struct record record;

	(void)unused;
	for (unsigned i = 0; i < COUNT; i++) {
		assert_int_equal(record_read(&record, made.bytes[i], made.sizes[i]), 0);
		assert_int_equal(record.number, i + 1);
		for (size_t size = 0; size < made.sizes[i]; size++)
			assert_int_equal(record_read(&record, made.bytes[i], size), -1);
		memcpy(longer, made.bytes[i], made.sizes[i]);
		memcpy(longer + made.sizes[i], made.bytes[i], 14); /* its number again */
		assert_int_equal(record_read(&record, longer, made.sizes[i] + 14), -1);
	}
}

static void the_longest_record_fits(void **unused)
{
	struct record record = {.number = UINT64_MAX, .time = UINT64_MAX};
	struct record again;
	uint8_t bytes[RECORD_MAX];
	char text[2 * RECORD_TEXT_MAX];
	size_t size;

	(void)unused;
	memset(text, 'x', sizeof text);
	text[sizeof text - 1] = '\0';
	record_text(record.what, text);
	record_text(record.peer, text);
	assert_int_equal(strlen(record.what), RECORD_TEXT_MAX);
	size = record_write(&record, bytes);
	assert_int_equal(record_read(&again, bytes, size), 0);
	assert_string_equal(again.peer, record.peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_log_leads_to_each_of_its_heads),
		cmocka_unit_test(each_changed_bit_breaks_it_or_leads_elsewhere),
		cmocka_unit_test(records_that_are_left_out_or_exchanged_break_it),
		cmocka_unit_test(another_beginning_leads_elsewhere),
		cmocka_unit_test(a_mark_is_one_of_its_heads),
		cmocka_unit_test(a_stream_has_one_order),
		cmocka_unit_test(a_record_has_one_spelling),
		cmocka_unit_test(the_longest_record_fits),
	};

	return cmocka_run_group_tests_name("record", tests, make, NULL);
}
