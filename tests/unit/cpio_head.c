/* cpio_head: the examples of its page, every byte in every state, and headers as they are written
 * here read back. */
#include "gen/cpio_head.h"
#include "runtime/eif/newc.h"
#include "tests/lib/machine.h"

#include "cpio_head_examples.h"

WALK_BYTES(cpio_head, cpio_head_init(m))

static void every_byte_keeps_the_invariant(void **unused)
{
	(void)unused;
	walk_bytes(&cpio_head_walk);
}

/* The next one of a row of numbers that look like any. */
static uint32_t next(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*seed >> 33);
}

static void assert_same(const struct cpio_head *head, const struct newc_header *header)
{
	const uint32_t read[NEWC_FIELDS] = {head->inode, head->mode, head->uid, head->gid,
		head->links, head->mtime, head->size, head->device_major, head->device_minor,
		head->special_major, head->special_minor, head->name_size, head->check};

	for (unsigned i = 0; i < NEWC_FIELDS; i++)
		assert_int_equal(read[i], header->fields[i]);
}

static void what_is_written_is_read_back(void **unused)
{
	uint64_t seed = 1;

	(void)unused;
	for (unsigned round = 0; round < 10000; round++) {
		uint8_t bytes[NEWC_HEADER_SIZE + 1] = {0};
		struct newc_header header;
		struct cpio_head head;

		for (unsigned i = 0; i < NEWC_FIELDS; i++)
			header.fields[i] = next(&seed) >> (next(&seed) % 32u);
		header.fields[NEWC_NAME_SIZE] = 1u + next(&seed) % CPIO_HEAD_NAME_MAX;
		newc_header_encode(&header, bytes);
		cpio_head_init(&head);
		assert_int_equal(cpio_head_feed(&head, bytes, sizeof bytes), CPIO_HEAD_SIZE);
		assert_int_equal(head.cs, CPIO_HEAD_IN_DONE);
		assert_int_equal(head.summed, 0);
		assert_same(&head, &header);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CPIO_HEAD_EXAMPLES,
		cmocka_unit_test(every_byte_keeps_the_invariant),
		cmocka_unit_test(what_is_written_is_read_back),
	};

	return cmocka_run_group_tests_name("cpio_head", tests, NULL, NULL);
}
