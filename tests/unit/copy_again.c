/* copy_receive, asked what is there: by a sender that may ask, stay with or go on from whatever it
 * likes. What is outside of the target is neither told nor changed. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "runtime/channel/copy_part.h"
#include "tests/lib/copy.h"
#include "tests/lib/tree.h"

#define PART COPY_PART_PREFIX

static struct script script;
static struct copy_receive_options options;
static int folder, outside;

static int begin(void **state)
{
	(void)state;
	folder = tree_new();
	outside = tree_new();
	tree_text(outside, "file", "kept");
	tree_time(outside, "file", SCRIPT_SECONDS, SCRIPT_NANOSECONDS);
	options = receive_into(folder, "");
	options.answers = memfd_create("answers", MFD_CLOEXEC);
	options.keeps = true;
	assert_true(options.answers >= 0);
	script_begin(&script);
	return 0;
}

static int end(void **state)
{
	(void)state;
	tree_assert_text(outside, "file", "kept");
	close(options.answers);
	tree_remove(folder);
	tree_remove(outside);
	return 0;
}

static void ask(const char *name, uint64_t size)
{
	script_ask(&script, name, size);
}

static void tell(void)
{
	field_put(&script.writer, SLC_COPY_TELL, NULL, 0);
}

static void stay(const char *name, uint64_t size)
{
	script_stay(&script, name, size);
}

static void go_on(const char *name, const char *text, const char *rest, const char *whole)
{
	script_go_on(&script, name, text, rest, whole);
}

/* --- What it is told -------------------------------------------------------------------------- */

/* Tags of all answers, as text. */
static void assert_answers(const char *expected)
{
	struct fields row;
	struct field field;
	char found[1024] = "";
	uint8_t bytes[4096];
	ssize_t n = pread(options.answers, bytes, sizeof bytes, 0);

	assert_true(n >= 0);
	row = fields_of(bytes, (size_t)n);
	while (fields_next(&row, &field) == FIELDS_NEXT)
		snprintf(found + strlen(found), sizeof found - strlen(found), "%u ", field.tag);
	assert_string_equal(found, expected);
	assert_int_equal(row.at, row.size);
}

static void make_files(void)
{
	tree_text(folder, "same", "1234");
	tree_text(folder, "later", "1234");
	tree_text(folder, "longer", "12345");
	tree_text(folder, "two", "1234");
	tree_link(folder, "names", "two");
	tree_folder(folder, "folder", 0755);
	tree_text(folder, "folder/same", "1234");
	tree_symlink(folder, "link", "same");
	tree_symlink(folder, "away", "folder");
	tree_time(folder, "same", SCRIPT_SECONDS, SCRIPT_NANOSECONDS);
	tree_time(folder, "longer", SCRIPT_SECONDS, SCRIPT_NANOSECONDS);
	tree_time(folder, "two", SCRIPT_SECONDS, SCRIPT_NANOSECONDS);
	tree_time(folder, "folder/same", SCRIPT_SECONDS, SCRIPT_NANOSECONDS);
}

static void ask_about_all(void)
{
	static const char *const names[] = {"same", "later", "longer", "two", "folder",
		"folder/same", "link", "away/same", "none", "none/same", ""};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		ask(names[i], 4);
	tell();
}

static void only_a_file_of_this_copy_alone_is_told(void **state)
{
	(void)state;
	make_files();
	ask_about_all();
	script_folder(&script, "new");
	assert_received(&options, &script);
	assert_answers("76 75 75 75 75 76 75 75 75 75 75 ");
}

static void digests_are_told_where_they_are_compared(void **state)
{
	(void)state;
	make_files();
	options.compares = true;
	ask_about_all();
	script_folder(&script, "new");
	assert_received(&options, &script);
	assert_answers("77 77 75 75 75 77 75 75 75 75 75 ");
}

static void a_part_is_told_where_parts_are_kept(void **state)
{
	(void)state;
	tree_text(folder, PART "a", "12");
	tree_text(folder, PART "b", "");
	tree_text(folder, PART "c", "12345");
	tree_symlink(folder, PART "d", "a");
	tree_text(folder, PART "e", "12");
	tree_link(folder, "other", PART "e");
	tree_folder(folder, PART "f", 0755);
	for (char name[] = "a"; *name <= 'f'; ++*name)
		ask(name, 4);
	tell();
	script_folder(&script, "new");
	assert_received(&options, &script);
	assert_answers("78 75 75 75 75 75 ");
	options.keeps = false;
	assert_received(&options, &script);
	assert_answers("78 75 75 75 75 75 75 75 75 75 75 75 ");
}

