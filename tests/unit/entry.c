/* entry: every combination of facts, against what the page says in words. */
#include "runtime/channel/entry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static bool bit(unsigned number, unsigned which)
{
	return (number >> which & 1u) != 0;
}

static struct entry_facts facts_of(unsigned number, enum verdict verdict)
{
	return (struct entry_facts){.verdict = verdict,
		.is_read = bit(number, 0),
		.has_nonce = bit(number, 1),
		.has_session = bit(number, 2),
		.has_key = bit(number, 3),
		.accepts_unsigned = bit(number, 4),
		.has_policy = bit(number, 5),
		.accepts_debug = bit(number, 6)};
}

static void only_what_is_accepted_and_ours_is_attested(void **unused)
{
	(void)unused;
	for (unsigned verdict = 0; verdict < VERDICTS; verdict++)
		for (unsigned number = 0; number < 128; number++) {
			struct entry_facts facts = facts_of(number, (enum verdict)verdict);
			bool is_attested = verdict == VERDICT_ACCEPTED && (number & 15u) == 15;

			assert_true((entry_of(&facts) == ENTRY_ATTESTED) == is_attested);
		}
}

static void what_nobody_signed_is_let_in_only_where_that_was_said(void **unused)
{
	(void)unused;
	for (unsigned verdict = 0; verdict < VERDICTS; verdict++)
		for (unsigned number = 0; number < 128; number++) {
			struct entry_facts facts = facts_of(number, (enum verdict)verdict);
			bool is_ours = (number & 15u) == 15 && !bit(number, 5);
			bool is_let_in =
				is_ours && ((verdict == VERDICT_UNSIGNED && bit(number, 4)) ||
						   (verdict == VERDICT_DEBUG && bit(number, 6)));

			assert_true((entry_of(&facts) == ENTRY_UNATTESTED) == is_let_in);
		}
}

static void nothing_found_out_is_refused(void **unused)
{
	const struct entry_facts none = {.is_read = false};
	struct entry_facts facts = facts_of(15, VERDICT_ACCEPTED);

	(void)unused;
	assert_int_equal(entry_of(&none), ENTRY_DOCUMENT);
	facts.has_key = false;
	assert_int_equal(entry_of(&facts), ENTRY_KEY);
	facts.has_session = false;
	assert_int_equal(entry_of(&facts), ENTRY_SESSION);
	facts.has_nonce = false;
	assert_int_equal(entry_of(&facts), ENTRY_NONCE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_is_accepted_and_ours_is_attested),
		cmocka_unit_test(what_nobody_signed_is_let_in_only_where_that_was_said),
		cmocka_unit_test(nothing_found_out_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
