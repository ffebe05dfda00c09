/* cbor: items of every kind, limits to the byte, what is refused and why, and real documents. */
#include "runtime/crypto/cbor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define VECTORS "../shared/vectors/attestation/"

static const struct cbor_limits wide = {
	.depth = CBOR_DEPTH_MAX, .count = 65535, .length = 65535, .indefinite = true};
static struct cbor_limits limits;
static struct fault fault;
#define TOLD_MAX 1024
static char told[TOLD_MAX + FAULT_WORD_MAX]; /* what was read, in a short form */

static int setup(void **unused)
{
	(void)unused;
	limits = wide;
	return 0;
}

/* Adds one item to `told`. */
static void tell(const struct cbor_item *item)
{
	static const char *const names[] = {"u", "n", "b", "t", "[", "{", "#", "s", "r", ")", "."};
	size_t used = strlen(told), room = TOLD_MAX - used;

	if (item->kind == CBOR_BYTES || item->kind == CBOR_TEXT)
		(void)snprintf(told + used, room, "%s'%.*s' ", names[item->kind], (int)item->size,
			(const char *)item->bytes);
	else if (item->kind == CBOR_LEAVE || item->kind == CBOR_END)
		(void)snprintf(told + used, room, "%s ", names[item->kind]);
	else if (item->open)
		(void)snprintf(told + used, room, "%s_ ", names[item->kind]);
	else
		(void)snprintf(told + used, room, "%s%llu ", names[item->kind],
			(unsigned long long)item->argument);
}

/* Reads all of bytes[0..size), copied so that a sanitizer sees their end, and returns what was
 * there, or the word of the fault behind it. */
static const char *read_all(const void *bytes, size_t size)
{
	uint8_t *exact = malloc(size + (size == 0));
	struct cbor_reader reader;
	struct cbor_item item = {.kind = CBOR_LEAVE};

	assert_non_null(exact);
	memcpy(exact, bytes, size);
	told[0] = '\0';
	cbor_start(&reader, exact, size, &limits);
	while (item.kind != CBOR_END) {
		if (cbor_next(&reader, &item, &fault) < 0) {
			strcat(told, fault.word);
			assert_int_equal(cbor_next(&reader, &item, &fault), -1);
			break;
		}
		tell(&item);
	}
	free(exact);
	return told;
}

#define READS(BYTES, WANTED) assert_string_equal(read_all(BYTES, sizeof(BYTES) - 1), WANTED)

static void items_come_one_by_one(void **unused)
{
	(void)unused;
	READS("\x00", "u0 . ");
	READS("\x38\x63", "n99 . ");
	READS("\x1b\xff\xff\xff\xff\xff\xff\xff\xff", "u18446744073709551615 . ");
	READS("\x43"
	      "abc",
		"b'abc' . ");
	READS("\x64"
	      "a\xc3\xa9"
	      "b",
		"t'a\xc3\xa9"
		"b' . ");
	READS("\x60", "t'' . ");
	READS("\xf5", "s21 . ");
	READS("\xf9\x3c\x00", "r15360 . ");
	READS("\x80", "[0 ) . ");
	READS("\xa0", "{0 ) . ");
	READS("\x83\x01\x82\x02\x03\x80", "[3 u1 [2 u2 u3 ) [0 ) ) . ");
	READS("\xa2\x01\x40\x61"
	      "k\x81\xf6",
		"{2 u1 b'' t'k' [1 s22 ) ) . ");
	READS("\xd2\x84\x40\xa0\x40\x40", "#18 [4 b'' {0 ) b'' b'' ) . ");
	READS("\xc1\xc2\x00", "#1 #2 u0 . ");
	READS("\x82\xc1\x00\x01", "[2 #1 u0 u1 ) . ");
	READS("\x9f\xff", "[_ ) . ");
	READS("\x9f\x9f\x01\xff\x02\xff", "[_ [_ u1 ) u2 ) . ");
	READS("\xbf\x01\x02\x03\xbf\xff\xff", "{_ u1 u2 u3 {_ ) ) . ");
	READS("\x82\x9f\x01\xff\x02", "[2 [_ u1 ) u2 ) . ");
}

