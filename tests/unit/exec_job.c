/* exec_job: the examples of its page, a walk over everything that can happen to it, and the promise
 * that every job comes to an end. */
#include "gen/exec_job.h"
#include "tests/lib/machine.h"

#include "exec_job_examples.h"

WALK_EVENTS(exec_job)

static void every_event_keeps_the_invariant(void **unused)
{
	static const uint32_t amounts[] = {0, 1, 2, 3, 64, 127, 255, UINT32_MAX};

	(void)unused;
	walk_events(&exec_job_walk, amounts, 8, 2000);
}

/* What a broker answers to effects, at once: term is ignored, kill works. */
static uint32_t answer(struct exec_job *m, uint32_t effects)
{
	if (effects & EXEC_JOB_DO_SPAWN)
		effects |= exec_job_step(m, EXEC_JOB_STARTED, 0);
	if (m->cs == EXEC_JOB_IN_STOPPING && (effects & EXEC_JOB_DO_KILL))
		effects |= exec_job_step(m, EXEC_JOB_KILLED, 9);
	return effects;
}

/* From every situation: a lost client, and timers that fire, end the job with one report. */
static void a_lost_client_always_comes_to_an_end(void **unused)
{
	(void)unused;
	for (unsigned first = 1; first < exec_job_kind.event_count; first++)
		for (unsigned second = 1; second < exec_job_kind.event_count; second++) {
			struct exec_job m;
			uint32_t effects;

			exec_job_init(&m);
			effects = answer(&m, exec_job_step(&m, EXEC_JOB_START, 0));
			effects |= answer(&m, exec_job_step(&m, (enum exec_job_event)first, 1));
			effects |= answer(&m, exec_job_step(&m, (enum exec_job_event)second, 1));
			effects |= answer(&m, exec_job_step(&m, EXEC_JOB_CLIENT_LOST, 0));
			for (int i = 0; i < 3; i++)
				effects |= answer(&m, exec_job_step(&m, EXEC_JOB_TIMEOUT, m.timer));
			assert_int_equal(m.cs, EXEC_JOB_IN_DONE);
			assert_true(effects & EXEC_JOB_DO_REPORT);
			if (first != EXEC_JOB_NOT_STARTED && second != EXEC_JOB_NOT_STARTED)
				assert_true(effects & EXEC_JOB_DO_REAP);
		}
}

static void an_exit_code_is_passed_on_as_it_is(void **unused)
{
	(void)unused;
	for (uint32_t code = 0; code < 256; code++) {
		struct exec_job m;

		exec_job_init(&m);
		(void)exec_job_step(&m, EXEC_JOB_START, 0);
		(void)exec_job_step(&m, EXEC_JOB_STARTED, 0);
		(void)exec_job_step(&m, EXEC_JOB_EXITED, code);
		(void)exec_job_step(&m, EXEC_JOB_OUTPUT_ENDED, 0);
		assert_int_equal(m.status, code);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		EXEC_JOB_EXAMPLES,
		cmocka_unit_test(every_event_keeps_the_invariant),
		cmocka_unit_test(a_lost_client_always_comes_to_an_end),
		cmocka_unit_test(an_exit_code_is_passed_on_as_it_is),
	};

	return cmocka_run_group_tests_name("exec_job", tests, NULL, NULL);
}
