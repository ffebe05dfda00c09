/* copy_receive against a sender that lies: names that lead elsewhere, links to what is not its own,
 * descriptions that contradict themselves, fields out of their turn. Each is refused with its
 * reason, and leaves everything as it was. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/lib/copy.h"
#include "tests/lib/tree.h"

/* A folder with the target inside, and with what must not be touched beside it. */
struct scene {
	int folder;
	int target;
	char *before;
	struct copy_receive_options options; /* into the target */
};

static struct scene scene;
static struct script script;

/* The target's own time is that of the last temporary in it. */
static char *list(void)
{
	tree_time(scene.folder, "target", 0, 0);
	return tree_list(scene.folder);
}

static int begin(void **state)
{
	(void)state;
	scene.folder = tree_new();
	tree_text(scene.folder, "secret", "secret");
	tree_folder(scene.folder, "target", 0755);
	scene.target = openat(scene.folder, "target", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(scene.target >= 0);
	tree_text(scene.target, "old", "old");
	tree_symlink(scene.target, "out", "..");
	tree_symlink(scene.target, "again", "old");
	tree_folder(scene.target, "sub", 0755);
	scene.before = list();
	scene.options = receive_into(scene.target, "");
	script_begin(&script);
	return 0;
}

static int end(void **state)
{
	(void)state;
	free(scene.before);
	close(scene.target);
	tree_remove(scene.folder);
	return 0;
}

/* The script is refused, and nothing has changed; then the next one may begin. */
static void refused(uint32_t reason)
{
	char *after;

	assert_refused(&scene.options, &script, reason);
	after = list();
	assert_string_equal(after, scene.before);
	free(after);
	script_begin(&script);
}

/* --- Names ------------------------------------------------------------------------------------ */

static void names_that_lead_elsewhere_are_refused(void **state)
{
	static const char *const names[] = {"..", ".", "/", "/secret", "../secret", "sub/../../x",
		"sub/..", "sub/.", "./x", "sub//x", "sub/", "//", "sub/../x"};

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		script_file(&script, names[i], "x");
		refused(SLC_REASON_PATH);
		script_folder(&script, names[i]);
		refused(SLC_REASON_PATH);
	}
}

static void names_of_other_forms_are_refused(void **state)
{
	char name[PATH_NAME_MAX + 2u];

	(void)state;
	field_put(&script.writer, SLC_COPY_NAME, "x\0y", 3);
	refused(SLC_REASON_PATH);
	memset(name, 'x', sizeof name);
	field_put(&script.writer, SLC_COPY_NAME, name, PATH_PART_MAX + 1u);
	refused(SLC_REASON_PATH);
	field_put(&script.writer, SLC_COPY_NAME, name, sizeof name);
	refused(SLC_REASON_REQUEST);
	script_file(&script, "", "into a folder, the target itself is not named");
	refused(SLC_REASON_REQUEST);
	script_file(&script, "missing/x", "x");
	refused(SLC_REASON_NOT_FOUND);
	script_file(&script, "old/x", "x");
	refused(SLC_REASON_NOT_FOUND);
}

static void no_symbolic_link_is_followed(void **state)
{
	(void)state;
	script_file(&script, "out/x", "x");
	refused(SLC_REASON_PATH);
	script_folder(&script, "out/x");
	refused(SLC_REASON_PATH);
	script_describe(&script, "x", COPY_LINK, 0, "out/secret");
	refused(SLC_REASON_PATH);
	script_describe(&script, "x", COPY_LINK, 0, "../secret");
	refused(SLC_REASON_PATH);
	script_describe(&script, "x", COPY_LINK, 0, "/secret");
	refused(SLC_REASON_PATH);
}

/* The sender's own link is no way out either. */
static void a_link_that_was_sent_is_not_followed(void **state)
{
	(void)state;
	script_describe(&script, "way", COPY_SYMLINK, 0777, "../..");
	script_file(&script, "way/x", "x");
	assert_refused(&scene.options, &script, SLC_REASON_PATH);
	assert_int_equal(unlinkat(scene.target, "way", 0), 0);
	script_begin(&script);
	script_describe(&script, "way", COPY_SYMLINK, 0777, "..");
	script_folder(&script, "way");
	script_file(&script, "way/x", "x");
	assert_refused(&scene.options, &script, SLC_REASON_NOT_FOUND);
	assert_int_equal(unlinkat(scene.target, "way", 0), 0);
}

