/* boot: the examples of its page, a walk over everything that can happen to it, and the boots in
 * which one step goes wrong. */
#include "gen/boot.h"
#include "tests/lib/machine.h"

#include "boot_examples.h"

WALK_EVENTS(boot)

static void every_event_keeps_the_invariant(void **unused)
{
	static const uint32_t amounts[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, UINT32_MAX};

	(void)unused;
	walk_events(&boot_walk, amounts, sizeof amounts / sizeof *amounts, 200);
}

/* Boots until the step `number` is in flight, every other step being done. */
static void boot_until(struct boot *m, uint32_t number)
{
	boot_init(m);
	assert_int_equal(boot_step(m, BOOT_BEGIN, 0), BOOT_DO_DEVICES + BOOT_DO_ARM);
	while (m->timer < number)
		assert_true(boot_step(m, BOOT_DONE, m->timer) & BOOT_DO_ARM);
}

/* A boot in which the step `number` is answered by `event`: does it come to ready? */
static int comes_up(uint32_t number, enum boot_event event)
{
	struct boot m;

	boot_until(&m, number);
	(void)boot_step(&m, event, number);
	for (uint32_t left = BOOT_NUMBER_UNITS; left > 0; left--)
		(void)boot_step(&m, BOOT_DONE, m.timer);
	return m.cs == BOOT_IN_READY;
}

static void only_steps_that_are_not_critical_may_fail(void **unused)
{
	(void)unused;
	for (uint32_t number = BOOT_NUMBER_DEVICES; number <= BOOT_NUMBER_UNITS; number++) {
		int optional = number == BOOT_NUMBER_CONSOLE || number == BOOT_NUMBER_HEARTBEAT ||
			       number == BOOT_NUMBER_NETWORK || number == BOOT_NUMBER_UNITS;
		int needed = number == BOOT_NUMBER_CONFIGURATION || number == BOOT_NUMBER_ROOT;

		assert_int_equal(comes_up(number, BOOT_DONE), 1);
		assert_int_equal(comes_up(number, BOOT_ABSENT), !needed);
		assert_int_equal(comes_up(number, BOOT_FAILED), optional);
		assert_int_equal(comes_up(number, BOOT_TIMEOUT), optional);
		assert_int_equal(comes_up(number, BOOT_STOP), 0);
	}
}

static void a_late_answer_is_not_taken_for_the_next_step(void **unused)
{
	struct boot m;

	(void)unused;
	boot_until(&m, BOOT_NUMBER_HEARTBEAT);
	(void)boot_step(&m, BOOT_TIMEOUT, BOOT_NUMBER_HEARTBEAT);
	assert_int_equal(boot_step(&m, BOOT_FAILED, BOOT_NUMBER_HEARTBEAT), 0);
	assert_int_equal(m.cs, BOOT_IN_CONFIGURATION);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOOT_EXAMPLES,
		cmocka_unit_test(every_event_keeps_the_invariant),
		cmocka_unit_test(only_steps_that_are_not_critical_may_fail),
		cmocka_unit_test(a_late_answer_is_not_taken_for_the_next_step),
	};

	return cmocka_run_group_tests_name("boot", tests, NULL, NULL);
}
