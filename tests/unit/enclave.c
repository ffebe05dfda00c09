/* enclave: the examples of its page, a walk over everything that can happen to it, and its end from
 * every state once somebody wants it down. */
#include "gen/enclave.h"
#include "tests/lib/machine.h"

#include "enclave_examples.h"

WALK_EVENTS(enclave)

static void every_event_keeps_the_invariant(void **unused)
{
	static const uint32_t amounts[] = {0, 1, 2, 3, 4, 5, 6, 7, 8};

	(void)unused;
	walk_events(&enclave_walk, amounts, sizeof amounts / sizeof *amounts, 500);
}

/* The events that lead from created to unreachable, one state each. */
static const enum enclave_event way[] = {ENCLAVE_START, ENCLAVE_LISTENING, ENCLAVE_STARTED,
	ENCLAVE_HEARTBEAT, ENCLAVE_READY, ENCLAVE_SILENT};

/* Terminated after `steps` events of the way, then nothing but time: the effects of it all. */
static uint32_t terminated_after(size_t steps, struct enclave *m)
{
	uint32_t effects = 0, timeouts = 0;

	enclave_init(m);
	for (size_t i = 0; i < steps; i++)
		(void)enclave_step(m, way[i], 0);
	effects = enclave_step(m, ENCLAVE_TERMINATE, 0);
	for (; !enclave_ended(m) && timeouts < 9; timeouts++) {
		uint32_t more = enclave_step(m, ENCLAVE_TIMEOUT, m->timer);

		assert_int_equal(effects & more & ENCLAVE_DO_CLEAN_UP, 0);
		effects |= more;
	}
	assert_true(timeouts <= 2);
	return effects;
}

static void termination_needs_no_answer(void **unused)
{
	(void)unused;
	for (size_t steps = 0; steps <= sizeof way / sizeof *way; steps++) {
		struct enclave m;
		uint32_t effects = terminated_after(steps, &m);

		assert_true(enclave_ended(&m));
		assert_true(effects & ENCLAVE_DO_CLEAN_UP);
		/* Nothing runs before `starting`; nobody can be asked before `running`. */
		assert_int_equal((effects & ENCLAVE_DO_KILL) != 0, steps >= 2);
		assert_int_equal((effects & ENCLAVE_DO_ASK_STOP) != 0, steps >= 4);
	}
}

static void an_end_is_left_by_nothing(void **unused)
{
	struct enclave m, before;

	(void)unused;
	enclave_init(&m);
	(void)enclave_step(&m, ENCLAVE_TERMINATE, 0);
	before = m;
	for (unsigned event = ENCLAVE_START; event <= ENCLAVE_TIMEOUT; event++) {
		assert_int_equal(enclave_step(&m, (enum enclave_event)event, m.timer), 0);
		assert_memory_equal(&m, &before, sizeof m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ENCLAVE_EXAMPLES,
		cmocka_unit_test(every_event_keeps_the_invariant),
		cmocka_unit_test(termination_needs_no_answer),
		cmocka_unit_test(an_end_is_left_by_nothing),
	};

	return cmocka_run_group_tests_name("enclave", tests, NULL, NULL);
}