static void nothing_is_told_unless_it_was_offered(void **state)
{
	(void)state;
	make_files();
	close(options.answers);
	options.answers = -1;
	tell();
	assert_refused(&options, &script, SLC_REASON_REQUEST);
	script_begin(&script);
	ask("same", 4);
	assert_refused(&options, &script, SLC_REASON_REQUEST);
	script_begin(&script);
	stay("same", 4);
	assert_refused(&options, &script, SLC_REASON_REQUEST);
	options.keeps = false;
	tree_text(folder, PART "a", "12");
	script_begin(&script);
	go_on("a", "12", "34", "1234");
	assert_refused(&options, &script, SLC_REASON_REQUEST);
	options.answers = memfd_create("answers", MFD_CLOEXEC);
	assert_refused(&options, &script, SLC_REASON_REQUEST);
	tree_assert_text(folder, PART "a", "12");
}

static void names_that_lead_out_are_refused(void **state)
{
	static const char *const names[] = {"..", "../file", "/file", "a/../../file"};

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		script_begin(&script);
		ask(names[i], 4);
		assert_refused(&options, &script, SLC_REASON_PATH);
		script_begin(&script);
		stay(names[i], 4);
		assert_refused(&options, &script, SLC_REASON_PATH);
		script_begin(&script);
		go_on(names[i], "kept", "", "kept");
		assert_refused(&options, &script, SLC_REASON_PATH);
	}
	assert_answers("");
}

static void too_many_questions_and_untimely_ones_are_refused(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 257; i++)
		ask("a", 4);
	assert_refused(&options, &script, SLC_REASON_FLOW);
	script_begin(&script);
	for (unsigned i = 0; i < 257; i++) {
		ask("a", 4);
		if (i == 255)
			tell();
	}
	tell();
	script_file(&script, "new", "text");
	assert_received(&options, &script);
	script_begin(&script);
	script_describe(&script, "a", COPY_FILE, 0640, NULL);
	ask("b", 4);
	assert_refused(&options, &script, SLC_REASON_PROTOCOL);
	script_begin(&script);
	script_describe(&script, "a", COPY_FILE, 0640, NULL);
	tell();
	assert_refused(&options, &script, SLC_REASON_PROTOCOL);
	script_begin(&script);
	script_name(&script, "a");
	tell();
	assert_refused(&options, &script, SLC_REASON_REQUEST);
}

static void assert_bad(const struct copy_member *member)
{
	script_begin(&script);
	copy_member_ask(member, &script.writer);
	assert_refused(&options, &script, SLC_REASON_REQUEST);
}

static void descriptions_that_contradict_themselves_are_refused(void **state)
{
	struct copy_member member = script_member("a", 4);

	(void)state;
	member.kind = COPY_FOLDER;
	assert_bad(&member);
	script_begin(&script);
	script_name(&script, "a");
	field_put(&script.writer, SLC_COPY_STAYS, "x", 1);
	assert_refused(&options, &script, SLC_REASON_REQUEST);
	script_begin(&script);
	script_name(&script, "a");
	script_number(&script, SLC_COPY_KIND, COPY_FOLDER);
	script_number(&script, SLC_COPY_MODE, 0755);
	script_time(&script, 1, 0);
	field_put(&script.writer, SLC_COPY_STAYS, NULL, 0);
	script_close(&script);
	assert_refused(&options, &script, SLC_REASON_REQUEST);
}

/* --- What stays, and what goes on ------------------------------------------------------------- */

static void what_stays_is_looked_at_again(void **state)
{
	static const char *const changed[] = {"later", "longer", "two", "folder"};
	struct stat status;

	(void)state;
	make_files();
	stay("same", 4);
	assert_received(&options, &script);
	assert_int_equal(fstatat(folder, "same", &status, 0), 0);
	assert_int_equal(status.st_mode & 07777, 0640);
	for (size_t i = 0; i < sizeof changed / sizeof *changed; i++) {
		script_begin(&script);
		stay(changed[i], 4);
		assert_refused(&options, &script, SLC_REASON_IO);
	}
	script_begin(&script);
	stay("link", 4);
	assert_refused(&options, &script, SLC_REASON_PATH);
	script_begin(&script);
	stay("none", 4);
	assert_refused(&options, &script, SLC_REASON_NOT_FOUND);
	assert_int_equal(fstatat(folder, "two", &status, 0), 0);
	assert_int_equal(status.st_mode & 07777, 0644);
}

