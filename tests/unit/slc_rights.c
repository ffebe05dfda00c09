/* slc_rights: what requests become under a key with limits. */
#include "services/slc/rights.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/channel/fields.h"

static struct conf conf; /* all are too large for a stack */
static struct authorized authorized;
static struct rights_request request;
static uint8_t row[REQUEST_SIZE_MAX];
static struct field_writer writer;

static int setup(void **unused)
{
	static const char text[] =
		"[[key]]\nname = \"a\"\n"
		"public = \"MCowBQYDK2VwAyEA+NjGDK/WdMQlCVIoFz7PzcG3v2cijuTvyv6Pb9kos50=\"\n"
		"verbs = [\"exec\", \"put\", \"get\", \"forward\"]\ncommands = [\"/bin/ls *\"]\n"
		"read = [\"/data\"]\nwrite = [\"/\"]\nforward = [\"tcp:h:80\"]\n"
		"listen = [\"tcp:127.0.0.1:0\"]\n"
		"expires = \"1970-01-01T00:01:40Z\"\n"
		"[[key]]\nname = \"b\"\n"
		"public = \"MCowBQYDK2VwAyEAX0N3JxwE/0pccOIN79oAHKeXHZx58TOlrOqYB0QVLwU=\"\n"
		"verbs = [\"exec\"]\ncommands = [\"/bin/true\", \"*\"]\nusers = [\"nobody\"]\n"
		"[[key]]\nname = \"c\"\n"
		"public = \"MCowBQYDK2VwAyEAm4K+NMumELQ25J+4UyxBYp80HNejZjEb/cHSPsqyn7M=\"\n"
		"verbs = [\"attest\"]\n";
	struct fault fault;

	(void)unused;
	return authorized_read(&authorized, &conf, "keys", text, sizeof text - 1, &fault);
}

static void begin(void)
{
	writer = field_writer_of(row, sizeof row);
}

static uint32_t check_key(uint32_t type, unsigned key, int64_t now)
{
	const char *text = NULL;
	uint32_t reason = rights_check(
		&authorized, &authorized.keys[key], now, type, row, writer.used, &request, &text);

	assert_non_null(text);
	assert_int_equal(reason == SLC_REASON_NONE, *text == '\0');
	if (reason == SLC_REASON_NONE)
		assert_int_equal(
			request_check(type, request.fields, request.size, &text), SLC_REASON_NONE);
	return reason;
}

static uint32_t check(uint32_t type, int64_t now)
{
	return check_key(type, 0, now);
}

static uint32_t check_with(uint32_t type, unsigned key)
{
	return check_key(type, key, 0);
}

static void a_command_is_permitted_or_not(void **unused)
{
	(void)unused;
	begin();
	field_put_text(&writer, SLC_ARGUMENT, "/bin/ls");
	field_put_text(&writer, SLC_ARGUMENT, "-l");
	assert_int_equal(check(SLC_EXEC, 99), SLC_REASON_NONE);
	assert_ptr_equal(request.fields, row);
	assert_int_equal(check(SLC_EXEC, 100), SLC_REASON_DENIED);
	assert_int_equal(check(SLC_ATTEST, 99), SLC_REASON_DENIED);
	begin();
	field_put_text(&writer, SLC_ARGUMENT, "/bin/sh");
	assert_int_equal(check(SLC_EXEC, 99), SLC_REASON_DENIED);
	begin();
	assert_int_equal(check(SLC_EXEC, 99), SLC_REASON_DENIED);
}

