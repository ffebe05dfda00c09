/* copy_attributes: extended attributes of a copy, from end to end: what arrives, and what becomes
 * of a copy that can't have them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/lib/copy.h"
#include "tests/lib/copy_pair.h"
#include "tests/lib/tree.h"
#include "tests/lib/xattrs.h"

static int begin(void **state)
{
	clear();
	if (pair_begin(state) != 0)
		return -1;
	pair.send.attributes = pair.receive.attributes = true;
	return 0;
}

/* --- From end to end -------------------------------------------------------------------------- */

static uint8_t bytes[COPY_ATTRIBUTE_VALUE_MAX];

static void attributes_arrive(void **state)
{
	char name[COPY_ATTRIBUTE_NAME_MAX + 1u] = "user.", numbered[32];

	(void)state;
	memset(name + 5, 'n', sizeof name - 6);
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(i * 7);
	tree_folder(pair.from, "folder", 0500);
	tree_file(pair.from, "file", "text", 4, 0400);
	tree_text(pair.from, "large", "l");
	tree_text(pair.from, "many", "m");
	tree_text(pair.from, "none", "n");
	set(pair.from, ".", "user.source", "s", 1);
	set(pair.from, "folder", "user.a", "a\0b", 3);
	set(pair.from, "file", "user.empty", "", 0);
	set(pair.from, "file", name, "\n", 1);
	set(pair.from, "file", "trusted.overlay.opaque", "y", 1);
	set(pair.from, "file", "security.capability", "c", 1);
	set(pair.from, "large", "user.large", bytes, sizeof bytes);
	for (unsigned i = 0; i < COPY_ATTRIBUTES_MAX; i++) {
		(void)snprintf(numbered, sizeof numbered, "user.%u", i);
		set(pair.from, "many", numbered, numbered, strlen(numbered));
	}
	assert_copied();
	assert_arrived();
	assert_int_equal(pair.sent.attributes, COPY_ATTRIBUTES_MAX + 5);
	assert_int_equal(pair.received.attributes, COPY_ATTRIBUTES_MAX + 5);
	assert_has(pair.to, "t", "user.source", "s", 1);
	assert_has(pair.to, "t/folder", "user.a", "a\0b", 3);
	assert_has(pair.to, "t/file", "user.empty", "", 0);
	assert_has(pair.to, "t/file", name, "\n", 1);
	assert_has_not(pair.to, "t/file", "trusted.overlay.opaque");
	assert_has_not(pair.to, "t/file", "security.capability");
	assert_has(pair.to, "t/large", "user.large", bytes, sizeof bytes);
	assert_has(pair.to, "t/many", "user.63", "user.63", 7);
	assert_has_not(pair.to, "t/none", NULL);
}

static void attributes_arrive_however_they_are_cut(void **state)
{
	(void)state;
	tree_text(pair.from, "file", "text");
	set(pair.from, "file", "user.a", "first", 5);
	set(pair.from, "file", "user.b", "second", 6);
	pair.cut = 1;
	assert_copied();
	assert_has(pair.to, "t/file", "user.a", "first", 5);
	assert_has(pair.to, "t/file", "user.b", "second", 6);
}

/* What was there has those that were sent alone, of their namespace. */
static void others_do_not_stay(void **state)
{
	(void)state;
	tree_folder(pair.from, "folder", 0500);
	set(pair.from, "folder", "user.new", "new", 3);
	tree_folder(pair.to, "t", 0755);
	tree_folder(pair.to, "t/folder", 0555);
	set(pair.to, "t/folder", "user.old", "old", 3);
	set(pair.to, "t/folder", "trusted.other", "other", 5);
	assert_copied();
	assert_arrived();
	assert_has(pair.to, "t/folder", "user.new", "new", 3);
	assert_has_not(pair.to, "t/folder", "user.old");
	assert_has(pair.to, "t/folder", "trusted.other", "other", 5);
}

