/* init_account: lines of /etc/passwd and /etc/group, those that are none, and those without end. */
#include "services/init/account.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char path[] = "/tmp/account-XXXXXX"; /* mkstemp writes here */
static struct account found;

static bool look(const char *text, const char *name, uint32_t id)
{
	FILE *file;
	bool is_there;

	memcpy(path + strlen("/tmp/account-"), "XXXXXX", 6);
	file = fdopen(mkstemp(path), "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	memset(&found, 0xff, sizeof found);
	is_there = account_find(path, name, id, &found);
	(void)unlink(path);
	return is_there;
}

static const char users[] = "root:x:0:0:root:/root:/bin/sh\n\n# remark\nweb:x:33:34::/srv:/bin/sh\n"
			    ":x:5:5\nbad:x:-1:7\nweb:x:99:99::/:/\nlast:x:1000:1001";

static void users_are_found(void **unused)
{
	(void)unused;
	assert_true(look(users, "root", 0));
	assert_true(found.id == 0 && found.group == 0);
	assert_true(look(users, "web", 0));
	assert_true(found.id == 33 && found.group == 34);
	assert_true(look(users, NULL, 1000));
	assert_true(found.id == 1000 && found.group == 1001);
	assert_true(look("one:x:7", "one", 0));
	assert_true(found.id == 7 && found.group == UINT32_MAX);
}

static void groups_are_found(void **unused)
{
	(void)unused;
	assert_true(look("root:x:0:\nweb:x:33:a,b\n", "web", 0));
	assert_true(found.id == 33 && found.group == UINT32_MAX);
}

static void what_is_none_is_passed_over(void **unused)
{
	(void)unused;
	assert_false(look(users, "we", 0));
	assert_false(look(users, "webs", 0));
	assert_false(look(users, "bad", 0));
	assert_false(look(users, "", 0));
	assert_false(look(users, NULL, 5));
	assert_false(look(users, "# remark", 0));
	assert_false(look("", "root", 0));
	assert_false(look("web", "web", 0));
	assert_false(look("web:x:4294967295:1\n", "web", 0));
	assert_false(look("web:x:99999999999:1\n", "web", 0));
	assert_false(account_find("/no/such/file", "root", 0, &found));
	assert_false(account_find("/", "root", 0, &found));
}

/* Lines of any length, so that what was read of the file ends anywhere in the next one. */
static void lines_are_as_long_as_they_like(void **unused)
{
	static char text[4096];

	(void)unused;
	for (size_t size = 400; size < 1100; size++) {
		static const char line[] = "long:x:1:1:";

		memset(text, 'x', size);
		memcpy(text, line, sizeof line - 1u);
		(void)snprintf(text + size, 64, "\nnext:x:2:3:\n");
		assert_true(look(text, "long", 0));
		assert_true(found.id == 1 && found.group == 1);
		assert_true(look(text, "next", 0));
		assert_true(found.id == 2 && found.group == 3);
	}
}

static void numbers_are_checked(void **unused)
{
	static const char *const none[] = {"", "-1", "+1", " 1", "1 ", "0x1", "4294967295",
		"4294967296", "18446744073709551617"};
	uint32_t number = 0;

	(void)unused;
	assert_true(account_number("4294967294", &number) && number == 4294967294u);
	assert_true(account_number("007", &number) && number == 7);
	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
		assert_false(account_number(none[i], &number));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(users_are_found),
		cmocka_unit_test(groups_are_found),
		cmocka_unit_test(what_is_none_is_passed_over),
		cmocka_unit_test(lines_are_as_long_as_they_like),
		cmocka_unit_test(numbers_are_checked),
	};

	return cmocka_run_group_tests_name("init_account", tests, NULL, NULL);
}
