/* pcr_life: the examples of its page, and a walk over everything that can happen to it. */
#include "gen/pcr_life.h"
#include "tests/lib/machine.h"

#include "pcr_life_examples.h"

WALK_EVENTS(pcr_life)

static void every_event_keeps_the_invariant(void **unused)
{
	static const uint32_t amounts[] = {0, 1};

	(void)unused;
	walk_events(&pcr_life_walk, amounts, 2, 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PCR_LIFE_EXAMPLES,
		cmocka_unit_test(every_event_keeps_the_invariant),
	};

	return cmocka_run_group_tests_name("pcr_life", tests, NULL, NULL);
}
