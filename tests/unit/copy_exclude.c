/* copy_exclude: which names a pattern leaves out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/channel/copy_exclude.h"

static bool file(const char *pattern, const char *name)
{
	const struct copy_exclude exclude = {&pattern, 1};

	return copy_excludes(&exclude, name, false);
}

static bool folder(const char *pattern, const char *name)
{
	const struct copy_exclude exclude = {&pattern, 1};

	return copy_excludes(&exclude, name, true);
}

static void a_part_is_compared_at_any_depth(void **unused)
{
	(void)unused;
	assert_true(file("*.o", "a.o"));
	assert_true(file("*.o", "deep/er/a.o"));
	assert_true(file("*.o", ".o"));
	assert_true(file("?", "b/a"));
	assert_true(file("[a-c]*", "x/bcd"));
	assert_true(file("*", ".hidden"));
	assert_false(file("*.o", "a.oo"));
	assert_false(file("*.o", "a.o/b"));
	assert_false(file("a", "ab"));
	assert_false(file("a", "ba"));
	assert_true(file("\\*", "x/*"));
	assert_false(file("\\*", "x/y"));
}

static void several_parts_are_the_last_ones(void **unused)
{
	(void)unused;
	assert_true(file("build/tmp", "build/tmp"));
	assert_true(file("build/tmp", "a/build/tmp"));
	assert_true(file("build/*", "a/build/tmp"));
	assert_false(file("build/tmp", "abuild/tmp"));
	assert_false(file("build/tmp", "build/tmp/x"));
	assert_false(file("build/*", "build/a/b"));
	assert_false(file("*tmp", "a/tmp/b"));
}

static void a_slash_in_front_means_the_whole_name(void **unused)
{
	(void)unused;
	assert_true(file("/cache", "cache"));
	assert_true(file("/a/*", "a/b"));
	assert_false(file("/cache", "a/cache"));
	assert_false(file("/a/*", "a/b/c"));
	assert_false(file("/", "a"));
}

static void a_slash_at_the_end_means_a_folder(void **unused)
{
	(void)unused;
	assert_true(folder("cache/", "a/cache"));
	assert_true(folder("/cache/", "cache"));
	assert_true(folder("cache", "cache"));
	assert_false(file("cache/", "a/cache"));
	assert_false(folder("/cache/", "a/cache"));
}

static void the_source_itself_stays(void **unused)
{
	(void)unused;
	assert_false(folder("*", ""));
	assert_false(file("", ""));
	assert_false(file("", "a"));
	assert_false(folder("/", ""));
}

static void any_of_several_is_enough(void **unused)
{
	static const char *const patterns[] = {"*.o", "/b"};
	const struct copy_exclude exclude = {patterns, 2}, none = {NULL, 0};

	(void)unused;
	assert_true(copy_excludes(&exclude, "a.o", false));
	assert_true(copy_excludes(&exclude, "b", false));
	assert_false(copy_excludes(&exclude, "c", false));
	assert_false(copy_excludes(&none, "c", false));
}

static void a_pattern_that_is_too_long_means_nothing(void **unused)
{
	char pattern[COPY_EXCLUDE_MAX + 2u];

	(void)unused;
	memset(pattern, '*', sizeof pattern);
	pattern[COPY_EXCLUDE_MAX + 1u] = '\0';
	assert_false(file(pattern, "a"));
	pattern[COPY_EXCLUDE_MAX] = '\0';
	assert_true(file(pattern, "a"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_part_is_compared_at_any_depth),
		cmocka_unit_test(several_parts_are_the_last_ones),
		cmocka_unit_test(a_slash_in_front_means_the_whole_name),
		cmocka_unit_test(a_slash_at_the_end_means_a_folder),
		cmocka_unit_test(the_source_itself_stays),
		cmocka_unit_test(any_of_several_is_enough),
		cmocka_unit_test(a_pattern_that_is_too_long_means_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