static void only_files_of_the_copy_are_linked_to(void **state)
{
	(void)state;
	script_describe(&script, "x", COPY_LINK, 0, "old");
	refused(SLC_REASON_REQUEST);
	script_describe(&script, "x", COPY_LINK, 0, "again");
	refused(SLC_REASON_REQUEST);
	script_describe(&script, "x", COPY_LINK, 0, "sub");
	refused(SLC_REASON_REQUEST);
	script_describe(&script, "x", COPY_LINK, 0, "missing");
	refused(SLC_REASON_NOT_FOUND);
	script_describe(&script, "x", COPY_LINK, 0, "");
	refused(SLC_REASON_REQUEST);
	scene.options = receive_into(scene.folder, "new");
	script_describe(&script, "", COPY_LINK, 0, "secret");
	refused(SLC_REASON_REQUEST);
}

static void the_target_comes_first_and_once(void **state)
{
	(void)state;
	scene.options = receive_into(scene.folder, "new");
	script_file(&script, "x", "x");
	refused(SLC_REASON_REQUEST);

	script_file(&script, "", "x");
	script_file(&script, "x", "x");
	assert_refused(&scene.options, &script, SLC_REASON_REQUEST);
	script_begin(&script);
	script_describe(&script, "", COPY_SYMLINK, 0777, "target");
	script_file(&script, "x", "x");
	assert_refused(&scene.options, &script, SLC_REASON_REQUEST);
	script_begin(&script);
	script_describe(&script, "", COPY_SYMLINK, 0777, "target");
	script_file(&script, "", "x");
	assert_refused(&scene.options, &script, SLC_REASON_REQUEST);
	assert_int_equal(unlinkat(scene.folder, "new", 0), 0);
}

/* --- Descriptions ----------------------------------------------------------------------------- */

/* Fields of a description of a file. */
enum { NAME = 1, KIND = 2, MODE = 4, TIME = 8, CLOSE = 16, ALL = 31 };

static void describe(unsigned fields)
{
	if ((fields & NAME) != 0)
		script_name(&script, "x");
	if ((fields & KIND) != 0)
		script_number(&script, SLC_COPY_KIND, COPY_FILE);
	if ((fields & MODE) != 0)
		script_number(&script, SLC_COPY_MODE, 0600);
	if ((fields & TIME) != 0)
		script_time(&script, 0, 0);
	if ((fields & CLOSE) != 0)
		script_close(&script);
}

static void descriptions_are_complete(void **state)
{
	(void)state;
	for (unsigned fields = 1; fields < ALL; fields++) {
		describe(fields);
		script_digest(&script, "");
		refused(SLC_REASON_REQUEST);
	}
	describe(ALL - CLOSE);
	refused(SLC_REASON_REQUEST);
}

static void fields_of_a_description_come_once(void **state)
{
	(void)state;
	for (unsigned field = NAME; field < CLOSE; field *= 2) {
		describe(field | NAME);
		describe(field);
		describe(ALL - NAME);
		script_digest(&script, "");
		refused(SLC_REASON_REQUEST);
	}
	describe(ALL);
	script_close(&script);
	refused(SLC_REASON_REQUEST);
	describe(KIND);
	describe(ALL);
	script_digest(&script, "");
	refused(SLC_REASON_REQUEST);
}

static void descriptions_fit_their_kind(void **state)
{
	static const uint32_t kinds[] = {0, 5, 256, UINT32_MAX};

	(void)state;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		script_describe(&script, "x", kinds[i], 0600, NULL);
		refused(SLC_REASON_REQUEST);
	}
	script_describe(&script, "x", COPY_FILE, 0600, "old");
	refused(SLC_REASON_REQUEST);
	script_describe(&script, "x", COPY_FOLDER, 0600, "old");
	refused(SLC_REASON_REQUEST);
	script_describe(&script, "x", COPY_SYMLINK, 0777, NULL);
	refused(SLC_REASON_REQUEST);
	script_describe(&script, "x", COPY_LINK, 0777, NULL);
	refused(SLC_REASON_REQUEST);
}

/* A file that would be received but for one field, which has another value. */
static void put_value(uint32_t tag, const void *value, size_t length)
{
	describe(NAME);
	for (uint32_t other = SLC_COPY_KIND; other <= SLC_COPY_BEGIN; other++) {
		if (other == tag)
			field_put(&script.writer, tag, value, length);
		else if (other == SLC_COPY_SIZE)
			field_put_long(&script.writer, other, 0);
		else if (other != SLC_COPY_LINK)
			describe(other == SLC_COPY_BEGIN ? CLOSE : 1u << (other - SLC_COPY_NAME));
	}
	script_digest(&script, "");
}

static void values_have_their_lengths(void **state)
{
	static const size_t right[] = {[SLC_COPY_KIND - 64] = 4,
		[SLC_COPY_MODE - 64] = 4,
		[SLC_COPY_TIME - 64] = 12,
		[SLC_COPY_SIZE - 64] = 8,
		[SLC_COPY_LINK - 64] = SIZE_MAX,
		[SLC_COPY_BEGIN - 64] = 0};
	static const uint8_t value[16] = {0, 0, 0, COPY_FILE};

	(void)state;
	for (uint32_t tag = SLC_COPY_KIND; tag <= SLC_COPY_BEGIN; tag++)
		for (size_t length = 0; length <= sizeof value; length++)
			if (length != right[tag - 64]) {
				put_value(tag, value, length);
				refused(SLC_REASON_REQUEST);
			}
}

