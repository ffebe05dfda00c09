/* copy_receive: what is put in place, with which mode and time; limits; and what is left behind
 * when a copy breaks off, at whichever byte. What a hostile sender tries is in copy_hostile.c. */
#include "runtime/channel/copy_receive.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "runtime/channel/copy_open.h"
#include "tests/lib/copy.h"
#include "tests/lib/tree.h"

#define STAMP "1234567890.123456789"

static struct script script;
static struct fault fault;

static int begin(void **state)
{
	static int folder;

	folder = tree_new();
	*state = &folder;
	script_begin(&script);
	return 0;
}

static int end(void **state)
{
	tree_remove(*(int *)*state);
	return 0;
}

static void assert_list(int folder, const char *expected)
{
	char *list = tree_list(folder);

	assert_string_equal(list, expected);
	free(list);
}

/* --- In place --------------------------------------------------------------------------------- */

static void a_file_becomes_the_target(void **state)
{
	int folder = *(int *)*state;
	struct copy_receive_options options = receive_into(folder, "target");

	script_file(&script, "", "some text");
	assert_received(&options, &script);
	assert_list(folder, "./target 100640 " STAMP " 9 15b9e594d5d3b704\n");
	tree_assert_text(folder, "target", "some text");
}

static void a_file_replaces_what_was_there(void **state)
{
	int folder = *(int *)*state;
	struct copy_receive_options options = receive_into(folder, "target");

	tree_text(folder, "guarded", "untouched");
	tree_symlink(folder, "target", "guarded");
	script_file(&script, "", "new");
	assert_received(&options, &script);
	tree_assert_text(folder, "target", "new");
	tree_assert_text(folder, "guarded", "untouched");
}

static void a_tree_becomes_the_target(void **state)
{
	int folder = *(int *)*state;
	struct copy_receive_options options = receive_into(folder, "t");

	script_describe(&script, "", COPY_FOLDER, 0555, NULL);
	script_describe(&script, "closed", COPY_FOLDER, 0, NULL);
	script_describe(&script, "closed/empty", COPY_FOLDER, 01777, NULL);
	script_describe(&script, "link", COPY_SYMLINK, 0777, "/nowhere/../at all");
	script_file(&script, "one", "1");
	script_describe(&script, "two", COPY_LINK, 0, "one");
	assert_received(&options, &script);
	assert_list(folder, "./t 40555 " STAMP "\n"
			    "./t/closed 40000 " STAMP "\n"
			    "./t/closed/empty 41777 " STAMP "\n"
			    "./t/link 120777 " STAMP " -> /nowhere/../at all\n"
			    "./t/one 100640 " STAMP " 1 af63ac4c86019afc = ./t/one\n"
			    "./t/two 100640 " STAMP " 1 af63ac4c86019afc = ./t/one\n");
}

static void members_are_put_into_a_folder(void **state)
{
	int folder = *(int *)*state;
	struct copy_receive_options options = receive_into(folder, "");

	tree_folder(folder, "there", 0755);
	tree_text(folder, "there/old", "old");
	tree_text(folder, "other", "other");
	script_folder(&script, "there");
	script_file(&script, "there/new", "new");
	script_file(&script, "beside", "");
	assert_received(&options, &script);
	tree_assert_text(folder, "there/old", "old");
	tree_assert_text(folder, "there/new", "new");
	tree_assert_text(folder, "beside", "");
	tree_assert_text(folder, "other", "other");
}

static void set_id_bits_are_kept_on_demand(void **state)
{
	int folder = *(int *)*state;
	struct copy_receive_options options = receive_into(folder, "");
	struct stat status;

	script_describe(&script, "a", COPY_FILE, 07755, NULL);
	script_digest(&script, "");
	script_describe(&script, "b", COPY_FOLDER, 07755, NULL);
	assert_received(&options, &script);
	assert_int_equal(fstatat(folder, "a", &status, 0), 0);
	assert_int_equal(status.st_mode, S_IFREG | 01755);
	assert_int_equal(fstatat(folder, "b", &status, 0), 0);
	assert_int_equal(status.st_mode, S_IFDIR | 01755);

	options.keep_set_id = true;
	assert_received(&options, &script);
	assert_int_equal(fstatat(folder, "a", &status, 0), 0);
	assert_int_equal(status.st_mode, S_IFREG | 07755);
	assert_int_equal(fstatat(folder, "b", &status, 0), 0);
	assert_int_equal(status.st_mode, S_IFDIR | 07755);
}

