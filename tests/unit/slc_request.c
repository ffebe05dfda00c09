/* slc_request: what clients may ask slc for, and what it refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "services/slc/command.h"
#include "tests/lib/slc_request.h"

static struct command arguments; /* too large for a stack */

static void a_command_has_its_arguments(void **unused)
{
	(void)unused;
	begin();
	field_put_text(&writer, SLC_ARGUMENT, "sh");
	field_put_text(&writer, SLC_ARGUMENT, "");
	field_put_text(&writer, 40000, "of later");
	field_put_text(&writer, SLC_ARGUMENT, "-c \xff");
	assert_int_equal(check(SLC_EXEC), SLC_REASON_NONE);
	assert_int_equal(command_read(&arguments, row, writer.used), 0);
	assert_string_equal(arguments.arguments[0], "sh");
	assert_string_equal(arguments.arguments[1], "");
	assert_string_equal(arguments.arguments[2], "-c \xff");
	assert_null(arguments.arguments[3]);
}

static void as_many_arguments_as_fit(void **unused)
{
	unsigned count = 0;

	(void)unused;
	begin();
	field_put_text(&writer, SLC_ARGUMENT, "x");
	for (; writer.used + SLC_FIELD_SIZE <= REQUEST_SIZE_MAX; count++)
		field_put_text(&writer, SLC_ARGUMENT, "");
	assert_int_equal(check(SLC_EXEC), SLC_REASON_NONE);
	assert_int_equal(command_read(&arguments, row, writer.used), 0);
	assert_string_equal(arguments.arguments[count], "");
	assert_null(arguments.arguments[count + 1]);
	begin();
	memset(row, 'x', sizeof row);
	field_put_header(&writer, SLC_ARGUMENT, REQUEST_SIZE_MAX - SLC_FIELD_SIZE);
	writer.used = REQUEST_SIZE_MAX;
	assert_int_equal(check(SLC_EXEC), SLC_REASON_NONE);
	assert_int_equal(command_read(&arguments, row, writer.used), 0);
	assert_int_equal(strlen(arguments.arguments[0]), REQUEST_SIZE_MAX - SLC_FIELD_SIZE);
	writer.used = REQUEST_SIZE_MAX + 1;
	assert_int_equal(check(SLC_EXEC), SLC_REASON_LIMIT);
}

static void bad_commands_are_refused(void **unused)
{
	(void)unused;
	begin();
	assert_int_equal(check(SLC_EXEC), SLC_REASON_REQUEST);
	field_put_text(&writer, SLC_ARGUMENT, "");
	field_put_text(&writer, SLC_ARGUMENT, "x");
	assert_int_equal(check(SLC_EXEC), SLC_REASON_REQUEST);
	begin();
	field_put(&writer, SLC_ARGUMENT, "a\0b", 3);
	assert_int_equal(check(SLC_EXEC), SLC_REASON_REQUEST);
	for (uint32_t tag = 0; tag < SLC_TAG_SKIPPED; tag++) {
		begin();
		field_put_text(&writer, SLC_ARGUMENT, "true");
		field_put_text(&writer, tag, "x");
		if (SLC_ARGUMENT <= tag && tag <= SLC_OUTPUT_LIMIT)
			continue;
		assert_int_equal(check(SLC_EXEC), SLC_REASON_UNKNOWN);
	}
}

static void no_truncated_request_is_whole(void **unused)
{
	size_t whole;

	(void)unused;
	begin();
	field_put_text(&writer, SLC_ARGUMENT, "sh");
	field_put_text(&writer, SLC_ARGUMENT, "-c");
	whole = writer.used;
	for (writer.used = 0; writer.used < whole; writer.used++)
		assert_int_equal(check(SLC_EXEC),
			writer.used == whole / 2 ? SLC_REASON_NONE : SLC_REASON_REQUEST);
}

static void copies_name_a_path(void **unused)
{
	static const uint32_t types[] = {SLC_PUT, SLC_GET};
	static char path[REQUEST_PATH_MAX + 2];
	struct request_path found;

	(void)unused;
	for (size_t i = 0; i < 2; i++) {
		begin();
		assert_int_equal(check(types[i]), SLC_REASON_REQUEST);
		field_put_text(&writer, SLC_PATH, "/a b");
		assert_int_equal(check(types[i]), SLC_REASON_NONE);
		field_put_number(&writer, SLC_OPTIONS, SLC_COPY_INTO);
		assert_int_equal(check(types[i]), SLC_REASON_NONE);
		assert_int_equal(request_path(&found, row, writer.used), 0);
		assert_string_equal(found.name, "/a b");
		assert_int_equal(found.options, SLC_COPY_INTO);
		field_put_text(&writer, SLC_PATH, "twice");
		assert_int_equal(check(types[i]), SLC_REASON_REQUEST);
		begin();
		field_put_text(&writer, SLC_PATH, "");
		assert_int_equal(check(types[i]), SLC_REASON_REQUEST);
		begin();
		memset(path, 'p', REQUEST_PATH_MAX);
		path[REQUEST_PATH_MAX] = '\0';
		field_put_text(&writer, SLC_PATH, path);
		assert_int_equal(check(types[i]), SLC_REASON_NONE);
		assert_int_equal(request_path(&found, row, writer.used), 0);
		begin();
		path[REQUEST_PATH_MAX] = 'p';
		field_put_text(&writer, SLC_PATH, path);
		path[REQUEST_PATH_MAX] = '\0';
		assert_int_equal(check(types[i]), SLC_REASON_REQUEST);
		begin();
		field_put_text(&writer, SLC_PATH, "p");
		field_put_number(&writer, SLC_OPTIONS, 32);
		assert_int_equal(check(types[i]), SLC_REASON_REQUEST);
		begin();
		field_put_text(&writer, SLC_PATH, "p");
		field_put_text(&writer, SLC_ARGUMENT, "x");
		assert_int_equal(check(types[i]), SLC_REASON_UNKNOWN);
	}
}

