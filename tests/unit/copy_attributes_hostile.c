/* copy_attributes_hostile: copy_receive against a sender of extended attributes that must not be:
 * of other namespaces, too many, too large, out of their place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/lib/copy.h"
#include "tests/lib/tree.h"
#include "tests/lib/xattrs.h"

static uint8_t bytes[COPY_ATTRIBUTE_VALUE_MAX];
static struct script script;
static struct copy_receive_options options;
static int folder;

static int begin_script(void **state)
{
	(void)state;
	clear();
	folder = tree_new();
	tree_text(folder, "file", "old");
	options = receive_into(folder, "");
	options.attributes = true;
	script_begin(&script);
	return 0;
}

static int end_script(void **state)
{
	(void)state;
	tree_remove(folder);
	return 0;
}

#define SCRIPT_TEST(NAME) cmocka_unit_test_setup_teardown(NAME, begin_script, end_script)

static void open_member(const char *name, uint32_t kind)
{
	script_name(&script, name);
	script_number(&script, SLC_COPY_KIND, kind);
	script_number(&script, SLC_COPY_MODE, 0644);
	script_time(&script, SCRIPT_SECONDS, SCRIPT_NANOSECONDS);
}

static void put(const void *value, size_t size)
{
	field_put(&script.writer, SLC_COPY_ATTRIBUTE, value, size);
}

/* What is put becomes a file's, and is refused; nothing has any attribute then. */
static void refused(uint32_t reason)
{
	script_close(&script);
	script_digest(&script, "");
	assert_refused(&options, &script, reason);
	for (size_t i = 0; i < KEPT_MAX; i++)
		assert_int_equal(kept[i].file, 0);
	tree_assert_text(folder, "file", "old");
	script_begin(&script);
}

static void other_names_are_refused(void **state)
{
	static const struct {
		const char *value;
		size_t size;
	} wrong[] = {{"", 0}, {"\0", 1}, {"\0x", 2}, {"user.a", 6}, {"user.", 5}, {"user.\0x", 7},
		{"user\0x", 6}, {"user", 4}, {"user\0.a\0x", 9}, {"User.a\0x", 8},
		{" user.a\0x", 9}, {"userx.a\0x", 9}, {"security.capability\0x", 21},
		{"security.selinux\0x", 18}, {"security.ima\0x", 14}, {"trusted.a\0x", 11},
		{"trusted.overlay.opaque\0y", 24}, {"system.posix_acl_access\0x", 25},
		{"system.nfs4_acl\0x", 17}, {".user.a\0x", 9}, {"os2.a\0x", 7},
		{"user.overlay.redirect\0/", 23}, {"user.overlay.whiteout\0y", 23},
		{"user.fuseoverlayfs.opaque\0y", 27},
		{"user.containers.override_stat\0000:0:0777", 39}};
	uint8_t name[COPY_ATTRIBUTE_NAME_MAX + 2u] = "user.";

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		open_member("file", COPY_FILE);
		put(wrong[i].value, wrong[i].size);
		refused(SLC_REASON_REQUEST);
	}
	memset(name + 5, 'n', sizeof name - 6);
	open_member("file", COPY_FILE);
	put(name, sizeof name); /* one byte longer than names may be */
	refused(SLC_REASON_REQUEST);
}

static void too_much_is_refused(void **state)
{
	char name[32];

	(void)state;
	open_member("file", COPY_FILE);
	put("user.a\0x", 8);
	put("user.a\0y", 8);
	refused(SLC_REASON_REQUEST);
	open_member("file", COPY_FILE);
	for (unsigned i = 0; i <= COPY_ATTRIBUTES_MAX; i++)
		put(name, (size_t)snprintf(name, sizeof name, "user.%u", i) + 1);
	refused(SLC_REASON_LIMIT);
	memset(bytes, 0, sizeof bytes);
	memcpy(bytes, "user.a", 6);
	open_member("file", COPY_FILE);
	put(bytes, 60000);
	bytes[5] = 'b';
	put(bytes, 60000);
	refused(SLC_REASON_LIMIT);
	open_member("file", COPY_FILE);
	field_put_header(&script.writer, SLC_COPY_ATTRIBUTE, COPY_ATTRIBUTE_MAX + 1u);
	refused(SLC_REASON_REQUEST);
}

static void they_have_their_place(void **state)
{
	(void)state;
	put("user.a\0x", 8); /* before any member */
	refused(SLC_REASON_REQUEST);
	script_file(&script, "file", "old");
	put("user.a\0x", 8); /* behind one */
	refused(SLC_REASON_REQUEST);
	open_member("link", COPY_SYMLINK);
	field_put_text(&script.writer, SLC_COPY_LINK, "file");
	put("user.a\0x", 8);
	refused(SLC_REASON_REQUEST);
	open_member("link", COPY_LINK);
	field_put_text(&script.writer, SLC_COPY_LINK, "file");
	put("user.a\0x", 8);
	refused(SLC_REASON_REQUEST);
	options.answers = memfd_create("answers", MFD_CLOEXEC);
	open_member("file", COPY_FILE);
	field_put_long(&script.writer, SLC_COPY_SIZE, 3);
	put("user.a\0x", 8);
	field_put(&script.writer, SLC_COPY_ASK, NULL, 0);
	refused(SLC_REASON_REQUEST);
	close(options.answers);
	options.attributes = false; /* nobody has asked for one */
	open_member("file", COPY_FILE);
	put("user.a\0x", 8);
	refused(SLC_REASON_REQUEST);
}

/* A file that stays needs no bytes for them, whatever its mode is. */
static void a_file_that_stays_gets_them(void **state)
{
	(void)state;
	tree_file(folder, "there", "there", 5, 0400);
	tree_time(folder, "there", SCRIPT_SECONDS, SCRIPT_NANOSECONDS);
	set(folder, "there", "user.old", "old", 3);
	options.answers = memfd_create("answers", MFD_CLOEXEC);
	open_member("there", COPY_FILE);
	field_put_long(&script.writer, SLC_COPY_SIZE, 5);
	field_put(&script.writer, SLC_COPY_STAYS, NULL, 0);
	put("user.a\0x", 8);
	script_close(&script);
	assert_received(&options, &script);
	assert_has(folder, "there", "user.a", "x", 1);
	assert_has_not(folder, "there", "user.old");
	tree_assert_text(folder, "there", "there");
	close(options.answers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCRIPT_TEST(other_names_are_refused),
		SCRIPT_TEST(too_much_is_refused),
		SCRIPT_TEST(they_have_their_place),
		SCRIPT_TEST(a_file_that_stays_gets_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