static void what_is_no_item_is_refused(void **unused)
{
	(void)unused;
	READS("", "cut");
	READS("\x19\x01", "cut");
	READS("\x43"
	      "ab",
		"cut");
	READS("\x82\x01", "cut");
	READS("\x9f\x01", "[_ u1 cut");
	READS("\xc1", "#1 cut");
	READS("\x81\xc1", "[1 #1 cut");
	READS("\x82\x81\x00\xc1", "[2 [1 u0 ) #1 cut");
	READS("\x00\x00", "u0 trailing");
	READS("\x80\x00", "[0 ) trailing");
	READS("\x18\x17", "minimal");
	READS("\x58\x01"
	      "a",
		"minimal");
	READS("\x1c", "form");
	READS("\xf8\x15", "form");
	READS("\xff", "form");
	READS("\x81\xff", "[1 form");
	READS("\x9f\xc1\xff", "[_ #1 form");
	READS("\xbf\x01\xff", "{_ u1 form");
	READS("\xbf\x01\xc1\xff", "{_ u1 #1 form");
	READS("\x00\xff", "u0 trailing");
	READS("\x5f\x41\x00\xff", "indefinite");
	READS("\x7f\x61\x61\xff", "indefinite");
	READS("\x62\xc3\x28", "utf8");
	READS("\x61\xc3", "utf8");
	READS("\x9b\x00\x00\x00\x01\x00\x00\x00\x00", "limit");
	READS("\x99\x80\x00", "cut");
	READS("\xb9\x80\x00\x00", "cut");
	READS("\xa1\x00", "cut");
}

static void lengths_are_left_open_only_where_allowed(void **unused)
{
	(void)unused;
	limits.indefinite = false;
	READS("\x9f\xff", "indefinite");
	READS("\xbf\xff", "indefinite");
	READS("\x81\xff", "[1 indefinite");
	READS("\x81\x00", "[1 u0 ) . ");
}

static void limits_are_exact(void **unused)
{
	(void)unused;
	limits.depth = 2;
	READS("\x81\x81\x00", "[1 [1 u0 ) ) . ");
	READS("\x81\x81\x80", "[1 [1 limit");
	READS("\x82\x81\x00\x81\x00", "[2 [1 u0 ) [1 u0 ) ) . ");
	limits = wide;
	limits.count = 2;
	READS("\x82\x00\x00", "[2 u0 u0 ) . ");
	READS("\x83\x00\x00\x00", "limit");
	READS("\xa2\x00\x00\x00\x00", "{2 u0 u0 u0 u0 ) . ");
	READS("\xa3\x00\x00\x00\x00\x00\x00", "limit");
	READS("\x9f\x00\xc1\x00\xff", "[_ u0 #1 u0 ) . ");
	READS("\x9f\x00\x00\x00\xff", "[_ u0 u0 limit");
	READS("\xbf\x00\x00\x00\x00\xff", "{_ u0 u0 u0 u0 ) . ");
	READS("\xbf\x00\x00\x00\x00\x00\x00\xff", "{_ u0 u0 u0 u0 limit");
	limits = wide;
	limits.length = 3;
	READS("\x43"
	      "abc",
		"b'abc' . ");
	READS("\x44"
	      "abcd",
		"limit");
	READS("\x64"
	      "abcd",
		"limit");
	limits = (struct cbor_limits){0};
	READS("\x00", "u0 . ");
	READS("\x40", "b'' . ");
	READS("\x80", "limit");
	limits = wide;
	limits.depth = 1000;
	memset(told, 0x81, 40);
	read_all(told, 40);
	assert_string_equal(fault.word, "form");
	assert_non_null(strstr(told, "limit"));
}

/* --- Helpers ---------------------------------------------------------------------------------- */

