/* log_line: both forms of a line against what a JSON reader makes of it, and cutting at every
 * length. */
#include "runtime/kernel/log_line.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* 2024-02-29T23:59:59.000042Z */
#define LEAP_DAY INT64_C(1709251199000042999)

static char line[LOG_LINE_MAX + 1];

/* Makes a line in a buffer of exactly the size it may have. */
static size_t make(enum log_form form, const struct log_record *record)
{
	char *exact = malloc(LOG_LINE_MAX);
	size_t size;

	assert_non_null(exact);
	size = log_line(exact, form, record);
	assert_in_range(size, 1, LOG_LINE_MAX);
	memcpy(line, exact, size);
	line[size] = '\0';
	free(exact);
	assert_int_equal(line[size - 1], '\n');
	assert_ptr_equal(strchr(line, '\n'), line + size - 1);
	return size;
}

static json_t *parse(void)
{
	json_error_t error;
	json_t *root = json_loads(line, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);

	if (root == NULL)
		fail_msg("%s in %s", error.text, line);
	return root;
}

static const char *string_of(json_t *root, const char *key)
{
	return json_string_value(json_object_get(root, key));
}

static void both_forms_say_the_same(void **unused)
{
	const struct log_field fields[] = {log_string("peer", "vsock:3:5\n"), log_number("n", -7),
		log_boolean("up", true), log_text("part", "abcdef", 3), log_string("none", NULL)};
	struct log_record record = {.time = LEAP_DAY,
		.level = LOG_WARNING,
		.program = "slc",
		.message = "it \"is\"",
		.dropped = 2,
		.fields = fields,
		.count = 5};

	(void)unused;
	make(LOG_JSON, &record);
	assert_string_equal(line,
		"{\"time\":\"2024-02-29T23:59:59.000042Z\",\"level\":\"warning\","
		"\"program\":\"slc\",\"message\":\"it \\\"is\\\"\",\"dropped\":2,"
		"\"peer\":\"vsock:3:5\\u000a\",\"n\":-7,\"up\":true,\"part\":\"abc\","
		"\"none\":\"\"}\n");
	make(LOG_PLAIN, &record);
	assert_string_equal(line,
		"2024-02-29T23:59:59.000042Z warning slc: it \\\"is\\\" dropped=2 "
		"peer=\"vsock:3:5\\u000a\" n=-7 up=true part=\"abc\" none=\"\"\n");
}

static void assert_time(int64_t time, const char *text)
{
	struct log_record record = {.time = time, .program = "", .message = ""};

	make(LOG_PLAIN, &record);
	assert_memory_equal(line, text, strlen(text));
}

static void times_are_dates(void **unused)
{
	(void)unused;
	assert_time(0, "1970-01-01T00:00:00.000000Z ");
	assert_time(-1, "1970-01-01T00:00:00.000000Z ");
	assert_time(INT64_C(951782400) * 1000000000, "2000-02-29T00:00:00.000000Z ");
	assert_time(INT64_C(951868800) * 1000000000, "2000-03-01T00:00:00.000000Z ");
	assert_time(INT64_C(1735689599) * 1000000000, "2024-12-31T23:59:59.000000Z ");
	assert_time(INT64_C(4107542400) * 1000000000, "2100-03-01T00:00:00.000000Z ");
	assert_time(INT64_MAX, "2262-04-11T23:47:16.854775Z ");
}

static void assert_read_back(const char *text, size_t size, const char *wanted)
{
	const struct log_field field = log_text("key", text, size);
	struct log_record record = {.program = "p", .message = "m", .fields = &field, .count = 1};
	json_t *root;

	make(LOG_JSON, &record);
	root = parse();
	assert_string_equal(string_of(root, "key"), wanted);
	json_decref(root);
}

#define READ_BACK(TEXT, WANTED) assert_read_back(TEXT, sizeof TEXT - 1, WANTED)

