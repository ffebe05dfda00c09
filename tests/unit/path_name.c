/* path_name: path_member_ok against the same rule said the other way round, over all short names of
 * the bytes that matter, and at the edges of lengths. */
#include "runtime/kernel/path_name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Whether the parts of a name, taken off one by one from its front, are all allowed. */
static bool peer_ok(const char *name, size_t n)
{
	const char *slash;
	size_t part;

	if (n == 0 || n > 4095 || memchr(name, 0, n) != NULL)
		return false;
	slash = memchr(name, '/', n);
	part = slash != NULL ? (size_t)(slash - name) : n;
	if (part == 0 || part > 255 || (part == 1 && memcmp(name, ".", 1) == 0) ||
		(part == 2 && memcmp(name, "..", 2) == 0))
		return false;
	return slash == NULL || peer_ok(slash + 1, n - part - 1);
}

static void short_names_are_all_right_or_wrong_as_they_should_be(void **unused)
{
	static const char bytes[] = {'/', '.', 'a', '\0', '\xff'};
	unsigned accepted = 0;
	char name[7];

	(void)unused;
	for (size_t n = 0, count = 1; n <= sizeof name; n++, count *= sizeof bytes)
		for (size_t number = 0; number < count; number++) {
			for (size_t i = 0, rest = number; i < n; i++, rest /= sizeof bytes)
				name[i] = bytes[rest % sizeof bytes];
			assert_int_equal(path_member_ok(name, n), peer_ok(name, n));
			accepted += path_member_ok(name, n);
		}
	assert_true(accepted > 1000);
}

static void lengths_are_exact(void **unused)
{
	static char name[4097];

	(void)unused;
	memset(name, 'x', sizeof name);
	assert_true(path_member_ok(name, 255));
	assert_false(path_member_ok(name, 256));
	for (size_t i = 1; i < sizeof name; i += 2)
		name[i] = '/';
	assert_true(path_member_ok(name, 4095));
	name[4095] = 'x';
	assert_false(path_member_ok(name, 4096));
	assert_false(path_member_ok(name, 0));
	assert_false(path_member_ok(name, SIZE_MAX));
	memset(name, 'x', sizeof name);
	name[256] = '/';
	assert_false(path_member_ok(name, 300));
	name[255] = '/';
	name[256] = 'x';
	assert_true(path_member_ok(name, 300));
	assert_false(path_member_ok(name, 600));
}

static void names_that_only_look_dangerous_are_allowed(void **unused)
{
	static const char *const allowed[] = {"...", "..a", "a..", ".a", "a/...", "a/..b/c", "-rf",
		"\n", "\\..\\", "C:", "%2e%2e", "~"};

	(void)unused;
	for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
		assert_true(path_member_ok(allowed[i], strlen(allowed[i])));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(short_names_are_all_right_or_wrong_as_they_should_be),
		cmocka_unit_test(lengths_are_exact),
		cmocka_unit_test(names_that_only_look_dangerous_are_allowed),
	};

	return cmocka_run_group_tests_name("path_name", tests, NULL, NULL);
}