static void without_the_option_there_are_none(void **state)
{
	(void)state;
	tree_text(pair.from, "file", "text");
	set(pair.from, "file", "user.a", "a", 1);
	tree_folder(pair.to, "t", 0755);
	set(pair.to, "t", "user.old", "old", 3);
	pair.send.attributes = false;
	assert_copied();
	assert_has_not(pair.to, "t/file", "user.a");
	assert_has_not(pair.to, "t", "user.old");
	set(pair.to, "t", "user.old", "old", 3);
	pair.receive.attributes = false;
	assert_copied();
	assert_has(pair.to, "t", "user.old", "old", 3);
}

static void what_vanishes_is_not_sent(void **state)
{
	(void)state;
	tree_text(pair.from, "file", "text");
	set(pair.from, "file", "user.a", "a", 1);
	vanish = true;
	assert_copied();
	assert_int_equal(pair.sent.attributes, 0);
}

/* --- Where they can't go ---------------------------------------------------------------------- */

static void assert_copy_fails(uint32_t reason)
{
	assert_int_equal(pair_copy(), -1);
	assert_int_equal(pair.received.reason, reason);
	assert_string_not_equal(pair.received.text, "");
	tree_assert_text(pair.to, "t", "old");
}

/* The file that was there stays. */
static void a_target_that_cannot_have_them_is_told(void **state)
{
	int source;

	(void)state;
	tree_text(pair.from, "file", "text");
	tree_text(pair.to, "t", "old");
	source = open_name(pair.from, "file");
	set(pair.from, "file", "user.a", "a", 1);
	pair.send.source = source;
	refusal = ENOTSUP;
	assert_copy_fails(SLC_REASON_IO);
	refusal = ENOSPC;
	(void)lseek(source, 0, SEEK_SET);
	assert_copy_fails(SLC_REASON_SPACE);
	refusal = E2BIG;
	(void)lseek(source, 0, SEEK_SET);
	assert_copy_fails(SLC_REASON_SPACE);
	refusal = EPERM;
	(void)lseek(source, 0, SEEK_SET);
	assert_copy_fails(SLC_REASON_DENIED);
	close(source);
}

static void what_stays_keeps_its_mode_where_they_fail(void **state)
{
	struct stat status;

	(void)state;
	set(pair.from, ".", "user.a", "a", 1);
	tree_folder(pair.to, "t", 0555);
	refusal = EPERM;
	assert_int_equal(pair_copy(), -1);
	assert_int_equal(pair.received.reason, SLC_REASON_DENIED);
	assert_int_equal(fstatat(pair.to, "t", &status, 0), 0);
	assert_int_equal(status.st_mode & 07777u, 0555);
}

/* On a file system that knows none nothing has any, and what has none can go there. */
static void none_are_needed_where_there_are_none(void **state)
{
	(void)state;
	tree_text(pair.from, "file", "text");
	has_none = true;
	assert_copied();
	assert_arrived();
}

static void too_many_are_not_sent(void **state)
{
	struct copy_send_options options = copy_send_usual;
	struct copy_outcome outcome;
	char name[32];

	(void)state;
	tree_text(pair.from, "file", "text");
	options.source = open_name(pair.from, "file");
	options.attributes = true;
	for (unsigned i = 0; i <= COPY_ATTRIBUTES_MAX; i++) {
		(void)snprintf(name, sizeof name, "user.%u", i);
		set(pair.from, "file", name, "", 0);
	}
	assert_not_sent(&options, &outcome, SLC_REASON_LIMIT);
	clear();
	set(pair.from, "file", "user.a", bytes, 60000);
	set(pair.from, "file", "user.b", bytes, 60000);
	assert_not_sent(&options, &outcome, SLC_REASON_LIMIT);
	close(options.source);
}

#define BOTH_TEST(NAME) cmocka_unit_test_setup_teardown(NAME, begin, pair_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH_TEST(attributes_arrive),
		BOTH_TEST(attributes_arrive_however_they_are_cut),
		BOTH_TEST(others_do_not_stay),
		BOTH_TEST(without_the_option_there_are_none),
		BOTH_TEST(what_vanishes_is_not_sent),
		BOTH_TEST(a_target_that_cannot_have_them_is_told),
		BOTH_TEST(what_stays_keeps_its_mode_where_they_fail),
		BOTH_TEST(none_are_needed_where_there_are_none),
		BOTH_TEST(too_many_are_not_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