static void all_is_the_same_when_it_is_synchronised(void **state)
{
	int folder = *(int *)*state;
	struct copy_receive_options options = receive_into(folder, "t");

	options.sync = true;
	script_folder(&script, "");
	script_file(&script, "one", "1");
	assert_received(&options, &script);
	assert_list(folder, "./t 40750 " STAMP "\n"
			    "./t/one 100640 " STAMP " 1 af63ac4c86019afc\n");
}

static void fields_that_may_be_skipped_are(void **state)
{
	int folder = *(int *)*state;
	struct copy_receive_options options = receive_into(folder, "target");

	script_number(&script, SLC_TAG_SKIPPED, 1);
	script_name(&script, "");
	script_number(&script, SLC_COPY_KIND, COPY_FILE);
	script_number(&script, 65535, 1);
	script_number(&script, SLC_COPY_MODE, 0600);
	script_time(&script, -1, 999999999);
	script_close(&script);
	script_number(&script, SLC_TAG_SKIPPED, 1);
	script_digest(&script, "");
	assert_received(&options, &script);
	assert_list(folder, "./target 100600 -1.999999999 0 cbf29ce484222325\n");
}

/* --- Targets ---------------------------------------------------------------------------------- */

static void targets_are_opened_by_their_paths(void **state)
{
	int folder = *(int *)*state;
	struct path_place place;

	tree_folder(folder, "in", 0700);
	tree_symlink(folder, "link", "in");
	assert_int_equal(copy_open_target(folder, "/link/new", 9, false, &place, &fault), 0);
	assert_string_equal(place.last, "new");
	path_leave(&place);
	assert_int_equal(copy_open_target(folder, "link/", 5, true, &place, &fault), 0);
	assert_string_equal(place.last, "");
	path_leave(&place);
	assert_int_equal(copy_open_target(folder, "gone/new", 8, false, &place, &fault), -1);
	assert_int_equal(copy_reason(&fault), SLC_REASON_NOT_FOUND);
	assert_int_equal(copy_open_target(folder, "gone", 4, true, &place, &fault), -1);
	assert_int_equal(copy_reason(&fault), SLC_REASON_NOT_FOUND);
}

static void a_folder_is_not_replaced_by_a_file(void **state)
{
	int folder = *(int *)*state;
	struct copy_receive_options options = receive_into(folder, "target");
	char *before;

	tree_folder(folder, "target", 0700);
	tree_text(folder, "target/old", "old");
	before = tree_list(folder);
	script_file(&script, "", "new");
	assert_refused(&options, &script, SLC_REASON_DENIED);
	assert_list(folder, before);
	free(before);
}

static void a_file_is_not_replaced_by_a_folder(void **state)
{
	int folder = *(int *)*state;
	struct copy_receive_options options = receive_into(folder, "target");
	struct copy_outcome outcome;

	tree_text(folder, "target", "old");
	script_folder(&script, "");
	assert_int_equal(receive_bytes(&options, script.bytes, script.writer.used, &outcome), -1);
	tree_assert_text(folder, "target", "old");
}

/* --- Limits ----------------------------------------------------------------------------------- */

static void members_are_limited(void **state)
{
	struct copy_receive_options options = receive_into(*(int *)*state, "");

	script_file(&script, "a", "");
	script_file(&script, "b", "");
	options.members = 2;
	assert_received(&options, &script);
	options.members = 1;
	assert_refused(&options, &script, SLC_REASON_LIMIT);
}

static void bytes_are_limited(void **state)
{
	struct copy_receive_options options = receive_into(*(int *)*state, "");

	script_file(&script, "a", "12345");
	script_file(&script, "b", "67890");
	options.bytes = 10;
	assert_received(&options, &script);
	options.bytes = 9;
	assert_refused(&options, &script, SLC_REASON_LIMIT);
}

static void folders_are_limited(void **state)
{
	struct copy_receive_options options = receive_into(*(int *)*state, "");

	script_folder(&script, "a");
	script_folder(&script, "b");
	options.folders = 2 * 25;
	assert_received(&options, &script);
	options.folders = 49;
	assert_refused(&options, &script, SLC_REASON_LIMIT);
}

static void files_that_are_linked_to_are_limited(void **state)
{
	struct copy_receive_options options = receive_into(*(int *)*state, "");

	script_file(&script, "a", "");
	script_file(&script, "b", "");
	script_describe(&script, "c", COPY_LINK, 0, "b");
	options.links = 2;
	assert_received(&options, &script);
	options.links = 1;
	assert_refused(&options, &script, SLC_REASON_LIMIT);
}

