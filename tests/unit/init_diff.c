/* init_diff: every combination of what a unit's change, and what is done about it, go by. */
#include "services/init/diff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void who_is_in_both_may_have_changed(void **unused)
{
	(void)unused;
	for (unsigned i = 0; i < 128; i++) {
		const struct diff_facts facts = {(i & 1) != 0, (i & 2) != 0, (i & 4) != 0,
			(i & 8) != 0, (i & 16) != 0, (i & 32) != 0, (i & 64) != 0};
		bool is_as_before = facts.is_same_file && facts.was_enabled == facts.is_enabled &&
				    facts.was_faulty == facts.is_faulty;

		assert_int_equal(diff_of(&facts), !facts.is_there    ? UNIT_REMOVED
						  : !facts.was_there ? UNIT_ADDED
						  : is_as_before     ? UNIT_UNCHANGED
								     : UNIT_CHANGED);
	}
}

static void who_is_removed_goes_whatever_it_does(void **unused)
{
	(void)unused;
	for (unsigned i = 0; i < 8; i++)
		assert_int_equal(diff_step(UNIT_REMOVED, (i & 1) != 0, (i & 2) != 0, (i & 4) != 0),
			DIFF_REMOVE);
}

static void who_was_removed_may_come_back(void **unused)
{
	(void)unused;
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(
			diff_step(UNIT_ADDED, true, (i & 1) != 0, (i & 2) != 0), DIFF_RETURN);
		assert_int_equal(
			diff_step(UNIT_CHANGED, true, (i & 1) != 0, (i & 2) != 0), DIFF_RETURN);
	}
}

static void a_process_runs_by_one_definition(void **unused)
{
	(void)unused;
	assert_int_equal(diff_step(UNIT_CHANGED, false, true, false), DIFF_WAIT);
	assert_int_equal(diff_step(UNIT_UNCHANGED, false, true, false), DIFF_WAIT);
	assert_int_equal(diff_step(UNIT_UNCHANGED, false, true, true), DIFF_LEAVE);
	assert_int_equal(diff_step(UNIT_CHANGED, false, true, true), DIFF_LEAVE); /* and back */
}

static void who_does_not_run_changes_now(void **unused)
{
	(void)unused;
	for (int is_current = 0; is_current < 2; is_current++) {
		assert_int_equal(
			diff_step(UNIT_UNCHANGED, false, false, is_current != 0), DIFF_LEAVE);
		assert_int_equal(
			diff_step(UNIT_CHANGED, false, false, is_current != 0), DIFF_RENEW);
		assert_int_equal(diff_step(UNIT_ADDED, false, false, is_current != 0), DIFF_RENEW);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_in_both_may_have_changed),
		cmocka_unit_test(who_is_removed_goes_whatever_it_does),
		cmocka_unit_test(who_was_removed_may_come_back),
		cmocka_unit_test(a_process_runs_by_one_definition),
		cmocka_unit_test(who_does_not_run_changes_now),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
