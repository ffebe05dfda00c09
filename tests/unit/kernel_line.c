/* kernel_line: the examples of its page, and every byte in every state. */
#include "gen/kernel_line.h"
#include "tests/lib/machine.h"

#include "kernel_line_examples.h"

WALK_BYTES(kernel_line, kernel_line_init(m))

static void every_byte_keeps_the_invariant(void **unused)
{
	(void)unused;
	walk_bytes(&kernel_line_walk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		KERNEL_LINE_EXAMPLES,
		cmocka_unit_test(every_byte_keeps_the_invariant),
	};

	return cmocka_run_group_tests_name("kernel_line", tests, NULL, NULL);
}
