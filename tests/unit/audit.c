/* audit: every combination of facts, against what the page says in words. */
#include "runtime/channel/audit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static bool bit(unsigned number, unsigned which)
{
	return (number >> which & 1u) != 0;
}

static struct audit_facts facts_of(unsigned number)
{
	return (struct audit_facts){.is_read = bit(number, 0),
		.has_head = bit(number, 1),
		.is_reached = bit(number, 2),
		.is_attested = bit(number, 3),
		.is_entered = bit(number, 4),
		.has_mark = bit(number, 5),
		.is_its_mark = bit(number, 6)};
}

static void a_log_is_intact_only_if_every_check_held(void **unused)
{
	(void)unused;
	for (unsigned number = 0; number < 128; number++) {
		const struct audit_facts facts = facts_of(number);
		const bool is_marked_right = !bit(number, 4) || (bit(number, 5) && bit(number, 6));
		const bool is_intact = (number & 15u) == 15 && is_marked_right;

		assert_true((audit_of(&facts) == AUDIT_INTACT) == is_intact);
	}
}

static void each_refusal_is_about_the_first_check_that_fails(void **unused)
{
	struct audit_facts facts = {.is_read = false};

	(void)unused;
	assert_int_equal(audit_of(&facts), AUDIT_MALFORMED);
	facts.is_read = true;
	assert_int_equal(audit_of(&facts), AUDIT_UNATTESTED);
	facts.has_head = true;
	assert_int_equal(audit_of(&facts), AUDIT_HEAD);
	facts.is_reached = facts.is_entered = facts.is_attested = true;
	assert_int_equal(audit_of(&facts), AUDIT_MARK);
	facts.has_mark = true;
	assert_int_equal(audit_of(&facts), AUDIT_MARK);
	facts.is_its_mark = true;
	assert_int_equal(audit_of(&facts), AUDIT_INTACT);
	facts.is_attested = false;
	assert_int_equal(audit_of(&facts), AUDIT_UNATTESTED);
}

static void each_has_a_word(void **unused)
{
	(void)unused;
	for (unsigned one = 0; one < AUDITS; one++) {
		assert_true(strlen(audit_text((enum audit)one)) > 0);
		for (unsigned other = 0; other < one; other++)
			assert_string_not_equal(
				audit_word((enum audit)one), audit_word((enum audit)other));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_log_is_intact_only_if_every_check_held),
		cmocka_unit_test(each_refusal_is_about_the_first_check_that_fails),
		cmocka_unit_test(each_has_a_word),
	};

	return cmocka_run_group_tests_name("audit", tests, NULL, NULL);
}
