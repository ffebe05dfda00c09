/* slc_request_forward: what slc may be asked to connect to, and where to listen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/slc_request.h"

static uint32_t check_target(const char *target)
{
	begin();
	field_put_text(&writer, SLC_TARGET, target);
	return check(SLC_FORWARD);
}

static void a_forward_has_one_target(void **unused)
{
	static const char *const good[] = {"tcp:127.0.0.1:80", "tcp:h:1", "tcp:[::1]:65535",
		"unix:/a", "unix:@a", "vsock:3:1"};
	static const char *const bad[] = {"", "tcp:127.0.0.1:0", "tcp:h", "unix:a",
		"unix:", "hybrid:/a:1", "vsock:3:0", "tcp:h:80 ", "udp:h:80"};
	struct address address;

	(void)unused;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		assert_int_equal(check_target(good[i]), SLC_REASON_NONE);
		assert_int_equal(request_target(&address, row, writer.used), 0);
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		assert_int_equal(check_target(bad[i]), SLC_REASON_REQUEST);
		assert_int_equal(request_target(&address, row, writer.used), -1);
	}
	(void)check_target("tcp:h:80");
	field_put_text(&writer, SLC_TARGET, "tcp:h:81");
	assert_int_equal(check(SLC_FORWARD), SLC_REASON_REQUEST);
	begin();
	assert_int_equal(check(SLC_FORWARD), SLC_REASON_REQUEST);
	assert_int_equal(request_target(&address, row, writer.used), -1);
}

static uint32_t check_place(const char *place)
{
	begin();
	field_put_text(&writer, SLC_PLACE, place);
	return check(SLC_LISTEN);
}

static void a_listen_has_one_place(void **unused)
{
	static const char *const good[] = {"tcp:127.0.0.1:0", "tcp:0.0.0.0:80", "tcp:[::1]:65535",
		"unix:/a", "unix:@a", "vsock:any:1"};
	static const char *const bad[] = {
		"", "tcp:h:1", "tcp:127.1:1", "unix:a", "unix:", "hybrid:/a:1", "tcp:127.0.0.1"};
	struct address address;

	(void)unused;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		assert_int_equal(check_place(good[i]), SLC_REASON_NONE);
		assert_int_equal(request_place(&address, row, writer.used), 0);
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		assert_int_equal(check_place(bad[i]), SLC_REASON_REQUEST);
		assert_int_equal(request_place(&address, row, writer.used), -1);
	}
	begin();
	field_put_text(&writer, SLC_TARGET, "tcp:127.0.0.1:80");
	assert_int_equal(check(SLC_LISTEN), SLC_REASON_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_forward_has_one_target),
		cmocka_unit_test(a_listen_has_one_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