/* The last ones are what means "now" and "leave it" to those who set times. */
static void values_are_in_their_ranges(void **state)
{
	static const uint32_t nanoseconds[] = {1000000000, UINT32_MAX, UTIME_NOW, UTIME_OMIT};

	(void)state;
	put_value(SLC_COPY_MODE, "\0\0\x10\0", 4);
	refused(SLC_REASON_REQUEST);
	for (size_t i = 0; i < sizeof nanoseconds / sizeof nanoseconds[0]; i++) {
		describe(NAME | KIND | MODE);
		script_time(&script, 0, nanoseconds[i]);
		describe(CLOSE);
		script_digest(&script, "");
		refused(SLC_REASON_REQUEST);
	}
	script_name(&script, "x");
	script_number(&script, SLC_COPY_KIND, COPY_SYMLINK);
	script_time(&script, 0, 0);
	field_put(&script.writer, SLC_COPY_LINK, "old\0x", 5);
	script_close(&script);
	refused(SLC_REASON_REQUEST);
}

/* --- Order ------------------------------------------------------------------------------------ */

static void fields_come_in_their_turn(void **state)
{
	(void)state;
	refused(SLC_REASON_PROTOCOL);
	field_put_text(&script.writer, SLC_COPY_BYTES, "bytes of nothing");
	refused(SLC_REASON_PROTOCOL);
	script_digest(&script, "");
	refused(SLC_REASON_PROTOCOL);
	script_name(&script, "x");
	field_put_text(&script.writer, SLC_COPY_BYTES, "bytes before begin");
	refused(SLC_REASON_REQUEST);
	describe(ALL);
	refused(SLC_REASON_PROTOCOL);
	describe(ALL);
	field_put_text(&script.writer, SLC_COPY_BYTES, "no digest");
	refused(SLC_REASON_PROTOCOL);
	describe(ALL);
	describe(ALL);
	refused(SLC_REASON_PROTOCOL);
	describe(ALL);
	script_name(&script, "y");
	field_put_text(&script.writer, SLC_COPY_BYTES, "of x");
	refused(SLC_REASON_REQUEST);
	describe(ALL);
	script_name(&script, "y");
	script_digest(&script, "");
	refused(SLC_REASON_REQUEST);
	describe(ALL);
	field_put(&script.writer, SLC_COPY_BYTES, NULL, 0);
	refused(SLC_REASON_REQUEST);
}

static void unknown_fields_are_refused(void **state)
{
	static const uint32_t tags[] = {0, 1, 17, 63, 73, 97, 32767};

	(void)state;
	for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++) {
		script_number(&script, tags[i], 1);
		refused(SLC_REASON_REQUEST);
		describe(ALL);
		script_number(&script, tags[i], 1);
		refused(SLC_REASON_REQUEST);
	}
	field_put_header(&script.writer, SLC_COPY_BYTES, SLC_FIELD_LENGTH_MAX + 1u);
	refused(SLC_REASON_REQUEST);
	field_put_header(&script.writer, SLC_TAG_SKIPPED, UINT32_MAX);
	refused(SLC_REASON_REQUEST);
}

static void digests_are_compared(void **state)
{
	(void)state;
	describe(ALL);
	field_put_text(&script.writer, SLC_COPY_BYTES, "these bytes");
	script_digest(&script, "other bytes");
	refused(SLC_REASON_DIGEST);
	describe(ALL);
	field_put(&script.writer, SLC_COPY_DIGEST, "short", 5);
	refused(SLC_REASON_REQUEST);
	describe(ALL);
	field_put(&script.writer, SLC_COPY_DIGEST, scene.before, COPY_DIGEST_SIZE + 1u);
	refused(SLC_REASON_REQUEST);
}

#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(names_that_lead_elsewhere_are_refused),
		TEST(names_of_other_forms_are_refused),
		TEST(no_symbolic_link_is_followed),
		TEST(a_link_that_was_sent_is_not_followed),
		TEST(only_files_of_the_copy_are_linked_to),
		TEST(the_target_comes_first_and_once),
		TEST(descriptions_are_complete),
		TEST(fields_of_a_description_come_once),
		TEST(descriptions_fit_their_kind),
		TEST(values_have_their_lengths),
		TEST(values_are_in_their_ranges),
		TEST(fields_come_in_their_turn),
		TEST(unknown_fields_are_refused),
		TEST(digests_are_compared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
