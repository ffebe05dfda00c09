/* vhost_memory: tables that a front-end may send, and those that it may not. */
#include "host/vsockd/vhost_memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MIB 1048576u

/* Two regions of one file, as of a guest with a hole below 4 GiB. */
static struct vhost_memory two_regions(void)
{
	return (struct vhost_memory){.count = 2,
		.regions = {{.guest = 0, .size = MIB, .user = 0x7f0000000000, .file = 3 * MIB},
			{.guest = 0x100000000,
				.size = 2 * MIB,
				.user = 0x7f0000000000 + MIB,
				.offset = MIB,
				.file = 3 * MIB}}};
}

static void a_guest_s_memory_is_taken(void **unused)
{
	struct vhost_memory memory = two_regions();

	(void)unused;
	assert_int_equal(vhost_memory_check(&memory), VHOST_MEMORY_OK);
	memory.count = 0;
	assert_int_equal(vhost_memory_check(&memory), VHOST_MEMORY_COUNT);
	memory.count = VHOST_REGIONS_MAX + 1;
	assert_int_equal(vhost_memory_check(&memory), VHOST_MEMORY_COUNT);
}

static void ends_beyond_64_bits_are_refused(void **unused)
{
	struct vhost_memory memory = two_regions();

	(void)unused;
	memory.regions[1].guest = UINT64_MAX - 2 * MIB;
	assert_int_equal(vhost_memory_check(&memory), VHOST_MEMORY_OK);
	memory.regions[1].guest++;
	assert_int_equal(vhost_memory_check(&memory), VHOST_MEMORY_SIZE);
	memory = two_regions();
	memory.regions[0].user = UINT64_MAX;
	assert_int_equal(vhost_memory_check(&memory), VHOST_MEMORY_SIZE);
	memory = two_regions();
	memory.regions[0].size = 0;
	assert_int_equal(vhost_memory_check(&memory), VHOST_MEMORY_SIZE);
}

static void a_region_lies_in_its_file(void **unused)
{
	struct vhost_memory memory = two_regions();

	(void)unused;
	memory.regions[1].file--;
	assert_int_equal(vhost_memory_check(&memory), VHOST_MEMORY_FILE);
	memory = two_regions();
	memory.regions[0].offset = UINT64_MAX;
	assert_int_equal(vhost_memory_check(&memory), VHOST_MEMORY_FILE);
}

static void regions_have_nothing_in_common(void **unused)
{
	struct vhost_memory memory = two_regions();

	(void)unused;
	memory.regions[1].guest = MIB;
	assert_int_equal(vhost_memory_check(&memory), VHOST_MEMORY_OK);
	memory.regions[1].guest = MIB - 1;
	assert_int_equal(vhost_memory_check(&memory), VHOST_MEMORY_OVERLAP);
	memory = two_regions();
	memory.regions[1].user--;
	assert_int_equal(vhost_memory_check(&memory), VHOST_MEMORY_OVERLAP);
	memory.regions[1].user = 0x7f0000000000 - 2 * MIB;
	assert_int_equal(vhost_memory_check(&memory), VHOST_MEMORY_OK);
}

static void bytes_are_found_where_they_are(void **unused)
{
	struct vhost_memory memory = two_regions();
	struct vhost_place place = {9, 9};

	(void)unused;
	assert_true(vhost_memory_guest(&memory, 0x100000010, 2 * MIB - 16, &place));
	assert_int_equal(place.region, 1);
	assert_true(place.offset == MIB + 16);
	assert_true(vhost_memory_user(&memory, 0x7f0000000000 + MIB - 1, 1, &place));
	assert_int_equal(place.region, 0);
	assert_true(place.offset == MIB - 1);
}

static void bytes_that_are_not_all_there_are_not_found(void **unused)
{
	struct vhost_memory memory = two_regions();
	struct vhost_place place = {9, 9};

	(void)unused;
	assert_false(vhost_memory_guest(&memory, MIB - 1, 2, &place));
	assert_false(vhost_memory_guest(&memory, MIB, 0, &place));
	assert_false(vhost_memory_guest(&memory, MIB - 1, UINT64_MAX, &place));
	assert_false(vhost_memory_guest(&memory, UINT64_MAX, 2, &place));
	/* Side by side for the front-end, and yet two mappings. */
	assert_false(vhost_memory_user(&memory, 0x7f0000000000 + MIB - 1, 2, &place));
	memory.count = 0;
	assert_false(vhost_memory_guest(&memory, 0, 1, &place));
	assert_int_equal(place.region, 9);
}

static void a_region_is_32_bytes(void **unused)
{
	static const uint8_t bytes[32] = {1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 3,
		0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0};
	struct vhost_region region;

	(void)unused;
	vhost_region_decode(bytes, &region);
	assert_true(region.guest == 1 && region.size == 0x200 && region.user == 0x30000);
	assert_true(region.offset == 0x4000000 && region.file == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_guest_s_memory_is_taken),
		cmocka_unit_test(ends_beyond_64_bits_are_refused),
		cmocka_unit_test(a_region_lies_in_its_file),
		cmocka_unit_test(regions_have_nothing_in_common),
		cmocka_unit_test(bytes_are_found_where_they_are),
		cmocka_unit_test(bytes_that_are_not_all_there_are_not_found),
		cmocka_unit_test(a_region_is_32_bytes),
	};

	return cmocka_run_group_tests_name("vhost_memory", tests, NULL, NULL);
}