/* --- What breaks off -------------------------------------------------------------------------- */

static void cut_at_each_byte_the_old_file_stays(void **state)
{
	int folder = *(int *)*state;
	struct copy_receive_options options = receive_into(folder, "target");
	struct copy_outcome outcome;
	char *before;

	tree_text(folder, "target", "old");
	before = tree_list(folder);
	script_file(&script, "", "the new text");
	for (size_t size = 0; size < script.writer.used; size++) {
		assert_int_equal(receive_bytes(&options, script.bytes, size, &outcome), -1);
		assert_int_equal(outcome.members, 0);
		assert_list(folder, before);
	}
	free(before);
	assert_received(&options, &script);
	tree_assert_text(folder, "target", "the new text");
}

static void given_up_at_each_byte_the_old_file_stays(void **state)
{
	int folder = *(int *)*state;
	struct copy_receive_options options = receive_into(folder, "target");
	_Atomic uint32_t stop = SLC_REASON_CANCELLED;
	struct copy_outcome outcome;
	char *before;

	tree_text(folder, "target", "old");
	before = tree_list(folder);
	options.watch.stop = &stop;
	script_file(&script, "", "the new text");
	for (size_t size = 0; size <= script.writer.used; size++) {
		assert_int_equal(receive_bytes(&options, script.bytes, size, &outcome), -1);
		assert_int_equal(outcome.reason, SLC_REASON_CANCELLED);
		assert_list(folder, before);
	}
	free(before);
}

/* Some changes are as good: another mode, another time. No one makes a mixture. */
static void with_each_byte_changed_the_file_is_old_or_new(void **state)
{
	int folder = *(int *)*state;
	struct copy_receive_options options = receive_into(folder, "target");
	unsigned accepted = 0;

	script_file(&script, "", "the new text");
	for (size_t i = 0; i < script.writer.used; i++) {
		struct copy_outcome outcome;
		char *text, *list;
		int result;

		tree_text(folder, "target", "old");
		script.bytes[i] ^= 0x01;
		result = receive_bytes(&options, script.bytes, script.writer.used, &outcome);
		script.bytes[i] ^= 0x01;
		text = tree_read(folder, "target", NULL);
		assert_string_equal(text, result == 0 ? "the new text" : "old");
		list = tree_list(folder);
		assert_ptr_equal(strchr(list, '\n'), list + strlen(list) - 1);
		accepted += result == 0;
		free(text);
		free(list);
	}
	assert_in_range(accepted, 8, script.writer.used / 2);
}

static void progress_is_told(void *data, const struct copy_progress *progress)
{
	FILE *text = data;

	fprintf(text, "%s %llu/%llu %llu %llu\n", progress->name,
		(unsigned long long)progress->done, (unsigned long long)progress->size,
		(unsigned long long)progress->members, (unsigned long long)progress->bytes);
}

static void members_and_bytes_are_counted(void **state)
{
	struct copy_receive_options options = receive_into(*(int *)*state, "t");
	struct copy_outcome outcome;
	char *text;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	script_folder(&script, "");
	script_file(&script, "a", "12345");
	script_file(&script, "b", "678");
	options.watch.progress = progress_is_told;
	options.watch.data = file;
	assert_int_equal(receive_bytes(&options, script.bytes, script.writer.used, &outcome), 0);
	fclose(file);
	assert_string_equal(text, " 0/0 0 0\na 0/0 1 0\na 5/0 1 5\nb 0/0 2 5\nb 3/0 2 8\n");
	free(text);
	assert_int_equal(outcome.members, 3);
	assert_int_equal(outcome.bytes, 8);
}

#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_file_becomes_the_target),
		TEST(a_file_replaces_what_was_there),
		TEST(a_tree_becomes_the_target),
		TEST(members_are_put_into_a_folder),
		TEST(set_id_bits_are_kept_on_demand),
		TEST(all_is_the_same_when_it_is_synchronised),
		TEST(fields_that_may_be_skipped_are),
		TEST(targets_are_opened_by_their_paths),
		TEST(a_folder_is_not_replaced_by_a_file),
		TEST(a_file_is_not_replaced_by_a_folder),
		TEST(members_are_limited),
		TEST(bytes_are_limited),
		TEST(folders_are_limited),
		TEST(files_that_are_linked_to_are_limited),
		TEST(cut_at_each_byte_the_old_file_stays),
		TEST(given_up_at_each_byte_the_old_file_stays),
		TEST(with_each_byte_changed_the_file_is_old_or_new),
		TEST(members_and_bytes_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
