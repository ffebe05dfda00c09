/* vsock_chain: chains as drivers make them, and those that a guest forges. */
#include "host/vsockd/vsock_chain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define NEXT  VSOCK_DESCRIPTOR_NEXT
#define WRITE VSOCK_DESCRIPTOR_WRITE

/* Walks `table`, whose size is the queue's, from descriptor 0; returns how the walk ended. */
static enum vsock_chain_status walk(
	struct vsock_chain *chain, const struct vsock_descriptor *table, uint32_t size)
{
	enum vsock_chain_status status = vsock_chain_begin(chain, size, 0);

	while (status == VSOCK_CHAIN_MORE)
		status = vsock_chain_step(chain, &table[chain->next]);
	return status;
}

static void a_descriptor_is_16_bytes(void **unused)
{
	static const uint8_t bytes[VSOCK_DESCRIPTOR_SIZE] = {
		0, 16, 0, 0, 1, 0, 0, 0, 44, 0, 0, 0, 3, 0, 5, 1};
	struct vsock_descriptor descriptor;

	(void)unused;
	vsock_descriptor_decode(bytes, &descriptor);
	assert_true(descriptor.address == 0x100001000);
	assert_int_equal(descriptor.len, 44);
	assert_int_equal(descriptor.flags, NEXT + WRITE);
	assert_int_equal(descriptor.next, 261);
}

static void header_and_payload_are_added_up(void **unused)
{
	static const struct vsock_descriptor table[4] = {
		{0, 44, NEXT, 2}, {0, 0, 0, 0}, {0, 4096, NEXT, 3}, {0, 100, WRITE, 0}};
	struct vsock_chain chain;

	(void)unused;
	assert_int_equal(walk(&chain, table, 4), VSOCK_CHAIN_END);
	assert_int_equal(chain.readable, 4140);
	assert_int_equal(chain.writable, 100);
	assert_int_equal(chain.count, 3);
}

static void a_loop_ends(void **unused)
{
	static const struct vsock_descriptor table[2] = {{0, 1, NEXT, 1}, {0, 1, NEXT, 0}};
	struct vsock_chain chain;

	(void)unused;
	assert_int_equal(walk(&chain, table, 2), VSOCK_CHAIN_LOOP);
	assert_int_equal(chain.count, 2);
}

static void an_index_outside_is_refused(void **unused)
{
	static const struct vsock_descriptor table[2] = {{0, 1, NEXT, 2}, {0, 1, 0, 0}};
	struct vsock_chain chain;

	(void)unused;
	assert_int_equal(walk(&chain, table, 2), VSOCK_CHAIN_INDEX);
	assert_int_equal(vsock_chain_begin(&chain, 2, 2), VSOCK_CHAIN_INDEX);
	assert_int_equal(vsock_chain_begin(&chain, 0, 0), VSOCK_CHAIN_INDEX);
}

static void indirect_and_unknown_flags_are_refused(void **unused)
{
	struct vsock_descriptor descriptor = {0, 16, 0, 0};
	struct vsock_chain chain;

	(void)unused;
	for (unsigned flags = 4; flags <= UINT16_MAX; flags++) {
		descriptor.flags = (uint16_t)flags;
		assert_int_equal(walk(&chain, &descriptor, 1), VSOCK_CHAIN_FLAGS);
	}
}

static void readable_comes_before_writable(void **unused)
{
	static const struct vsock_descriptor table[2] = {{0, 1, NEXT + WRITE, 1}, {0, 1, 0, 0}};
	struct vsock_chain chain;

	(void)unused;
	assert_int_equal(walk(&chain, table, 2), VSOCK_CHAIN_ORDER);
}

static void bytes_are_bounded(void **unused)
{
	struct vsock_descriptor table[2] = {
		{0, VSOCK_CHAIN_BYTES_MAX - 1, NEXT, 1}, {0, 1, WRITE, 0}};
	struct vsock_chain chain;

	(void)unused;
	assert_int_equal(walk(&chain, table, 2), VSOCK_CHAIN_END);
	table[1].len = 2;
	assert_int_equal(walk(&chain, table, 2), VSOCK_CHAIN_TOO_LONG);
	table[1].len = UINT32_MAX;
	assert_int_equal(walk(&chain, table, 2), VSOCK_CHAIN_TOO_LONG);
}

static void an_available_index_is_ahead_by_at_most_the_queue(void **unused)
{
	(void)unused;
	assert_int_equal(vsock_chain_waiting(128, 5, 5), 0);
	assert_int_equal(vsock_chain_waiting(128, 3, 65534), 5);
	assert_int_equal(vsock_chain_waiting(128, 128, 0), 128);
	assert_int_equal(vsock_chain_waiting(128, 129, 0), 129);
	assert_int_equal(vsock_chain_waiting(128, 0, 1), 129);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_descriptor_is_16_bytes),
		cmocka_unit_test(header_and_payload_are_added_up),
		cmocka_unit_test(a_loop_ends),
		cmocka_unit_test(an_index_outside_is_refused),
		cmocka_unit_test(indirect_and_unknown_flags_are_refused),
		cmocka_unit_test(readable_comes_before_writable),
		cmocka_unit_test(bytes_are_bounded),
		cmocka_unit_test(an_available_index_is_ahead_by_at_most_the_queue),
	};

	return cmocka_run_group_tests_name("vsock_chain", tests, NULL, NULL);
}