static uint32_t check_share(uint32_t type, const char *bytes, size_t size)
{
	begin();
	field_put_text(&writer, SLC_PATH, "p");
	field_put(&writer, SLC_SHARE, bytes, size);
	return check(type);
}

static void a_copy_may_be_shared(void **unused)
{
	static const uint32_t types[] = {SLC_PUT, SLC_GET};
	static struct request_path found;

	(void)unused;
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(check_share(types[i], "\0\0\0\0\0\0\0\2", 8), SLC_REASON_NONE);
		assert_int_equal(check_share(types[i], "\0\0\0\7\0\0\0\10", 8), SLC_REASON_NONE);
		assert_int_equal(request_path(&found, row, writer.used), 0);
		assert_int_equal(found.share.index, 7);
		assert_int_equal(found.share.count, 8);
		assert_int_equal(check_share(types[i], "\0\0\0\2\0\0\0\2", 8), SLC_REASON_REQUEST);
		assert_int_equal(check_share(types[i], "\0\0\0\0\0\0\0\1", 8), SLC_REASON_REQUEST);
		assert_int_equal(check_share(types[i], "\0\0\0\0\0\0\0\0", 8), SLC_REASON_REQUEST);
		assert_int_equal(check_share(types[i], "\0\0\0\0\0\0\0\11", 8), SLC_REASON_REQUEST);
		assert_int_equal(
			check_share(types[i], "\377\0\0\0\0\0\0\2", 8), SLC_REASON_REQUEST);
		assert_int_equal(check_share(types[i], "\0\0\0\0", 4), SLC_REASON_REQUEST);
	}
	assert_int_equal(check_share(SLC_EXEC, "\0\0\0\0\0\0\0\2", 8), SLC_REASON_UNKNOWN);
}

static void a_get_has_patterns(void **unused)
{
	static struct request_path found;
	char pattern[COPY_EXCLUDE_MAX + 2u];

	(void)unused;
	begin();
	field_put_text(&writer, SLC_PATH, "p");
	for (unsigned i = 0; i < COPY_EXCLUDES_MAX; i++)
		field_put_text(&writer, SLC_EXCLUDE, i == 0 ? "*.o" : "x");
	assert_int_equal(check(SLC_PUT), SLC_REASON_UNKNOWN);
	assert_int_equal(check(SLC_GET), SLC_REASON_NONE);
	assert_int_equal(request_path(&found, row, writer.used), 0);
	assert_int_equal(found.patterns, COPY_EXCLUDES_MAX);
	assert_string_equal(found.pattern[0], "*.o");
	assert_string_equal(found.pattern[COPY_EXCLUDES_MAX - 1], "x");
	field_put_text(&writer, SLC_EXCLUDE, "x");
	assert_int_equal(check(SLC_GET), SLC_REASON_LIMIT);
	assert_int_equal(request_path(&found, row, writer.used), -1);
	memset(pattern, 'x', sizeof pattern);
	for (uint32_t size = 0; size <= COPY_EXCLUDE_MAX + 1u; size++) {
		begin();
		field_put_text(&writer, SLC_PATH, "p");
		field_put(&writer, SLC_EXCLUDE, pattern, size);
		assert_int_equal(check(SLC_GET), size >= 1 && size <= COPY_EXCLUDE_MAX
							 ? SLC_REASON_NONE
							 : SLC_REASON_REQUEST);
	}
	begin();
	field_put_text(&writer, SLC_PATH, "p");
	field_put(&writer, SLC_EXCLUDE, "a\0b", 3);
	assert_int_equal(check(SLC_GET), SLC_REASON_REQUEST);
}

static void documents_have_short_parts(void **unused)
{
	static const uint32_t tags[] = {SLC_NONCE, SLC_USER_DATA, SLC_PUBLIC_KEY};
	static const uint8_t bytes[REQUEST_PUBLIC_KEY_MAX + 1];

	(void)unused;
	begin();
	assert_int_equal(check(SLC_ATTEST), SLC_REASON_NONE);
	for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++) {
		uint32_t most =
			tags[i] == SLC_PUBLIC_KEY ? REQUEST_PUBLIC_KEY_MAX : REQUEST_NONCE_MAX;

		begin();
		field_put(&writer, tags[i], bytes, most);
		assert_int_equal(check(SLC_ATTEST), SLC_REASON_NONE);
		field_put(&writer, tags[i], bytes, 0);
		assert_int_equal(check(SLC_ATTEST), SLC_REASON_REQUEST);
		begin();
		field_put(&writer, tags[i], bytes, most + 1);
		assert_int_equal(check(SLC_ATTEST), SLC_REASON_REQUEST);
	}
}

