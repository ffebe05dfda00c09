/* copy_share: a copy that several streams make: each member goes through one of them, what arrives
 * is what was there, and the first one's end comes last. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "runtime/channel/copy_share.h"
#include "tests/lib/copy.h"
#include "tests/lib/copy_pair.h"
#include "tests/lib/tree.h"

static unsigned holders(const char *name, uint32_t count, bool is_folder, bool is_alone)
{
	unsigned held = 0;

	for (uint32_t i = 0; i < count; i++) {
		struct copy_share share = {i, count};

		held += copy_share_has(&share, name, is_folder, is_alone);
	}
	return held;
}

static void each_member_goes_through_one(void **state)
{
	static const struct copy_share first = {0, 5}, all = {0, 0};
	unsigned of_first = 0;
	char name[32];

	(void)state;
	for (unsigned i = 0; i < 5000; i++) {
		(void)snprintf(name, sizeof name, "folder/%u", i);
		for (uint32_t count = 1; count <= COPY_STREAMS_MAX; count++) {
			assert_int_equal(holders(name, count, false, true), 1);
			assert_int_equal(holders(name, count, false, false), 1);
			assert_int_equal(holders(name, count, true, false), count);
		}
		assert_true(copy_share_has(&first, name, false, false));
		assert_true(copy_share_has(&all, name, false, i % 2 == 0));
		of_first += copy_share_has(&first, name, false, true);
	}
	assert_in_range(of_first, 800, 1200); /* evenly, more or less */
}

/* The further ones first, as they end. */
static uint64_t copy_shares(uint32_t count)
{
	uint64_t members = 0;

	for (uint32_t i = count; i-- > 0;) {
		pair.send.share = pair.receive.share = (struct copy_share){i, count};
		assert_int_equal(lseek(pair.from, 0, SEEK_SET), 0);
		assert_int_equal(pair_copy(), 0);
		assert_int_equal(pair.sent.members, pair.received.members);
		assert_int_equal(pair.sent.bytes, pair.received.bytes);
		members += pair.sent.members;
	}
	return members;
}

static void make_tree(void)
{
	char name[32];

	tree_folder(pair.from, "folder", 0755);
	tree_folder(pair.from, "closed", 0755);
	tree_folder(pair.from, "empty", 0711);
	for (unsigned i = 0; i < 40; i++) {
		(void)snprintf(name, sizeof name, "%s/%u", i % 2 == 0 ? "folder" : "closed", i);
		tree_text(pair.from, name, name);
	}
	tree_text(pair.from, "one", "1");
	tree_link(pair.from, "folder/again", "one");
	tree_symlink(pair.from, "closed/link", "../one");
	tree_time(pair.from, "folder", 12, 34);
	assert_int_equal(fchmodat(pair.from, "closed", 0500, 0), 0);
}

static void a_tree_arrives_in_shares(void **state)
{
	(void)state;
	make_tree();
	for (uint32_t count = 2; count <= COPY_STREAMS_MAX; count += 3) {
		assert_int_equal(copy_shares(count), 4 + 40 + 3);
		assert_arrived();
		(void)fchmodat(pair.to, "t/closed", 0700, 0);
	}
}

static void a_file_is_in_one_share(void **state)
{
	int folder = pair.from;

	(void)state;
	tree_text(folder, "file", "text");
	pair.from = openat(folder, "file", O_RDONLY | O_CLOEXEC);
	pair.send.source = pair.from;
	assert_int_equal(copy_shares(8), 1);
	tree_assert_text(pair.to, "t", "text");
	close(pair.from);
	pair.from = folder;
}

/* --- Who sends what it must not --------------------------------------------------------------- */

static struct script script;

static void a_further_stream_sets_no_folder(void **state)
{
	struct copy_receive_options options = receive_into(pair.to, "");
	struct stat status;

	(void)state;
	options.share = (struct copy_share){1, 2};
	script_begin(&script);
	script_describe(&script, "folder", COPY_FOLDER, 0777, NULL);
	assert_received(&options, &script);
	assert_int_equal(fstatat(pair.to, "folder", &status, 0), 0);
	assert_int_equal(status.st_mode & 07777, 0700);
	assert_int_not_equal(status.st_mtim.tv_sec, SCRIPT_SECONDS);
}

/* Nothing is a share, and half of something is none. */
static void a_share_may_be_empty(void **state)
{
	struct copy_receive_options options = receive_into(pair.to, "");

	(void)state;
	script_begin(&script);
	assert_refused(&options, &script, SLC_REASON_PROTOCOL);
	options.share = (struct copy_share){0, 2};
	assert_received(&options, &script);
	script_name(&script, "file");
	assert_refused(&options, &script, SLC_REASON_REQUEST);
	script_begin(&script);
	script_describe(&script, "file", COPY_FILE, 0600, NULL);
	assert_refused(&options, &script, SLC_REASON_PROTOCOL);
	script_begin(&script);
	script_digest(&script, "");
	assert_refused(&options, &script, SLC_REASON_PROTOCOL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_member_goes_through_one),
		PAIR_TEST(a_tree_arrives_in_shares),
		PAIR_TEST(a_file_is_in_one_share),
		PAIR_TEST(a_further_stream_sets_no_folder),
		PAIR_TEST(a_share_may_be_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
