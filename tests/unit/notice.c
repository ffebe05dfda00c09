/* notice: the examples of its page, and every byte in every state. */
#include "gen/notice.h"
#include "tests/lib/machine.h"

#include "notice_examples.h"

WALK_BYTES(notice, notice_init(m))

static void every_byte_keeps_the_invariant(void **unused)
{
	(void)unused;
	walk_bytes(&notice_walk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		NOTICE_EXAMPLES,
		cmocka_unit_test(every_byte_keeps_the_invariant),
	};

	return cmocka_run_group_tests_name("notice", tests, NULL, NULL);
}
