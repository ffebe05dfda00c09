/* vhost_message: any header with any number of descriptors, and any numbers in a payload, against
 * the table of the vhost-user specification written down a second time. */
#include "host/vsockd/vhost_message.h"

#include "fuzz/input.h"
#include "host/vsockd/vhost_memory.h"
#include "host/vsockd/vsock_chain.h"

/* least..most bytes of payload in steps, most descriptors; `request` 0 is no row. */
static const struct known {
	uint32_t request, least, most, step, fds;
} table[] = {
	{VHOST_GET_FEATURES, 0, 0, 1, 0},
	{VHOST_SET_FEATURES, 8, 8, 1, 0},
	{VHOST_SET_OWNER, 0, 0, 1, 0},
	{VHOST_RESET_OWNER, 0, 0, 1, 0},
	{VHOST_SET_MEM_TABLE, 40, 264, 32, 8},
	{VHOST_SET_VRING_NUM, 8, 8, 1, 0},
	{VHOST_SET_VRING_ADDR, 40, 40, 1, 0},
	{VHOST_SET_VRING_BASE, 8, 8, 1, 0},
	{VHOST_GET_VRING_BASE, 8, 8, 1, 0},
	{VHOST_SET_VRING_KICK, 8, 8, 1, 1},
	{VHOST_SET_VRING_CALL, 8, 8, 1, 1},
	{VHOST_SET_VRING_ERR, 8, 8, 1, 1},
	{VHOST_GET_PROTOCOL_FEATURES, 0, 0, 1, 0},
	{VHOST_SET_PROTOCOL_FEATURES, 8, 8, 1, 0},
	{VHOST_GET_QUEUE_NUM, 0, 0, 1, 0},
	{VHOST_SET_VRING_ENABLE, 8, 8, 1, 0},
	{VHOST_GET_CONFIG, 13, 20, 1, 0},
};

static enum vhost_reason expected(const struct vhost_header *header, uint32_t fds)
{
	const struct known *known = NULL;

	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (table[i].request == header->request)
			known = &table[i];
	if ((header->flags & ~VHOST_NEED_REPLY) != VHOST_VERSION)
		return VHOST_VERSION_WRONG;
	if (known == NULL)
		return VHOST_UNKNOWN;
	if (header->size < known->least || header->size > known->most ||
		(header->size - known->least) % known->step != 0)
		return VHOST_SIZE_WRONG;
	if (fds > known->fds || (known->step > 1 && header->size != 8 + 32 * fds))
		return VHOST_FDS_WRONG;
	return VHOST_OK;
}

static uint32_t number_at(const uint8_t *bytes)
{
	return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
	       (uint32_t)bytes[3] << 24;
}

static void check_numbers(uint32_t index, uint32_t n)
{
	int queue = index == 0 || index == 1;
	int power = n != 0 && (n & (n - 1u)) == 0;

	FUZZ_REQUIRE(vhost_vring_index_right(index) == queue);
	FUZZ_REQUIRE(
		vhost_vring_num_right(index, n) == (queue && power && n <= VSOCK_QUEUE_SIZE_MAX));
	FUZZ_REQUIRE(vhost_vring_base_right(index, n) == (queue && n >> 16 == 0));
	FUZZ_REQUIRE(vhost_vring_enable_right(index, n) == (queue && n >> 1 == 0));
}

static void check_payload(const uint8_t *bytes, uint32_t fds)
{
	struct vhost_vring_addr addr;
	uint64_t value = number_at(bytes) | (uint64_t)number_at(bytes + 4) << 32;
	int right;

	check_numbers(number_at(bytes), number_at(bytes + 4));
	vhost_vring_addr_decode(bytes, &addr);
	FUZZ_REQUIRE(addr.index == number_at(bytes) && addr.flags == number_at(bytes + 4));
	right = addr.index < 2 && addr.flags == 0 && (bytes[8] & 15) == 0 && (bytes[16] & 3) == 0 &&
		(bytes[24] & 1) == 0;
	FUZZ_REQUIRE(vhost_vring_addr_right(&addr) == right);
	right = (value & ~(uint64_t)0x101) == 0 && fds + (value >> 8) == 1;
	FUZZ_REQUIRE(vhost_vring_fd_right(value, fds) == right);
	if (right)
		FUZZ_REQUIRE(vhost_vring_fd_index(value) == (value & 1));
	right = number_at(bytes + 4) >= 1 && number_at(bytes + 4) <= 8 &&
		number_at(bytes) <= 8 - number_at(bytes + 4) && fds == 12 + number_at(bytes + 4);
	FUZZ_REQUIRE(vhost_config_right(fds, number_at(bytes), number_at(bytes + 4)) == right);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t bytes[VHOST_HEADER_SIZE + VHOST_VRING_ADDR_SIZE] = {0}, again[VHOST_HEADER_SIZE];
	uint32_t fds = fuzz_byte(&data, &size);
	struct vhost_header header;
	enum vhost_reason reason;

	if (size > 0)
		memcpy(bytes, data, size < sizeof bytes ? size : sizeof bytes);
	vhost_header_decode(bytes, &header);
	vhost_header_encode(&header, again);
	FUZZ_REQUIRE(memcmp(bytes, again, sizeof again) == 0);
	reason = vhost_message_judge(&header, fds);
	FUZZ_REQUIRE(reason == expected(&header, fds));
	if (reason == VHOST_OK)
		FUZZ_REQUIRE(header.size <= VHOST_PAYLOAD_MAX && fds <= VHOST_REGIONS_MAX);
	check_payload(bytes + VHOST_HEADER_SIZE, fds);
	return 0;
}