/* LD_PRELOAD would have another program run, and so would the folder that one begins in. */
static void who_may_run_some_commands_chooses_no_environment(void **unused)
{
	(void)unused;
	begin();
	field_put_text(&writer, SLC_ARGUMENT, "/bin/ls");
	field_put_number(&writer, SLC_TIME, 5);
	assert_int_equal(check(SLC_EXEC, 0), SLC_REASON_NONE);
	field_put_text(&writer, SLC_ENVIRONMENT, "LD_PRELOAD=/tmp/mine.so");
	assert_int_equal(check(SLC_EXEC, 0), SLC_REASON_DENIED);
	assert_int_equal(check_with(SLC_EXEC, 1), SLC_REASON_NONE);
	begin();
	field_put_text(&writer, SLC_ARGUMENT, "/bin/ls");
	field_put_text(&writer, SLC_DIRECTORY, "/tmp");
	assert_int_equal(check(SLC_EXEC, 0), SLC_REASON_DENIED);
	assert_int_equal(check_with(SLC_EXEC, 1), SLC_REASON_NONE);
	field_put_text(&writer, SLC_ENVIRONMENT, "A=1");
	assert_int_equal(check_with(SLC_EXEC, 1), SLC_REASON_NONE);
	begin(); /* a login shell reads the files of its home first */
	field_put_text(&writer, SLC_ARGUMENT, "/bin/ls");
	field_put(&writer, SLC_LOGIN, NULL, 0);
	assert_int_equal(check(SLC_EXEC, 0), SLC_REASON_DENIED);
	assert_int_equal(check_with(SLC_EXEC, 1), SLC_REASON_NONE);
}

static void users_are_those_that_are_listed(void **unused)
{
	(void)unused;
	begin();
	field_put_text(&writer, SLC_ARGUMENT, "/bin/ls");
	field_put_text(&writer, SLC_USER, "nobody");
	assert_int_equal(check(SLC_EXEC, 0), SLC_REASON_DENIED);
	assert_int_equal(check_with(SLC_EXEC, 1), SLC_REASON_NONE);
	begin();
	field_put_text(&writer, SLC_ARGUMENT, "/bin/ls");
	field_put_text(&writer, SLC_USER, "65534");
	assert_int_equal(check_with(SLC_EXEC, 1), SLC_REASON_DENIED);
	begin();
	field_put_text(&writer, SLC_ARGUMENT, "/bin/ls");
	field_put_text(&writer, SLC_USER, "root");
	assert_int_equal(check_with(SLC_EXEC, 1), SLC_REASON_DENIED);
}

/* Of which jobs, is asked for each of them. */
static void who_may_run_commands_may_ask_about_his_own(void **unused)
{
	(void)unused;
	begin();
	field_put_text(&writer, SLC_VERB, "ps");
	assert_int_equal(check_with(SLC_CONTROL, 0), SLC_REASON_NONE);
	assert_int_equal(check_with(SLC_CONTROL, 2), SLC_REASON_DENIED);
	assert_int_equal(check(SLC_CONTROL, 100), SLC_REASON_DENIED);
}

static void a_limited_path_leads_through_no_link(void **unused)
{
	struct request_path path;

	(void)unused;
	begin();
	field_put_text(&writer, SLC_PATH, "/data/x");
	field_put_number(&writer, SLC_OPTIONS, 0);
	assert_int_equal(check(SLC_GET, 0), SLC_REASON_NONE);
	assert_int_equal(request_path(&path, request.fields, request.size), 0);
	assert_true(path.is_plain);
	assert_string_equal(path.name, "/data/x");
	field_put(&writer, SLC_PLAIN, NULL, 0); /* as the client wishes itself */
	assert_int_equal(check(SLC_GET, 0), SLC_REASON_NONE);
	assert_ptr_equal(request.fields, row);
	begin();
	field_put_text(&writer, SLC_PATH, "/data/../x");
	assert_int_equal(check(SLC_GET, 0), SLC_REASON_DENIED);
	assert_int_equal(check(SLC_PUT, 0), SLC_REASON_NONE); /* who may all may in any spelling */
	begin();
	field_put_text(&writer, SLC_PATH, "/any/where");
	assert_int_equal(check(SLC_PUT, 0), SLC_REASON_NONE);
	assert_int_equal(request_path(&path, request.fields, request.size), 0);
	assert_false(path.is_plain);
	assert_int_equal(check(SLC_GET, 0), SLC_REASON_DENIED);
}

