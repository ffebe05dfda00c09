/* shutdown: the examples of its page, a walk over everything that can happen to it, and its end by
 * time alone from every place where an answer may stay away. */
#include "gen/shutdown.h"
#include "tests/lib/machine.h"

#include "shutdown_examples.h"

WALK_EVENTS(shutdown)

static void every_event_keeps_the_invariant(void **unused)
{
	static const uint32_t amounts[] = {0, 1, 2, 3, 4, 5, 6, 7, UINT32_MAX};

	(void)unused;
	walk_events(&shutdown_walk, amounts, sizeof amounts / sizeof *amounts, 400);
}

/* The answers that lead from request to the end when nothing is late. */
static const enum shutdown_event answers[] = {SHUTDOWN_ALL_STOPPED, SHUTDOWN_ALL_GONE,
	SHUTDOWN_SYNCED, SHUTDOWN_UNMOUNTED, SHUTDOWN_SAID};

static void answers_may_end_at_any_point(void **unused)
{
	(void)unused;
	for (size_t given = 0; given < sizeof answers / sizeof *answers; given++) {
		uint32_t effects = 0, timeouts = 0;
		struct shutdown m;

		shutdown_init(&m);
		(void)shutdown_step(&m, SHUTDOWN_REQUEST, SHUTDOWN_REBOOT);
		for (size_t i = 0; i < given; i++)
			(void)shutdown_step(&m, answers[i], 0);
		for (; !shutdown_ended(&m); timeouts++)
			effects |= shutdown_step(&m, SHUTDOWN_TIMEOUT, m.timer);
		assert_true(timeouts <= 6);
		assert_true(effects & SHUTDOWN_DO_FINISH);
		assert_true(shutdown_ok(&m));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SHUTDOWN_EXAMPLES,
		cmocka_unit_test(every_event_keeps_the_invariant),
		cmocka_unit_test(answers_may_end_at_any_point),
	};

	return cmocka_run_group_tests_name("shutdown", tests, NULL, NULL);
}
