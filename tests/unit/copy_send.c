/* copy_send: which fields a source becomes, in which order, and what is skipped. What it refuses,
 * and how it stops, is in copy_send_stop.c. */
#include "runtime/channel/copy_send.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "runtime/channel/copy_open.h"
#include "runtime/channel/reason.h"
#include "tests/lib/copy.h"
#include "tests/lib/tree.h"

static int folder;
static struct copy_send_options options;
static struct copy_outcome outcome;
static struct fault fault;

static int begin(void **state)
{
	(void)state;
	folder = tree_new();
	options = copy_send_usual;
	options.source = folder;
	return 0;
}

static int end(void **state)
{
	(void)state;
	tree_remove(folder);
	return 0;
}

static void open_source(const char *path, bool follow)
{
	if (copy_open_source(folder, path, strlen(path), follow, &options.source, &fault) != 0)
		fail_msg("%s", fault.text);
}

/* --- Fields ----------------------------------------------------------------------------------- */

static void a_file_is_the_target_itself(void **state)
{
	(void)state;
	tree_file(folder, "file", "12345", 5, 04754);
	tree_time(folder, "file", -5, 7);
	open_source("file", true);
	assert_sent(&options, &outcome, "'' 1 4754 -5.000000007 5 ''\n  5 bytes\n");
	assert_int_equal(outcome.members, 1);
	assert_int_equal(outcome.bytes, 5);
	close(options.source);
}

static void a_source_may_have_a_name(void **state)
{
	(void)state;
	tree_text(folder, "file", "");
	tree_time(folder, "file", 1, 0);
	tree_time(folder, ".", 1, 0);
	options.name = "other";
	assert_sent(&options, &outcome,
		"'other' 2 700 1.000000000 0 ''\n"
		"'other/file' 1 644 1.000000000 0 ''\n  0 bytes\n");
}

static void a_tree_goes_in_order(void **state)
{
	static const char *const folders[] = {"b", "b/b", "a", "B", "a.b"};
	static const char *const files[] = {"b/b/x", "b/a", "b/c", "a/z", "c"};

	(void)state;
	for (size_t i = 0; i < 5; i++)
		tree_folder(folder, folders[i], 0700);
	for (size_t i = 0; i < 5; i++) {
		tree_text(folder, files[i], files[i]);
		tree_time(folder, files[i], 2, 3);
	}
	for (size_t i = 0; i < 5; i++)
		tree_time(folder, folders[i], 1, 2);
	tree_time(folder, ".", 0, 0);
	assert_sent(&options, &outcome,
		"'' 2 700 0.000000000 0 ''\n"
		"'B' 2 700 1.000000002 0 ''\n"
		"'a' 2 700 1.000000002 0 ''\n"
		"'a/z' 1 644 2.000000003 3 ''\n  3 bytes\n"
		"'a.b' 2 700 1.000000002 0 ''\n"
		"'b' 2 700 1.000000002 0 ''\n"
		"'b/a' 1 644 2.000000003 3 ''\n  3 bytes\n"
		"'b/b' 2 700 1.000000002 0 ''\n"
		"'b/b/x' 1 644 2.000000003 5 ''\n  5 bytes\n"
		"'b/c' 1 644 2.000000003 3 ''\n  3 bytes\n"
		"'c' 1 644 2.000000003 1 ''\n  1 bytes\n");
}

static void symbolic_links_are_not_followed(void **state)
{
	(void)state;
	tree_folder(folder, "d", 0700);
	tree_symlink(folder, "d/gone", "nowhere");
	tree_symlink(folder, "d/loop", "loop");
	tree_symlink(folder, "d/root", "/");
	tree_symlink(folder, "d/up", "..");
	for (size_t i = 0; i < 4; i++)
		tree_time(folder, (const char *[]){"d/gone", "d/loop", "d/root", "d/up"}[i], 1, 0);
	tree_time(folder, "d", 1, 0);
	open_source("d", true);
	assert_sent(&options, &outcome,
		"'' 2 700 1.000000000 0 ''\n"
		"'gone' 3 777 1.000000000 0 'nowhere'\n"
		"'loop' 3 777 1.000000000 0 'loop'\n"
		"'root' 3 777 1.000000000 0 '/'\n"
		"'up' 3 777 1.000000000 0 '..'\n");
	close(options.source);
}