/* A digest tells what is in a short file to whoever tries all that may be. */
static void digests_are_for_those_who_may_read(void **unused)
{
	struct request_path path;

	(void)unused;
	begin();
	field_put_text(&writer, SLC_PATH, "/data/x");
	field_put_number(&writer, SLC_OPTIONS, SLC_COPY_COMPARES);
	assert_int_equal(check(SLC_PUT, 0), SLC_REASON_NONE);
	assert_int_equal(request_path(&path, request.fields, request.size), 0);
	assert_true(path.is_plain); /* though what is written alone may lead through links */
	begin();
	field_put_text(&writer, SLC_PATH, "/other/x");
	field_put_number(&writer, SLC_OPTIONS, SLC_COPY_COMPARES);
	assert_int_equal(check(SLC_PUT, 0), SLC_REASON_DENIED);
	begin();
	field_put_text(&writer, SLC_PATH, "/other/x");
	field_put_number(&writer, SLC_OPTIONS, SLC_COPY_KEEPS);
	assert_int_equal(check(SLC_PUT, 0), SLC_REASON_NONE);
}

/* Extended attributes are part of a file: they take no other right, and give none. */
static void attributes_are_the_files(void **unused)
{
	(void)unused;
	begin();
	field_put_text(&writer, SLC_PATH, "/data/x");
	field_put_number(&writer, SLC_OPTIONS, SLC_COPY_ATTRIBUTES);
	assert_int_equal(check(SLC_GET, 0), SLC_REASON_NONE);
	begin();
	field_put_text(&writer, SLC_PATH, "/other/x");
	field_put_number(&writer, SLC_OPTIONS, SLC_COPY_ATTRIBUTES);
	assert_int_equal(check(SLC_GET, 0), SLC_REASON_DENIED);
	assert_int_equal(check(SLC_PUT, 0), SLC_REASON_NONE);
}

static void a_target_is_permitted_or_not(void **unused)
{
	(void)unused;
	begin();
	field_put_text(&writer, SLC_TARGET, "tcp:h:80");
	assert_int_equal(check(SLC_FORWARD, 99), SLC_REASON_NONE);
	assert_int_equal(check(SLC_FORWARD, 100), SLC_REASON_DENIED);
	begin();
	field_put_text(&writer, SLC_TARGET, "tcp:h:81");
	assert_int_equal(check(SLC_FORWARD, 99), SLC_REASON_DENIED);
	begin();
	assert_int_equal(check(SLC_FORWARD, 99), SLC_REASON_DENIED);
}

static void a_place_to_listen_is_permitted_or_not(void **unused)
{
	(void)unused;
	begin();
	field_put_text(&writer, SLC_PLACE, "tcp:127.0.0.1:0");
	assert_int_equal(check(SLC_LISTEN, 99), SLC_REASON_NONE);
	assert_int_equal(check(SLC_LISTEN, 100), SLC_REASON_DENIED);
	begin();
	field_put_text(&writer, SLC_PLACE, "tcp:127.0.0.1:80");
	assert_int_equal(check(SLC_LISTEN, 99), SLC_REASON_DENIED);
	begin(); /* where it may lead is not where it may listen, nor the other way round */
	field_put_text(&writer, SLC_TARGET, "tcp:127.0.0.1:0");
	assert_int_equal(check(SLC_FORWARD, 99), SLC_REASON_DENIED);
	begin();
	assert_int_equal(check(SLC_LISTEN, 99), SLC_REASON_DENIED);
}

static void a_request_that_is_full_can_not_be_limited(void **unused)
{
	(void)unused;
	begin();
	field_put_text(&writer, SLC_PATH, "/data/x");
	field_put_header(&writer, 40000, (uint32_t)(sizeof row - writer.used - SLC_FIELD_SIZE));
	writer.used = sizeof row;
	assert_int_equal(check(SLC_GET, 0), SLC_REASON_DENIED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_is_permitted_or_not),
		cmocka_unit_test(who_may_run_some_commands_chooses_no_environment),
		cmocka_unit_test(users_are_those_that_are_listed),
		cmocka_unit_test(who_may_run_commands_may_ask_about_his_own),
		cmocka_unit_test(a_limited_path_leads_through_no_link),
		cmocka_unit_test(digests_are_for_those_who_may_read),
		cmocka_unit_test(attributes_are_the_files),
		cmocka_unit_test(a_target_is_permitted_or_not),
		cmocka_unit_test(a_place_to_listen_is_permitted_or_not),
		cmocka_unit_test(a_request_that_is_full_can_not_be_limited),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
