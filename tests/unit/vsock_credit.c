/* vsock_credit: windows that are kept, and a guest that lies about them. */
#include "host/vsockd/vsock_credit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void what_is_sent_is_within_what_the_guest_grants(void **unused)
{
	struct vsock_credit credit;

	(void)unused;
	vsock_credit_init(&credit, 1000);
	assert_int_equal(vsock_credit_room(&credit), 0);
	vsock_credit_heard(&credit, 100, 0);
	assert_int_equal(vsock_credit_room(&credit), 100);
	vsock_credit_sent(&credit, 60);
	assert_int_equal(vsock_credit_room(&credit), 40);
	vsock_credit_heard(&credit, 100, 60);
	assert_int_equal(vsock_credit_room(&credit), 100);
}

static void a_forged_count_gives_nothing(void **unused)
{
	struct vsock_credit credit;

	(void)unused;
	vsock_credit_init(&credit, 1000);
	vsock_credit_heard(&credit, 100, 0);
	vsock_credit_sent(&credit, 60);
	vsock_credit_heard(&credit, 100, 61); /* never sent */
	assert_int_equal(vsock_credit_room(&credit), 40);
	vsock_credit_heard(&credit, 100, UINT32_MAX);
	assert_int_equal(vsock_credit_room(&credit), 40);
	vsock_credit_heard(&credit, 100, 50);
	assert_int_equal(vsock_credit_room(&credit), 90);
	vsock_credit_heard(&credit, 100, 10); /* taken back, or overtaken on its way */
	assert_int_equal(vsock_credit_room(&credit), 90);
}

static void a_window_that_shrinks_does_not_run_below_0(void **unused)
{
	struct vsock_credit credit;

	(void)unused;
	vsock_credit_init(&credit, 1000);
	vsock_credit_heard(&credit, 100, 0);
	vsock_credit_sent(&credit, 60);
	vsock_credit_heard(&credit, 10, 0);
	assert_int_equal(vsock_credit_room(&credit), 0);
	vsock_credit_heard(&credit, 0, 60);
	assert_int_equal(vsock_credit_room(&credit), 0);
	vsock_credit_heard(&credit, UINT32_MAX, 60);
	assert_int_equal(vsock_credit_room(&credit), UINT32_MAX);
}

static void counters_run_around(void **unused)
{
	struct vsock_credit credit;
	uint32_t fwd_cnt = 0;

	(void)unused;
	vsock_credit_init(&credit, 1u << 30);
	for (int i = 0; i < 10; i++) {
		vsock_credit_heard(&credit, 1u << 30, fwd_cnt);
		assert_int_equal(vsock_credit_room(&credit), 1u << 30);
		vsock_credit_sent(&credit, 1u << 30);
		fwd_cnt += 1u << 30;
		assert_true(vsock_credit_received(&credit, 1u << 30));
		vsock_credit_consumed(&credit, 1u << 30);
		assert_true(vsock_credit_due(&credit));
		assert_int_equal(vsock_credit_tell(&credit), fwd_cnt);
	}
}

static void a_guest_that_sends_too_much_is_caught(void **unused)
{
	struct vsock_credit credit;

	(void)unused;
	vsock_credit_init(&credit, 100);
	assert_true(vsock_credit_received(&credit, 100));
	assert_false(vsock_credit_received(&credit, 1));
	assert_false(vsock_credit_received(&credit, UINT32_MAX));
	vsock_credit_consumed(&credit, 100);
	assert_false(vsock_credit_received(&credit, 1)); /* it was not told yet */
	assert_true(vsock_credit_due(&credit));
	assert_int_equal(vsock_credit_tell(&credit), 100);
	assert_true(vsock_credit_received(&credit, 100));
}

static void the_guest_is_told_at_a_quarter(void **unused)
{
	struct vsock_credit credit;

	(void)unused;
	vsock_credit_init(&credit, 100);
	assert_true(vsock_credit_received(&credit, 50));
	vsock_credit_consumed(&credit, 24);
	assert_false(vsock_credit_due(&credit));
	vsock_credit_consumed(&credit, 1);
	assert_true(vsock_credit_due(&credit));
	(void)vsock_credit_tell(&credit);
	assert_false(vsock_credit_due(&credit));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_sent_is_within_what_the_guest_grants),
		cmocka_unit_test(a_forged_count_gives_nothing),
		cmocka_unit_test(a_window_that_shrinks_does_not_run_below_0),
		cmocka_unit_test(counters_run_around),
		cmocka_unit_test(a_guest_that_sends_too_much_is_caught),
		cmocka_unit_test(the_guest_is_told_at_a_quarter),
	};

	return cmocka_run_group_tests_name("vsock_credit", tests, NULL, NULL);
}