static void a_link_as_the_source_is_followed_or_sent(void **state)
{
	(void)state;
	tree_text(folder, "file", "x");
	tree_symlink(folder, "link", "/file");
	tree_time(folder, "file", 1, 0);
	tree_time(folder, "link", 2, 0);
	open_source("link", true);
	assert_sent(&options, &outcome, "'' 1 644 1.000000000 1 ''\n  1 bytes\n");
	close(options.source);
	open_source("link", false);
	assert_sent(&options, &outcome, "'' 3 777 2.000000000 0 '/file'\n");
	close(options.source);
}

static void other_names_of_a_file_are_links(void **state)
{
	static const char *const first = "'' 2 700 1.000000000 0 ''\n"
					 "'a' 1 644 1.000000000 1 ''\n  1 bytes\n"
					 "'b' 1 644 1.000000000 1 ''\n  1 bytes\n"
					 "'c' 4 0 0.000000000 0 'a'\n";
	char *expected;

	(void)state;
	tree_text(folder, "a", "a");
	tree_text(folder, "b", "b");
	tree_link(folder, "c", "a");
	tree_link(folder, "d", "b");
	tree_time(folder, "a", 1, 0);
	tree_time(folder, "b", 1, 0);
	tree_time(folder, ".", 1, 0);
	assert_true(asprintf(&expected, "%s%s", first, "'d' 4 0 0.000000000 0 'b'\n") > 0);
	assert_sent(&options, &outcome, expected);
	free(expected);
	options.links = 1;
	assert_true(
		asprintf(&expected, "%s%s", first, "'d' 1 644 1.000000000 1 ''\n  1 bytes\n") > 0);
	assert_sent(&options, &outcome, expected);
	free(expected);
}

static void make_hundred(unsigned begin, unsigned step)
{
	char name[16];

	for (unsigned i = 0; i < 100; i++) {
		snprintf(name, sizeof name, "%u", (begin + i * step) % 100);
		tree_text(folder, name, name);
		tree_time(folder, name, 1, 0);
	}
	tree_time(folder, ".", 1, 0);
}

static void remove_hundred(void)
{
	char name[16];

	for (unsigned i = 0; i < 100; i++) {
		snprintf(name, sizeof name, "%u", i);
		assert_int_equal(unlinkat(folder, name, 0), 0);
	}
}

static void equal_trees_make_equal_streams(void **state)
{
	static const unsigned steps[] = {1, 99, 37};
	char *expected = NULL;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		make_hundred((unsigned)i, steps[i]);
		if (expected == NULL) {
			assert_int_equal(send_to_memory(&options, &outcome), 0);
			expected = list_stream(options.stream);
			close(options.stream);
		} else {
			assert_sent(&options, &outcome, expected);
		}
		remove_hundred();
	}
	free(expected);
}

static void make_special(const char *name)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%s", folder, name);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
	close(fd);
}

static void what_is_no_file_is_skipped_and_counted(void **state)
{
	(void)state;
	assert_int_equal(mkfifoat(folder, "fifo", 0600), 0);
	make_special("socket");
	tree_text(folder, "z", "");
	tree_time(folder, "z", 1, 0);
	tree_time(folder, ".", 1, 0);
	assert_sent(&options, &outcome,
		"'' 2 700 1.000000000 0 ''\n'z' 1 644 1.000000000 0 ''\n  0 bytes\n");
	assert_int_equal(outcome.skipped, 2);
	assert_int_equal(outcome.members, 2);
}

static void as_the_source_it_is_refused(void **state)
{
	(void)state;
	assert_int_equal(mkfifoat(folder, "fifo", 0600), 0);
	assert_int_equal(copy_open_source(folder, "fifo", 4, true, &options.source, &fault), -1);
	assert_int_equal(copy_reason(&fault), SLC_REASON_REQUEST);
	assert_int_equal(copy_open_source(folder, "gone", 4, true, &options.source, &fault), -1);
	assert_int_equal(copy_reason(&fault), SLC_REASON_NOT_FOUND);
	options.source = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_not_sent(&options, &outcome, SLC_REASON_REQUEST);
	close(options.source);
}

#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_file_is_the_target_itself),
		TEST(a_source_may_have_a_name),
		TEST(a_tree_goes_in_order),
		TEST(symbolic_links_are_not_followed),
		TEST(a_link_as_the_source_is_followed_or_sent),
		TEST(other_names_of_a_file_are_links),
		TEST(equal_trees_make_equal_streams),
		TEST(what_is_no_file_is_skipped_and_counted),
		TEST(as_the_source_it_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