static void wanted_kinds_are_asked_for(void **unused)
{
	struct cbor_reader reader;
	struct cbor_item item;

	(void)unused;
	cbor_start(&reader, "\x81\xa0", 2, &limits);
	assert_int_equal(cbor_expect(&reader, CBOR_ARRAY, &item, &fault), 0);
	assert_int_equal(cbor_expect(&reader, CBOR_TEXT, &item, &fault), -1);
	assert_string_equal(fault.word, "type");
	assert_string_equal(fault.text, "CBOR, byte 1: a text is wanted, and a map is here");
	cbor_start(&reader, "\x81\x00", 2, &limits);
	assert_int_equal(cbor_next(&reader, &item, &fault), 0);
	assert_int_equal(cbor_end(&reader, &fault), -1);
	assert_string_equal(fault.word, "type");
}

static void whole_items_are_skipped(void **unused)
{
	static const char bytes[] = "\x84\xbf\x01\x9f\x02\x80\xff\xff\xc1\xc2\x81\xc3\x00\x05\x43"
				    "abc";
	struct cbor_reader reader;
	struct cbor_item item;

	(void)unused;
	cbor_start(&reader, bytes, sizeof bytes - 1, &limits);
	assert_int_equal(cbor_expect(&reader, CBOR_ARRAY, &item, &fault), 0);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(cbor_next(&reader, &item, &fault), 0);
		assert_int_equal(cbor_skip(&reader, &item, &fault), 0);
	}
	assert_memory_equal(item.bytes, "abc", 3);
	assert_int_equal(cbor_expect(&reader, CBOR_LEAVE, &item, &fault), 0);
	assert_int_equal(cbor_end(&reader, &fault), 0);
	cbor_start(&reader, bytes, 6, &limits);
	assert_int_equal(cbor_next(&reader, &item, &fault), 0);
	assert_int_equal(cbor_skip(&reader, &item, &fault), -1);
	assert_string_equal(fault.word, "cut");
}

static void assert_integer(const char *bytes, size_t size, const char *word, int64_t wanted)
{
	struct cbor_reader reader;
	struct cbor_item item;
	int64_t value = 77;

	cbor_start(&reader, bytes, size, &limits);
	assert_int_equal(cbor_next(&reader, &item, &fault), 0);
	if (cbor_integer(&item, &value, &fault) < 0)
		assert_string_equal(fault.word, word);
	else
		assert_null(word);
	assert_true(value == wanted);
}

static void integers_fit_or_are_refused(void **unused)
{
	(void)unused;
	assert_integer("\x05", 1, NULL, 5);
	assert_integer("\x38\x22", 2, NULL, -35);
	assert_integer("\x1b\x7f\xff\xff\xff\xff\xff\xff\xff", 9, NULL, INT64_MAX);
	assert_integer("\x3b\x7f\xff\xff\xff\xff\xff\xff\xff", 9, NULL, INT64_MIN);
	assert_integer("\x1b\x80\x00\x00\x00\x00\x00\x00\x00", 9, "range", 77);
	assert_integer("\x3b\x80\x00\x00\x00\x00\x00\x00\x00", 9, "range", 77);
	assert_integer("\x60", 1, "type", 77);
}

static void keys_are_known_once(void **unused)
{
	static const char *const names[] = {"a", "bc", ""};
	static const char bytes[] = "\x85\x62"
				    "bc\x61"
				    "x\x60\x62"
				    "bc\x00";
	static const uint32_t wanted[] = {1, 3, 2};
	struct cbor_reader reader;
	struct cbor_item item;
	uint32_t seen = 0, which;

	(void)unused;
	cbor_start(&reader, bytes, sizeof bytes - 1, &limits);
	assert_int_equal(cbor_next(&reader, &item, &fault), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(cbor_next(&reader, &item, &fault), 0);
		assert_int_equal(cbor_key(&item, names, 3, &seen, &which, &fault), 0);
		assert_int_equal(which, wanted[i]);
	}
	assert_int_equal(seen, 6);
	assert_int_equal(cbor_next(&reader, &item, &fault), 0);
	assert_int_equal(cbor_key(&item, names, 3, &seen, &which, &fault), -1);
	assert_string_equal(fault.word, "duplicate");
	assert_int_equal(cbor_next(&reader, &item, &fault), 0);
	assert_int_equal(cbor_key(&item, names, 3, &seen, &which, &fault), -1);
	assert_string_equal(fault.word, "type");
}

