/* init_notify_text: what datagrams say, cut anywhere, and what they can't. */
#include "services/init/notify_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct notify_said text;

/* From memory of just this size, so that a read behind it is seen. */
static void take(const char *bytes, size_t size)
{
	char *copy = malloc(size + 1u);

	assert_non_null(copy);
	memcpy(copy + 1, bytes, size);
	notify_text_read(&text, copy + 1, size);
	free(copy);
}

static void says(const char *bytes)
{
	take(bytes, strlen(bytes));
}

static void all_that_is_known_is_read(void **unused)
{
	(void)unused;
	says("READY=1\nSTOPPING=1\nWATCHDOG=1\nMAINPID=7\nSTATUS=all is well");
	assert_true(text.is_ready && text.is_stopping && text.is_alive && text.has_status);
	assert_false(text.is_unwell);
	assert_string_equal(text.status, "all is well");
	says("WATCHDOG=trigger\n");
	assert_true(text.is_unwell && !text.is_alive && !text.has_status);
}

static void what_is_not_whole_says_nothing(void **unused)
{
	static const char *const nothing[] = {"", "\n\n\n", "READY", "READY=", "READY=0",
		"READY=11", " READY=1", "READY=1 ", "XREADY=1", "ready=1", "STATUS",
		"WATCHDOG=", "READY=1\r\n"};
	static const char whole[] = "READY=1";
	static const struct notify_said none;

	(void)unused;
	for (size_t i = 0; i < sizeof nothing / sizeof nothing[0]; i++) {
		says(nothing[i]);
		assert_memory_equal(&text, &none, sizeof none);
	}
	for (size_t size = 0; size < strlen(whole); size++) {
		take(whole, size);
		assert_false(text.is_ready);
	}
	take("READY=1\0", sizeof "READY=1");
	assert_false(text.is_ready);
}

static void a_status_is_cut_and_printable(void **unused)
{
	char bytes[NOTIFY_TEXT_MAX + 1u];

	(void)unused;
	says("STATUS=a\x1b[31m\xff\tb\nSTATUS=");
	assert_true(text.has_status);
	assert_string_equal(text.status, "");
	says("STATUS=a\x1b[31m\xff\tb");
	assert_string_equal(text.status, "a?[31m??b");
	memset(bytes, 'x', sizeof bytes);
	memcpy(bytes, "STATUS=", strlen("STATUS="));
	take(bytes, NOTIFY_TEXT_MAX);
	assert_int_equal(strlen(text.status), NOTIFY_STATUS_MAX - 1u);
}

static void too_much_says_nothing(void **unused)
{
	char bytes[NOTIFY_TEXT_MAX + 1u];

	(void)unused;
	memset(bytes, '\n', sizeof bytes);
	memcpy(bytes, "READY=1", strlen("READY=1"));
	take(bytes, sizeof bytes);
	assert_false(text.is_ready);
	take(bytes, sizeof bytes - 1u);
	assert_true(text.is_ready);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_that_is_known_is_read),
		cmocka_unit_test(what_is_not_whole_says_nothing),
		cmocka_unit_test(a_status_is_cut_and_printable),
		cmocka_unit_test(too_much_says_nothing),
	};

	return cmocka_run_group_tests_name("init_notify_text", tests, NULL, NULL);
}
