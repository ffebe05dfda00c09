/* health_line: the examples of its page, and every byte in every state. */
#include "gen/health_line.h"
#include "tests/lib/machine.h"

#include "health_line_examples.h"

WALK_BYTES(health_line, health_line_init(m))

static void every_byte_keeps_the_invariant(void **unused)
{
	(void)unused;
	walk_bytes(&health_line_walk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HEALTH_LINE_EXAMPLES,
		cmocka_unit_test(every_byte_keeps_the_invariant),
	};

	return cmocka_run_group_tests_name("health_line", tests, NULL, NULL);
}
