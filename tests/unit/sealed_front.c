/* sealed_front: the examples of its page, every byte in every state, and all sizes around the
 * limits against what writes them. */
#include "gen/sealed_front.h"
#include "tests/lib/machine.h"

#include <string.h>

#include "runtime/channel/wire.h"
#include "runtime/control/sealed.h"
#include "sealed_front_examples.h"

static uint32_t part; /* where walks begin */

WALK_BYTES(sealed_front, sealed_front_init(m, part))

static void every_byte_keeps_the_invariant(void **unused)
{
	(void)unused;
	for (part = SEALED_FRONT_HEAD; part <= SEALED_FRONT_RECORD; part++)
		walk_bytes(&sealed_front_walk);
}

/* What a front came to; all its bytes were used. */
static struct sealed_front read_front(uint32_t wanted, const uint8_t *bytes, size_t size)
{
	struct sealed_front m;

	sealed_front_init(&m, wanted);
	assert_int_equal(sealed_front_feed(&m, bytes, size), size);
	return m;
}

static void sizes_of_records_are_read_as_they_are_written(void **unused)
{
	uint8_t bytes[SEALED_FRONT_NUMBER_SIZE];

	(void)unused;
	for (uint32_t size = 0; size <= 70000; size++) {
		struct sealed_front m;

		wire_put_number(bytes, size);
		m = read_front(SEALED_FRONT_RECORD, bytes, sizeof bytes);
		assert_int_equal(m.size, size);
		assert_int_equal(m.cs, size >= 16 && size <= 4112 ? SEALED_FRONT_IN_DONE
								  : SEALED_FRONT_IN_BAD_SIZE);
	}
}

static void heads_are_read_as_they_are_made(void **unused)
{
	static const uint8_t document[SEALED_DOCUMENT_MAX + 1u];
	static struct sealed_head head;
	uint8_t share[HPKE_KEY_SIZE];
	struct fault fault;

	(void)unused;
	memset(share, 'C', sizeof share);
	for (uint32_t size = 0; size <= SEALED_DOCUMENT_MAX; size++) {
		struct sealed_front m;

		assert_int_equal(sealed_head_make(&head, share, document, size, &fault), 0);
		assert_int_equal(head.size, SEALED_FRONT_HEAD_SIZE + size);
		m = read_front(SEALED_FRONT_HEAD, head.bytes, SEALED_FRONT_HEAD_SIZE);
		assert_int_equal(m.cs, SEALED_FRONT_IN_DONE);
		assert_int_equal(m.size, size);
	}
	assert_int_equal(
		sealed_head_make(&head, share, document, SEALED_DOCUMENT_MAX + 1u, &fault), -1);
	assert_string_equal(fault.word, "limit");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SEALED_FRONT_EXAMPLES,
		cmocka_unit_test(every_byte_keeps_the_invariant),
		cmocka_unit_test(sizes_of_records_are_read_as_they_are_written),
		cmocka_unit_test(heads_are_read_as_they_are_made),
	};

	return cmocka_run_group_tests_name("sealed_front", tests, NULL, NULL);
}
