/* vsock_packet: a header as the kernel writes it, and headers that a guest forges. */
#include "host/vsockd/vsock_packet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define GUEST 16u

static struct vsock_packet packet_of(uint16_t op)
{
	return (struct vsock_packet){.src_cid = GUEST,
		.dst_cid = 3,
		.src_port = 1024,
		.dst_port = 9000,
		.type = VSOCK_TYPE_STREAM,
		.op = op,
		.flags = op == VSOCK_OP_SHUTDOWN ? VSOCK_SHUTDOWN_BOTH : 0,
		.buf_alloc = 262144};
}

static void the_bytes_are_those_of_the_specification(void **unused)
{
	static const uint8_t expected[VSOCK_HEADER_SIZE] = {16, 0, 0, 0, 0, 0, 0, 0, /* src_cid */
		3, 0, 0, 0, 0, 0, 0, 0,                                              /* dst_cid */
		0, 4, 0, 0, 0x28, 0x23, 0, 0,                                        /* ports */
		5, 0, 0, 0, 1, 0, 5, 0, /* len, type, op */
		0, 0, 0, 0, 0, 0, 4, 0, /* flags, buf_alloc */
		7, 0, 0, 0};
	struct vsock_packet packet = packet_of(VSOCK_OP_RW), back;
	uint8_t bytes[VSOCK_HEADER_SIZE];

	(void)unused;
	packet.len = 5;
	packet.fwd_cnt = 7;
	vsock_packet_encode(&packet, bytes);
	assert_memory_equal(bytes, expected, sizeof bytes);
	vsock_packet_decode(bytes, &back);
	assert_true(back.src_cid == GUEST && back.dst_cid == 3 && back.len == 5);
	assert_int_equal(back.dst_port, 9000);
	assert_int_equal(back.fwd_cnt, 7);
}

static void every_op_is_taken_from_its_guest_alone(void **unused)
{
	(void)unused;
	for (uint16_t op = VSOCK_OP_REQUEST; op <= VSOCK_OP_CREDIT_REQUEST; op++) {
		struct vsock_packet packet = packet_of(op);

		assert_int_equal(vsock_packet_judge(&packet, GUEST, 0), VSOCK_TAKE);
		assert_int_equal(vsock_packet_judge(&packet, GUEST + 1, 0), VSOCK_DROP);
		packet.src_cid += (uint64_t)1 << 32;
		assert_int_equal(vsock_packet_judge(&packet, GUEST, 0), VSOCK_DROP);
	}
}

static void a_forged_length_is_reset(void **unused)
{
	struct vsock_packet packet = packet_of(VSOCK_OP_RW);

	(void)unused;
	packet.len = 100;
	assert_int_equal(vsock_packet_judge(&packet, GUEST, 100), VSOCK_TAKE);
	assert_int_equal(vsock_packet_judge(&packet, GUEST, 99), VSOCK_RESET);
	packet.len = UINT32_MAX;
	assert_int_equal(vsock_packet_judge(&packet, GUEST, 65536), VSOCK_RESET);
	packet = packet_of(VSOCK_OP_REQUEST);
	packet.len = 1;
	assert_int_equal(vsock_packet_judge(&packet, GUEST, 100), VSOCK_RESET);
}

static void odd_types_ops_and_flags_are_reset_but_an_rst_is_dropped(void **unused)
{
	struct vsock_packet packet = packet_of(VSOCK_OP_REQUEST);

	(void)unused;
	packet.type = 2;
	assert_int_equal(vsock_packet_judge(&packet, GUEST, 0), VSOCK_RESET);
	for (unsigned op = 0; op <= UINT16_MAX; op++) {
		packet = packet_of((uint16_t)op);
		if (op < VSOCK_OP_REQUEST || op > VSOCK_OP_CREDIT_REQUEST)
			assert_int_equal(vsock_packet_judge(&packet, GUEST, 0), VSOCK_RESET);
		packet.flags = 4;
		assert_int_equal(vsock_packet_judge(&packet, GUEST, 0),
			op == VSOCK_OP_RST ? VSOCK_DROP : VSOCK_RESET);
	}
	packet = packet_of(VSOCK_OP_SHUTDOWN);
	packet.flags = 0;
	assert_int_equal(vsock_packet_judge(&packet, GUEST, 0), VSOCK_RESET);
}

static void events_follow_op_and_flags(void **unused)
{
	static const enum vsock_connection_event shutdowns[] = {VSOCK_CONNECTION_BAD,
		VSOCK_CONNECTION_SHUTDOWN_RCV, VSOCK_CONNECTION_SHUTDOWN_SEND,
		VSOCK_CONNECTION_SHUTDOWN_BOTH, VSOCK_CONNECTION_BAD};
	struct vsock_packet packet = packet_of(VSOCK_OP_SHUTDOWN);

	(void)unused;
	for (packet.flags = 0; packet.flags <= 4; packet.flags++)
		assert_int_equal(vsock_packet_event(&packet), shutdowns[packet.flags]);
	packet.op = VSOCK_OP_RW;
	assert_int_equal(vsock_packet_event(&packet), VSOCK_CONNECTION_DATA);
	packet.op = 8;
	assert_int_equal(vsock_packet_event(&packet), VSOCK_CONNECTION_BAD);
}

static void a_refusal_goes_back_where_the_packet_came_from(void **unused)
{
	struct vsock_packet packet = packet_of(VSOCK_OP_RW), rst;

	(void)unused;
	packet.len = 9;
	vsock_packet_refuse(&packet, &rst);
	assert_true(rst.src_cid == 3 && rst.dst_cid == GUEST);
	assert_true(rst.src_port == 9000 && rst.dst_port == 1024);
	assert_true(rst.op == VSOCK_OP_RST && rst.len == 0 && rst.flags == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_bytes_are_those_of_the_specification),
		cmocka_unit_test(every_op_is_taken_from_its_guest_alone),
		cmocka_unit_test(a_forged_length_is_reset),
		cmocka_unit_test(odd_types_ops_and_flags_are_reset_but_an_rst_is_dropped),
		cmocka_unit_test(events_follow_op_and_flags),
		cmocka_unit_test(a_refusal_goes_back_where_the_packet_came_from),
	};

	return cmocka_run_group_tests_name("vsock_packet", tests, NULL, NULL);
}
