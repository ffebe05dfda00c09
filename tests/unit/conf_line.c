/* conf_line: the examples of its page, and a walk over every order of tokens. */
#include "gen/conf_line.h"
#include "tests/lib/machine.h"

#include "conf_line_examples.h"

WALK_EVENTS(conf_line)

static void every_token_keeps_the_invariant(void **unused)
{
	static const uint32_t amounts[] = {0};

	(void)unused;
	walk_events(&conf_line_walk, amounts, 1, 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONF_LINE_EXAMPLES,
		cmocka_unit_test(every_token_keeps_the_invariant),
	};

	return cmocka_run_group_tests_name("conf_line", tests, NULL, NULL);
}
