/* newc_reader: what a ramdisk's members are, however they are packed, and what is no ramdisk. */
#include "runtime/eif/newc_reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/lib/ramdisk.h"

#define ROOM 16777216u

/* Everything that is read, as a text: "name=data;" for each member. */
struct reading {
	char text[8192];
	struct newc_reader reader;
	struct fault fault;
};

static void note(struct reading *reading, const char *text, size_t size)
{
	size_t used = strlen(reading->text);

	assert_true(used + size < sizeof reading->text);
	memcpy(reading->text + used, text, size);
	reading->text[used + size] = '\0';
}

static int read_members(struct reading *reading, bool with_data)
{
	static struct newc_member member;
	char bytes[7];
	size_t done;
	int found;

	while ((found = newc_next(&reading->reader, &member, &reading->fault)) > 0) {
		note(reading, member.name, strlen(member.name));
		note(reading, "=", 1);
		do {
			done = 0;
			if (with_data && newc_data(&reading->reader, bytes, sizeof bytes, &done,
						 &reading->fault) < 0)
				return -1;
			note(reading, bytes, done);
		} while (done > 0);
		note(reading, ";", 1);
	}
	return found;
}

/* The whole ramdisk; `with_data` false passes data over. */
static int read_all(
	const struct ramdisk *ramdisk, struct reading *reading, uint64_t room, bool with_data)
{
	int fd = ramdisk_file(ramdisk), status;

	memset(reading, 0, sizeof *reading);
	newc_open(&reading->reader, fd, 0, ramdisk->size, room);
	status = read_members(reading, with_data);
	newc_close(&reading->reader);
	close(fd);
	return status;
}

static void assert_reads(struct ramdisk *ramdisk, const char *text)
{
	static struct reading reading;

	if (read_all(ramdisk, &reading, ROOM, true) != 0)
		fail_msg("%s: %s", reading.fault.word, reading.fault.text);
	assert_string_equal(reading.text, text);
	assert_int_equal(read_all(ramdisk, &reading, ROOM, false), 0);
	free(ramdisk);
}

static void assert_fails(struct ramdisk *ramdisk, const char *word)
{
	static struct reading reading;

	assert_int_equal(read_all(ramdisk, &reading, ROOM, true), -1);
	assert_string_equal(reading.fault.word, word);
	assert_int_equal(read_all(ramdisk, &reading, ROOM, false), -1);
	assert_string_equal(reading.fault.word, word);
	free(ramdisk);
}

static struct ramdisk *two(void)
{
	struct ramdisk *ramdisk = ramdisk_new();

	ramdisk_add(ramdisk, S_IFREG | 0644, "a", "one");
	ramdisk_add(ramdisk, S_IFREG | 0644, "bb", "fourteen bytes");
	ramdisk_end(ramdisk);
	return ramdisk;
}

#define TWO "a=one;bb=fourteen bytes;TRAILER!!!=;"

static void plain_archives_follow_each_other(void **unused)
{
	struct ramdisk *ramdisk = two();

	(void)unused;
	ramdisk_raw(ramdisk, (uint8_t[404]){0}, 404);
	ramdisk_add(ramdisk, S_IFREG, "c", "");
	ramdisk_raw(ramdisk, (uint8_t[4]){0}, 4);
	ramdisk_end(ramdisk);
	ramdisk_raw(ramdisk, "\0\0\0\0\0", 5);
	assert_reads(ramdisk, TWO "c=;TRAILER!!!=;");
	assert_reads(ramdisk_new(), "");
}

static void gzip_members_and_plain_archives_mix(void **unused)
{
	struct ramdisk *ramdisk = two();
	size_t from;

	(void)unused;
	ramdisk_gzip(ramdisk, 0);
	from = ramdisk->size;
	ramdisk_add(ramdisk, S_IFREG, "second", "x");
	ramdisk_gzip(ramdisk, from);
	ramdisk_raw(ramdisk, "\0\0\0\0\0\0", 4u + (4u - ramdisk->size % 4u) % 4u);
	ramdisk_add(ramdisk, S_IFREG, "plain", "y");
	from = ramdisk->size;
	ramdisk_add(ramdisk, S_IFREG, "third", "z");
	ramdisk_end(ramdisk);
	ramdisk_raw(ramdisk, (uint8_t[100]){0}, 100);
	ramdisk_gzip(ramdisk, from);
	assert_reads(ramdisk, TWO "second=x;plain=y;third=z;TRAILER!!!=;");
}

static void both_forms_are_read_and_sums_checked(void **unused)
{
	struct newc_header header = {0};
	struct ramdisk *ramdisk = ramdisk_new();

	(void)unused;
	header.fields[NEWC_CHECK] = 'a' + 'b';
	ramdisk_member(ramdisk, &header, "sum", "ab", 2);
	ramdisk->bytes[5] = '2';
	assert_reads(ramdisk, "sum=ab;");
	ramdisk = ramdisk_new();
	header.fields[NEWC_CHECK] = 'a' + 'c';
	ramdisk_member(ramdisk, &header, "sum", "ab", 2);
	ramdisk->bytes[5] = '2';
	assert_fails(ramdisk, "archive");
}

