/* vhost_message: what QEMU sends is taken, and what differs by one is not. */
#include "host/vsockd/vhost_message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "host/vsockd/vsock_chain.h"

/* As QEMU's vhost-user-vsock sends them. */
static const struct {
	struct vhost_header header;
	uint32_t fds;
} dialogue[] = {
	{{VHOST_GET_FEATURES, 1, 0}, 0},
	{{VHOST_GET_PROTOCOL_FEATURES, 1, 0}, 0},
	{{VHOST_SET_PROTOCOL_FEATURES, 1, 8}, 0},
	{{VHOST_GET_QUEUE_NUM, 1, 0}, 0},
	{{VHOST_SET_OWNER, 1, 0}, 0},
	{{VHOST_GET_CONFIG, 1, 20}, 0},
	{{VHOST_SET_VRING_CALL, 1, 8}, 1},
	{{VHOST_SET_VRING_ERR, 1, 8}, 1},
	{{VHOST_SET_FEATURES, 1, 8}, 0},
	{{VHOST_SET_MEM_TABLE, 9, 72}, 2},
	{{VHOST_SET_VRING_NUM, 1, 8}, 0},
	{{VHOST_SET_VRING_BASE, 1, 8}, 0},
	{{VHOST_SET_VRING_ADDR, 9, 40}, 0},
	{{VHOST_SET_VRING_KICK, 1, 8}, 1},
	{{VHOST_SET_VRING_ENABLE, 1, 8}, 0},
	{{VHOST_GET_VRING_BASE, 1, 8}, 0},
};

static void a_front_end_is_understood(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof dialogue / sizeof *dialogue; i++)
		assert_int_equal(
			vhost_message_judge(&dialogue[i].header, dialogue[i].fds), VHOST_OK);
}

static void one_byte_or_descriptor_more_is_refused(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof dialogue / sizeof *dialogue; i++) {
		struct vhost_header header = dialogue[i].header;

		assert_int_equal(
			vhost_message_judge(&header, dialogue[i].fds + 1), VHOST_FDS_WRONG);
		header.size++;
		assert_int_equal(vhost_message_judge(&header, dialogue[i].fds), VHOST_SIZE_WRONG);
		header.size = UINT32_MAX;
		assert_int_equal(vhost_message_judge(&header, dialogue[i].fds), VHOST_SIZE_WRONG);
	}
}

static void other_versions_replies_and_requests_are_refused(void **unused)
{
	struct vhost_header header = {VHOST_SET_OWNER, 0, 0};

	(void)unused;
	for (header.flags = 0; header.flags < 32; header.flags++)
		if (header.flags != 1 && header.flags != 9)
			assert_int_equal(vhost_message_judge(&header, 0), VHOST_VERSION_WRONG);
	header.flags = 1;
	for (header.request = 25; header.request < 1000; header.request++)
		assert_int_equal(vhost_message_judge(&header, 0), VHOST_UNKNOWN);
	for (header.request = 6; header.request < 8; header.request++)
		assert_int_equal(vhost_message_judge(&header, 0), VHOST_UNKNOWN);
	header.request = 0;
	assert_int_equal(vhost_message_judge(&header, 0), VHOST_UNKNOWN);
}

static void a_table_has_as_many_descriptors_as_regions(void **unused)
{
	struct vhost_header header = {VHOST_SET_MEM_TABLE, 1, 0};

	(void)unused;
	for (uint32_t fds = 1; fds <= 8; fds++) {
		header.size = 8 + 32 * fds;
		assert_int_equal(vhost_message_judge(&header, fds), VHOST_OK);
		assert_int_equal(vhost_message_judge(&header, fds - 1), VHOST_FDS_WRONG);
	}
	header.size = 8 + 32 * 9;
	assert_int_equal(vhost_message_judge(&header, 9), VHOST_SIZE_WRONG);
	header.size = 8;
	assert_int_equal(vhost_message_judge(&header, 0), VHOST_SIZE_WRONG);
}

static void numbers_of_rings_are_in_range(void **unused)
{
	unsigned powers = 0;

	(void)unused;
	for (uint32_t num = 0; num <= 100000; num++)
		powers += vhost_vring_num_right(1, num);
	assert_int_equal(powers, 11); /* 1, 2, 4 ... 1024 */
	assert_true(vhost_vring_num_right(0, VSOCK_QUEUE_SIZE_MAX));
	assert_false(vhost_vring_num_right(2, 128));
	assert_true(vhost_vring_base_right(1, 65535));
	assert_false(vhost_vring_base_right(1, 65536));
	assert_true(vhost_vring_enable_right(0, 1));
	assert_false(vhost_vring_enable_right(0, 2));
	assert_false(vhost_vring_index_right(2));
	assert_int_equal(vhost_descriptors_size(128), 2048);
	assert_int_equal(vhost_available_size(128), 262);
	assert_int_equal(vhost_used_size(128), 1030);
}

static void rings_are_aligned(void **unused)
{
	struct vhost_vring_addr addr = {
		.index = 1, .descriptors = 0x1000, .used = 0x2004, .available = 0x3002};

	(void)unused;
	assert_true(vhost_vring_addr_right(&addr));
	addr.descriptors = 0x1008;
	assert_false(vhost_vring_addr_right(&addr));
	addr.descriptors = 0x1010;
	addr.flags = 1;
	assert_false(vhost_vring_addr_right(&addr));
}

static void a_descriptor_comes_exactly_where_it_is_announced(void **unused)
{
	(void)unused;
	assert_true(vhost_vring_fd_right(1, 1));
	assert_false(vhost_vring_fd_right(1, 0));
	assert_true(vhost_vring_fd_right(257, 0));
	assert_false(vhost_vring_fd_right(257, 1));
	assert_false(vhost_vring_fd_right(2, 1));
	assert_false(vhost_vring_fd_right((uint64_t)1 << 32, 1));
	assert_int_equal(vhost_vring_fd_index(257), 1);
}

static void features_and_configuration_stay_within_the_offer(void **unused)
{
	(void)unused;
	assert_true(vhost_features_right(5, 7));
	assert_false(vhost_features_right(8, 7));
	assert_true(vhost_config_right(20, 0, 8));
	assert_true(vhost_config_right(16, 4, 4));
	assert_false(vhost_config_right(16, 5, 4));
	assert_false(vhost_config_right(16, UINT32_MAX, 4));
	assert_false(vhost_config_right(20, 0, 7));
	assert_false(vhost_config_right(12, 0, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_front_end_is_understood),
		cmocka_unit_test(one_byte_or_descriptor_more_is_refused),
		cmocka_unit_test(other_versions_replies_and_requests_are_refused),
		cmocka_unit_test(a_table_has_as_many_descriptors_as_regions),
		cmocka_unit_test(numbers_of_rings_are_in_range),
		cmocka_unit_test(rings_are_aligned),
		cmocka_unit_test(a_descriptor_comes_exactly_where_it_is_announced),
		cmocka_unit_test(features_and_configuration_stay_within_the_offer),
	};

	return cmocka_run_group_tests_name("vhost_message", tests, NULL, NULL);
}