/* Otherwise a sender could give any file of the target a second name, in another folder. */
static void nothing_is_linked_to_what_stays(void **state)
{
	(void)state;
	make_files();
	stay("same", 4);
	script_describe(&script, "second", COPY_LINK, 0640, "same");
	assert_refused(&options, &script, SLC_REASON_REQUEST);
	assert_int_equal(faccessat(folder, "second", F_OK, 0), -1);
}

static void a_part_goes_on(void **state)
{
	struct stat status;

	(void)state;
	tree_text(folder, PART "a", "12");
	tree_text(folder, "a", "old");
	go_on("a", "12", "34", "1234");
	assert_received(&options, &script);
	tree_assert_text(folder, "a", "1234");
	assert_int_equal(fstatat(folder, "a", &status, 0), 0);
	assert_int_equal(status.st_mode & 07777, 0640);
	assert_int_equal(faccessat(folder, PART "a", F_OK, 0), -1);
	tree_text(folder, PART "a", "12xx"); /* what is behind is not believed */
	assert_received(&options, &script);
	tree_assert_text(folder, "a", "1234");
}

static void assert_not_resumed(uint32_t reason)
{
	char *list, *after;

	tree_text(folder, "a", "old");
	list = tree_list(folder);
	script_begin(&script);
	go_on("a", "kept", "!", "kept!");
	assert_refused(&options, &script, reason);
	after = tree_list(folder);
	if (reason != SLC_REASON_DIGEST)
		assert_string_equal(list, after);
	tree_assert_text(folder, "a", "old");
	free(list);
	free(after);
	assert_int_equal(unlinkat(folder, "a", 0), 0);
	(void)unlinkat(folder, PART "a", 0);
}

static void no_part_goes_on_that_is_another_ones(void **state)
{
	char path[64];

	(void)state;
	assert_not_resumed(SLC_REASON_IO); /* there is none */
	snprintf(path, sizeof path, "/proc/self/fd/%d/file", outside);
	tree_symlink(folder, PART "a", path);
	assert_not_resumed(SLC_REASON_IO);
	assert_int_equal(linkat(outside, "file", folder, PART "a", 0), 0);
	assert_not_resumed(SLC_REASON_IO);
	tree_text(folder, PART "a", "Kept");
	assert_not_resumed(SLC_REASON_DIGEST);
	tree_text(folder, PART "a", "kep");
	assert_not_resumed(SLC_REASON_DIGEST);
	assert_int_equal(mkfifoat(folder, PART "a", 0600), 0);
	assert_not_resumed(SLC_REASON_IO);
}

static void only_what_broke_off_is_kept(void **state)
{
	struct stat status;
	char *text;

	(void)state;
	script_describe(&script, "a", COPY_FILE, 0640, NULL);
	field_put_text(&script.writer, SLC_COPY_BYTES, "12");
	assert_refused(&options, &script, SLC_REASON_PROTOCOL); /* it ends, and is not cut */
	assert_int_equal(faccessat(folder, PART "a", F_OK, 0), -1);
	field_put_header(&script.writer, SLC_COPY_BYTES, 4);
	assert_refused(&options, &script, SLC_REASON_REQUEST);
	assert_int_equal(fstatat(folder, PART "a", &status, 0), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	tree_assert_text(folder, PART "a", "12");
	script_begin(&script);
	script_describe(&script, "b", COPY_FILE, 0640, NULL);
	field_put_text(&script.writer, SLC_COPY_BYTES, "12");
	script_digest(&script, "21");
	assert_refused(&options, &script, SLC_REASON_DIGEST);
	text = tree_list(folder);
	assert_null(strstr(text, PART "b"));
	free(text);
}

#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(only_a_file_of_this_copy_alone_is_told),
		TEST(digests_are_told_where_they_are_compared),
		TEST(a_part_is_told_where_parts_are_kept),
		TEST(nothing_is_told_unless_it_was_offered),
		TEST(names_that_lead_out_are_refused),
		TEST(too_many_questions_and_untimely_ones_are_refused),
		TEST(descriptions_that_contradict_themselves_are_refused),
		TEST(what_stays_is_looked_at_again),
		TEST(nothing_is_linked_to_what_stays),
		TEST(a_part_goes_on),
		TEST(no_part_goes_on_that_is_another_ones),
		TEST(only_what_broke_off_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