/* --- Attestation documents -------------------------------------------------------------------- */

/* The payload's map: the keys that every document has. Returns whether its length is open. */
static bool walk_payload(const struct cbor_item *payload)
{
	static const char *const names[] = {
		"module_id", "digest", "timestamp", "pcrs", "certificate", "cabundle"};
	struct cbor_reader reader;
	struct cbor_item item;
	uint32_t seen = 0, which;
	bool open;

	cbor_start(&reader, payload->bytes, payload->size, &limits);
	assert_int_equal(cbor_expect(&reader, CBOR_MAP, &item, &fault), 0);
	open = item.open;
	for (;;) {
		assert_int_equal(cbor_next(&reader, &item, &fault), 0);
		if (item.kind == CBOR_LEAVE)
			break;
		assert_int_equal(cbor_key(&item, names, 6, &seen, &which, &fault), 0);
		assert_int_equal(cbor_next(&reader, &item, &fault), 0);
		assert_int_equal(cbor_skip(&reader, &item, &fault), 0);
	}
	assert_int_equal(cbor_end(&reader, &fault), 0);
	assert_int_equal(seen, 63);
	return open;
}

static bool walk_document(const uint8_t *bytes, size_t size)
{
	struct cbor_reader reader;
	struct cbor_item item;
	bool open = false;

	cbor_start(&reader, bytes, size, &limits);
	assert_int_equal(cbor_next(&reader, &item, &fault), 0);
	if (item.kind == CBOR_TAG)
		assert_int_equal(cbor_next(&reader, &item, &fault), 0);
	assert_int_equal(item.kind, CBOR_ARRAY);
	assert_int_equal(item.argument, 4);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(cbor_next(&reader, &item, &fault), 0);
		if (i == 2)
			open = walk_payload(&item);
		assert_int_equal(cbor_skip(&reader, &item, &fault), 0);
	}
	assert_int_equal(cbor_expect(&reader, CBOR_LEAVE, &item, &fault), 0);
	assert_int_equal(cbor_end(&reader, &fault), 0);
	return open;
}

static void documents_of_hardware_are_read(void **unused)
{
	static const struct {
		const char *path;
		bool open;
	} documents[] = {{VECTORS "nitro.cbor", false}, {VECTORS "nitro-debug.cbor", false},
		{VECTORS "nitro-indefinite.cbor", true}, {VECTORS "qemu.cbor", false},
		{VECTORS "selfsigned.cbor", false}};
	static uint8_t bytes[16384];

	(void)unused;
	for (size_t i = 0; i < sizeof documents / sizeof *documents; i++) {
		FILE *file = fopen(documents[i].path, "rb");
		size_t size;

		if (file == NULL) {
			printf("# skipped: no %s\n", documents[i].path);
			continue;
		}
		size = fread(bytes, 1, sizeof bytes, file);
		fclose(file);
		assert_int_equal(walk_document(bytes, size), documents[i].open);
		for (size_t cut = 0; cut < size; cut++) {
			(void)read_all(bytes, cut);
			assert_non_null(strstr(told, "cut"));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(items_come_one_by_one, setup),
		cmocka_unit_test_setup(what_is_no_item_is_refused, setup),
		cmocka_unit_test_setup(lengths_are_left_open_only_where_allowed, setup),
		cmocka_unit_test_setup(limits_are_exact, setup),
		cmocka_unit_test_setup(wanted_kinds_are_asked_for, setup),
		cmocka_unit_test_setup(whole_items_are_skipped, setup),
		cmocka_unit_test_setup(integers_fit_or_are_refused, setup),
		cmocka_unit_test_setup(keys_are_known_once, setup),
		cmocka_unit_test_setup(documents_of_hardware_are_read, setup),
	};

	return cmocka_run_group_tests_name("cbor", tests, NULL, NULL);
}