static void two_ramdisks_are_one_piece_of_memory(void **unused)
{
	static struct reading reading;
	struct ramdisk *ramdisk = two();
	size_t first = ramdisk->size;
	int fd;

	(void)unused;
	ramdisk_add(ramdisk, S_IFREG, "c", "in the second");
	fd = ramdisk_file(ramdisk);
	newc_open(&reading.reader, fd, 0, first, ROOM);
	assert_int_equal(read_members(&reading, true), 0);
	newc_continue(&reading.reader, first, ramdisk->size - first);
	assert_int_equal(read_members(&reading, true), 0);
	assert_string_equal(reading.text, TWO "c=in the second;");
	newc_close(&reading.reader);
	close(fd);
	free(ramdisk);
}

static void whatever_is_cut_off_is_missed(void **unused)
{
	struct ramdisk *whole = two();
	static struct reading reading;

	(void)unused;
	/* The first header begins at 0; nothing but the end of a member is an end. */
	for (size_t size = 1; size < whole->size; size++) {
		struct ramdisk *cut = ramdisk_new();
		bool is_end = size == 116 || size == 248;

		ramdisk_raw(cut, whole->bytes, size);
		assert_int_equal(read_all(cut, &reading, ROOM, true), is_end ? 0 : -1);
		if (!is_end)
			assert_string_equal(reading.fault.word, "archive");
		ramdisk_gzip(cut, 0);
		assert_int_equal(read_all(cut, &reading, ROOM, true), is_end ? 0 : -1);
		free(cut);
	}
	ramdisk_gzip(whole, 0);
	for (size_t size = 1; size < whole->size; size++) {
		struct ramdisk *cut = ramdisk_new();

		ramdisk_raw(cut, whole->bytes, size);
		assert_fails(cut, "archive");
	}
	free(whole);
}

static void what_is_no_archive_is_refused(void **unused)
{
	static const struct {
		const char *bytes, *word;
	} bad[] = {
		{"junk", "archive"},
		{"070707000000000000000000000000", "archive"},
		{"\xfd"
		 "7zXZ",
			"compression"},
		{"\x28\xb5\x2f\xfd", "compression"},
		{"BZh9", "compression"},
		{"\x02\x21\x4c\x18", "compression"},
		{"\x1f\x8b\x08junk", "archive"},
		{"\x1f\x1f", "archive"},
	};

	(void)unused;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct ramdisk *ramdisk = two();

		ramdisk_raw(ramdisk, bad[i].bytes, strlen(bad[i].bytes));
		assert_fails(ramdisk, bad[i].word);
	}
}

static void an_archive_stands_at_a_multiple_of_4(void **unused)
{
	struct ramdisk *ramdisk = two();

	(void)unused;
	ramdisk_raw(ramdisk, "\0\0", 2);
	ramdisk_add(ramdisk, S_IFREG, "c", "");
	assert_fails(ramdisk, "archive");
}

static void junk_in_a_gzip_member_is_refused(void **unused)
{
	struct ramdisk *ramdisk = two();

	(void)unused;
	ramdisk_gzip(ramdisk, 0);
	ramdisk_gzip(ramdisk, 0); /* a gzip member within one */
	assert_fails(ramdisk, "archive");
	ramdisk = two();
	ramdisk_gzip(ramdisk, 0);
	ramdisk->bytes[ramdisk->size - 1] ^= 1u; /* of its own CRC and size */
	assert_fails(ramdisk, "archive");
}

static void what_comes_out_is_bounded(void **unused)
{
	static struct reading reading;
	struct ramdisk *ramdisk = two();
	size_t size = ramdisk->size;

	(void)unused;
	ramdisk_gzip(ramdisk, 0);
	assert_int_equal(read_all(ramdisk, &reading, size, true), 0);
	assert_int_equal(read_all(ramdisk, &reading, size - 1u, true), -1);
	assert_string_equal(reading.fault.word, "limit");
	free(ramdisk);
	ramdisk = ramdisk_new();
	ramdisk->size = RAMDISK_MAX; /* zeros */
	ramdisk_gzip(ramdisk, 0);
	assert_true(ramdisk->size < 8192);
	assert_int_equal(read_all(ramdisk, &reading, RAMDISK_MAX - 1u, true), -1);
	assert_string_equal(reading.fault.word, "limit");
	free(ramdisk);
}

static void a_name_must_end(void **unused)
{
	struct ramdisk *ramdisk = ramdisk_new();

	(void)unused;
	ramdisk_add(ramdisk, S_IFREG, "abc", "");
	ramdisk->bytes[NEWC_HEADER_SIZE + 3] = 'd';
	assert_fails(ramdisk, "archive");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_archives_follow_each_other),
		cmocka_unit_test(gzip_members_and_plain_archives_mix),
		cmocka_unit_test(both_forms_are_read_and_sums_checked),
		cmocka_unit_test(two_ramdisks_are_one_piece_of_memory),
		cmocka_unit_test(whatever_is_cut_off_is_missed),
		cmocka_unit_test(what_is_no_archive_is_refused),
		cmocka_unit_test(an_archive_stands_at_a_multiple_of_4),
		cmocka_unit_test(junk_in_a_gzip_member_is_refused),
		cmocka_unit_test(what_comes_out_is_bounded),
		cmocka_unit_test(a_name_must_end),
	};

	return cmocka_run_group_tests_name("newc_reader", tests, NULL, NULL);
}