static void nobody_has_a_sessions_user_data_signed(void **unused)
{
	(void)unused;
	begin();
	field_put_text(&writer, SLC_USER_DATA, "cloister/slc/doc");
	assert_int_equal(check(SLC_ATTEST), SLC_REASON_REQUEST);
	begin();
	field_put_text(&writer, SLC_USER_DATA, "cloister");
	assert_int_equal(check(SLC_ATTEST), SLC_REASON_NONE);
}

static void the_log_is_asked_for_without_a_word(void **unused)
{
	(void)unused;
	begin();
	assert_int_equal(check(SLC_AUDIT), SLC_REASON_NONE);
	field_put_text(&writer, SLC_PATH, "p");
	assert_int_equal(check(SLC_AUDIT), SLC_REASON_UNKNOWN);
	assert_false(request_enters(SLC_AUDIT));
	assert_false(request_enters(SLC_ATTEST));
	assert_true(request_enters(SLC_EXEC));
	assert_true(request_enters(SLC_FORWARD));
	assert_true(request_enters(SLC_LISTEN));
}

static uint32_t check_verb(const char *verb, uint32_t job, uint32_t number, uint32_t bits)
{
	begin();
	field_put_text(&writer, SLC_VERB, verb);
	if (job != UINT32_MAX)
		field_put_number(&writer, SLC_JOB, job);
	if (number != UINT32_MAX)
		field_put_number(&writer, SLC_JOB_SIGNAL, number);
	if (bits != UINT32_MAX)
		field_put_number(&writer, SLC_JOB_OPTIONS, bits);
	return check(SLC_CONTROL);
}

static void each_verb_has_its_fields(void **unused)
{
	static const uint32_t no = UINT32_MAX;

	(void)unused;
	assert_int_equal(check_verb("ps", no, no, no), SLC_REASON_NONE);
	assert_int_equal(check_verb("logs", 1, no, no), SLC_REASON_NONE);
	assert_int_equal(check_verb("logs", 1, no, REQUEST_FOLLOW), SLC_REASON_NONE);
	assert_int_equal(check_verb("kill", 7, 64, no), SLC_REASON_NONE);
	assert_int_equal(check_verb("wait", 7, no, no), SLC_REASON_NONE);
	assert_int_equal(check_verb("ps", 1, no, no), SLC_REASON_REQUEST);
	assert_int_equal(check_verb("logs", no, no, no), SLC_REASON_REQUEST);
	assert_int_equal(check_verb("logs", 0, no, no), SLC_REASON_REQUEST);
	assert_int_equal(check_verb("logs", 1, no, 2), SLC_REASON_REQUEST);
	assert_int_equal(check_verb("kill", 1, no, no), SLC_REASON_REQUEST);
	assert_int_equal(check_verb("kill", no, 9, no), SLC_REASON_REQUEST);
	assert_int_equal(check_verb("kill", 1, 0, no), SLC_REASON_REQUEST);
	assert_int_equal(check_verb("kill", 1, 65, no), SLC_REASON_REQUEST);
	assert_int_equal(check_verb("wait", 1, no, 1), SLC_REASON_REQUEST);
	assert_int_equal(check_verb("stop", 1, no, no), SLC_REASON_UNKNOWN);
	assert_int_equal(check_verb("", no, no, no), SLC_REASON_REQUEST);
	assert_int_equal(check_verb("a-verb-of-17-byte", no, no, no), SLC_REASON_REQUEST);
	begin();
	assert_int_equal(check(SLC_CONTROL), SLC_REASON_REQUEST);
}

static void other_types_are_unknown(void **unused)
{
	static const uint32_t types[] = {0, 9, UINT32_MAX};

	(void)unused;
	begin();
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		assert_int_equal(check(types[i]), SLC_REASON_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_has_its_arguments),
		cmocka_unit_test(as_many_arguments_as_fit),
		cmocka_unit_test(bad_commands_are_refused),
		cmocka_unit_test(no_truncated_request_is_whole),
		cmocka_unit_test(copies_name_a_path),
		cmocka_unit_test(a_copy_may_be_shared),
		cmocka_unit_test(a_get_has_patterns),
		cmocka_unit_test(documents_have_short_parts),
		cmocka_unit_test(nobody_has_a_sessions_user_data_signed),
		cmocka_unit_test(the_log_is_asked_for_without_a_word),
		cmocka_unit_test(each_verb_has_its_fields),
		cmocka_unit_test(other_types_are_unknown),
	};

	return cmocka_run_group_tests_name("slc_request", tests, NULL, NULL);
}