static void what_is_not_utf8_is_replaced(void **unused)
{
	(void)unused;
	READ_BACK("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
	READ_BACK("a\xff"
		  "b",
		"a\xef\xbf\xbd"
		"b");
	READ_BACK("\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd");
	READ_BACK("\xe2\x82z\xc3\xa9", "\xef\xbf\xbd\xef\xbf\xbdz\xc3\xa9");
	READ_BACK("\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd");
	READ_BACK("\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	READ_BACK("\xf0\x9f\x98", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	READ_BACK("\xc3\xc3\xa9", "\xef\xbf\xbd\xc3\xa9");
	READ_BACK("", "");
}

static void nothing_drives_a_terminal(void **unused)
{
	static const char bad[] = "\x1b[31m\r\n\t\x7f\xc2\x9b"
				  "31m\x07\xff";
	const struct log_field field = log_text("key", bad, sizeof bad - 1);
	struct log_record record = {.program = bad, .message = bad, .fields = &field, .count = 1};

	(void)unused;
	for (enum log_form form = LOG_JSON; form <= LOG_PLAIN; form++) {
		size_t size = make(form, &record);

		for (size_t i = 0; i + 1 < size; i++) {
			assert_true((unsigned char)line[i] >= 0x20 && line[i] != 0x7f);
			assert_false(line[i] == '\xc2' && (unsigned char)line[i + 1] < 0xa0);
		}
		assert_non_null(strstr(line, "\\u001b[31m\\u000d\\u000a\\u0009\\u007f\\u009b31m"));
	}
}

/* Lengths around the limit, for strings of one to six bytes a character in the line. */
static void a_long_line_is_cut_and_closed(void **unused)
{
	static const char *const pieces[] = {"x", "\xc3\xa9", "\xe2\x82\xac", "\n", "\xff", "\""};
	static char text[LOG_LINE_MAX * 3 + 8];

	(void)unused;
	for (size_t p = 0; p < sizeof pieces / sizeof *pieces; p++)
		for (size_t n = 0; n <= LOG_LINE_MAX; n += n < 500 || n > 3900 ? 1 : 97) {
			size_t size = n * strlen(pieces[p]);
			const struct log_field fields[] = {log_text("key", text, size),
				log_number("number", 123456), log_string("last", "end")};
			struct log_record record = {.time = LEAP_DAY,
				.program = "p",
				.message = n % 2 ? "m" : "",
				.fields = fields,
				.count = 3};
			json_t *root;

			for (size_t i = 0; i < n; i++)
				memcpy(text + i * strlen(pieces[p]), pieces[p], strlen(pieces[p]));
			make(LOG_PLAIN, &record);
			make(LOG_JSON, &record);
			root = parse();
			assert_true(json_is_true(json_object_get(root, "cut")) !=
				    (string_of(root, "last") != NULL));
			json_decref(root);
		}
}

static void a_long_message_leaves_room_for_nothing(void **unused)
{
	static char message[9000];
	const struct log_field field = log_number("number", 1);
	struct log_record record = {.fields = &field, .count = 1};
	json_t *root;

	(void)unused;
	memset(message, 'm', sizeof message - 1);
	for (int which = 0; which < 2; which++) {
		record.program = which ? message : "p";
		record.message = message;
		make(LOG_PLAIN, &record);
		make(LOG_JSON, &record);
		root = parse();
		assert_true(json_is_true(json_object_get(root, "cut")));
		assert_null(json_object_get(root, "number"));
		json_decref(root);
	}
}

static void any_bytes_make_a_line(void **unused)
{
	unsigned seed = 7;
	uint8_t bytes[200];

	(void)unused;
	for (int round = 0; round < 3000; round++) {
		size_t n = (size_t)rand_r(&seed) % sizeof bytes;
		const struct log_field field = log_text("key", bytes, n);
		struct log_record record = {
			.program = "p", .message = "m", .fields = &field, .count = 1};

		for (size_t i = 0; i < n; i++)
			bytes[i] = (uint8_t)(rand_r(&seed) >> 7);
		make(LOG_PLAIN, &record);
		make(LOG_JSON, &record);
		json_decref(parse());
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_forms_say_the_same),
		cmocka_unit_test(times_are_dates),
		cmocka_unit_test(what_is_not_utf8_is_replaced),
		cmocka_unit_test(nothing_drives_a_terminal),
		cmocka_unit_test(a_long_line_is_cut_and_closed),
		cmocka_unit_test(a_long_message_leaves_room_for_nothing),
		cmocka_unit_test(any_bytes_make_a_line),
	};

	return cmocka_run_group_tests_name("log_line", tests, NULL, NULL);
}
