/* slc_command: what an exec may say beside its words, and what it is taken for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "services/slc/command.h"
#include "tests/lib/slc_request.h"

static struct command arguments; /* too large for a stack */

static void a_command_says_where_and_as_whom(void **unused)
{
	struct command_terms terms;

	(void)unused;
	begin();
	field_put_text(&writer, SLC_ENVIRONMENT, "A=");
	field_put_text(&writer, SLC_USER, "somebody");
	field_put_text(&writer, SLC_ARGUMENT, "env");
	field_put_text(&writer, SLC_ENVIRONMENT, "B=x=y");
	field_put_text(&writer, SLC_DIRECTORY, "/");
	field_put_number(&writer, SLC_TIME, REQUEST_TIME_MAX);
	field_put_text(&writer, SLC_TERMINAL, "xterm-256color");
	field_put(&writer, SLC_WINDOW_SIZE, "\0\0\0\120\0\0\0\30\0\0\0\0\0\0\377\377", 16);
	field_put(&writer, SLC_LOGIN, NULL, 0);
	assert_int_equal(check(SLC_EXEC), SLC_REASON_NONE);
	assert_int_equal(command_read(&arguments, row, writer.used), 0);
	assert_string_equal(arguments.arguments[0], "env");
	assert_null(arguments.arguments[1]);
	assert_string_equal(arguments.environment[0], "A=");
	assert_string_equal(arguments.environment[1], "B=x=y");
	assert_null(arguments.environment[2]);
	assert_string_equal(arguments.user, "somebody");
	assert_string_equal(arguments.directory, "/");
	command_terms(&terms, row, writer.used);
	assert_int_equal(terms.time, REQUEST_TIME_MAX);
	assert_true(terms.has_terminal);
	assert_string_equal(arguments.terminal, "xterm-256color");
	assert_int_equal(arguments.window[0], 80);
	assert_int_equal(arguments.window[1], 24);
	assert_int_equal(arguments.window[3], 65535);
	assert_true(arguments.is_login);
	field_put_text(&writer, SLC_DIRECTORY, "/");
	assert_int_equal(check(SLC_EXEC), SLC_REASON_REQUEST);
	begin();
	field_put_text(&writer, SLC_ARGUMENT, "env");
	assert_int_equal(command_read(&arguments, row, writer.used), 0);
	assert_null(arguments.user);
	assert_null(arguments.terminal);
	assert_false(arguments.is_login);
	assert_null(arguments.directory);
	assert_null(arguments.environment[0]);
	command_terms(&terms, row, writer.used);
	assert_int_equal(terms.time, 0);
	assert_false(terms.has_terminal);
}

static void terms_have_their_ranges(void **unused)
{
	static const struct {
		uint32_t tag, size;
		const char *value;
	} bad[] = {
		{SLC_ENVIRONMENT, 0, ""},
		{SLC_ENVIRONMENT, 1, "A"},
		{SLC_ENVIRONMENT, 1, "="},
		{SLC_ENVIRONMENT, 2, "=A"},
		{SLC_ENVIRONMENT, 4, "A=\0B"},
		{SLC_DIRECTORY, 0, ""},
		{SLC_DIRECTORY, 3, "tmp"},
		{SLC_DIRECTORY, 3, "/a\0"},
		{SLC_USER, 0, ""},
		{SLC_USER, 65, "uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu"},
		{SLC_USER, 2, "a\0"},
		{SLC_TIME, 4, "\0\0\0\0"},
		{SLC_TIME, 4, "\377\377\377\377"},
		{SLC_TIME, 3, "\0\0\1"},
		{SLC_TERMINAL, 0, ""},
		{SLC_TERMINAL, 3, "a/b"},
		{SLC_TERMINAL, 3, "a\0b"},
		{SLC_TERMINAL, 2, ".a"},
		{SLC_TERMINAL, 65,
			"ttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt"},
		{SLC_WINDOW_SIZE, 4, "\0\0\0\1"},
		{SLC_WINDOW_SIZE, 16, "\0\0\0\1\0\0\0\1\0\0\0\1\0\1\0\0"},
		{SLC_LOGIN, 1, "x"},
		{SLC_DETACHED, 1, "x"},
		{SLC_OUTPUT_LIMIT, 4, "\0\0\0\1"},
		{SLC_OUTPUT_LIMIT, 8, "\0\0\0\0\0\0\0\0"},
	};

	(void)unused;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		begin();
		field_put_text(&writer, SLC_ARGUMENT, "true");
		field_put(&writer, bad[i].tag, bad[i].value, bad[i].size);
		assert_int_equal(check(SLC_EXEC), SLC_REASON_REQUEST);
	}
	begin();
	field_put_text(&writer, SLC_ARGUMENT, "true");
	for (unsigned i = 0; i < REQUEST_VARIABLES_MAX; i++)
		field_put_text(&writer, SLC_ENVIRONMENT, "A=1");
	assert_int_equal(check(SLC_EXEC), SLC_REASON_NONE);
	assert_int_equal(command_read(&arguments, row, writer.used), 0);
	field_put_text(&writer, SLC_ENVIRONMENT, "A=1");
	assert_int_equal(check(SLC_EXEC), SLC_REASON_LIMIT);
}

static void a_detached_command_has_no_terminal(void **unused)
{
	struct command_terms terms;

	(void)unused;
	begin();
	field_put_text(&writer, SLC_ARGUMENT, "true");
	field_put(&writer, SLC_DETACHED, NULL, 0);
	field_put_long(&writer, SLC_OUTPUT_LIMIT, UINT64_MAX);
	assert_int_equal(check(SLC_EXEC), SLC_REASON_NONE);
	command_terms(&terms, row, writer.used);
	assert_true(terms.is_detached);
	assert_true(terms.output == UINT64_MAX);
	field_put_text(&writer, SLC_TERMINAL, "vt100");
	assert_int_equal(check(SLC_EXEC), SLC_REASON_REQUEST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_says_where_and_as_whom),
		cmocka_unit_test(terms_have_their_ranges),
		cmocka_unit_test(a_detached_command_has_no_terminal),
	};

	return cmocka_run_group_tests_name("slc_command", tests, NULL, NULL);
}
