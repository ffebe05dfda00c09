/* vhost_message: see vhost_message.h. */
#include "host/vsockd/vhost_message.h"

#include "host/vsockd/little_endian.h"
#include "host/vsockd/vhost_memory.h"
#include "host/vsockd/vsock_chain.h"

#define STATE_SIZE  8u   /* of a vring state, a number, and what is ahead of regions */
#define NO_FD       256u /* in SET_VRING_KICK, _CALL, _ERR: no descriptor comes with it */
#define ONE_REGION  (STATE_SIZE + VHOST_REGION_SIZE)
#define ALL_REGIONS (STATE_SIZE + VHOST_REGIONS_MAX * VHOST_REGION_SIZE)

void vhost_header_decode(const uint8_t bytes[VHOST_HEADER_SIZE], struct vhost_header *header)
{
	header->request = little_get32(bytes);
	header->flags = little_get32(bytes + 4);
	header->size = little_get32(bytes + 8);
}

void vhost_header_encode(const struct vhost_header *header, uint8_t bytes[VHOST_HEADER_SIZE])
{
	little_put32(bytes, header->request);
	little_put32(bytes + 4, header->flags);
	little_put32(bytes + 8, header->size);
}

static bool is_known(uint32_t request)
{
	return (request >= VHOST_GET_FEATURES && request <= VHOST_SET_MEM_TABLE) ||
	       (request >= VHOST_SET_VRING_NUM && request <= VHOST_SET_VRING_ENABLE) ||
	       request == VHOST_GET_CONFIG;
}

/* Of a known request. */
static bool size_is_right(uint32_t request, uint32_t size)
{
	switch (request) {
	case VHOST_GET_FEATURES:
	case VHOST_SET_OWNER:
	case VHOST_RESET_OWNER:
	case VHOST_GET_PROTOCOL_FEATURES:
	case VHOST_GET_QUEUE_NUM:
		return size == 0u;
	case VHOST_SET_MEM_TABLE:
		return size >= ONE_REGION && size <= ALL_REGIONS &&
		       (size - STATE_SIZE) % VHOST_REGION_SIZE == 0u;
	case VHOST_SET_VRING_ADDR:
		return size == VHOST_VRING_ADDR_SIZE;
	case VHOST_GET_CONFIG:
		return size > VHOST_CONFIG_AHEAD && size <= VHOST_CONFIG_AHEAD + VHOST_CONFIG_SIZE;
	default:
		return size == STATE_SIZE;
	}
}

/* Of a known request with the right size. */
static bool fds_are_right(uint32_t request, uint32_t size, uint32_t fds)
{
	switch (request) {
	case VHOST_SET_MEM_TABLE:
		return fds == (size - STATE_SIZE) / VHOST_REGION_SIZE;
	case VHOST_SET_VRING_KICK:
	case VHOST_SET_VRING_CALL:
	case VHOST_SET_VRING_ERR:
		return fds <= 1u;
	default:
		return fds == 0u;
	}
}

enum vhost_reason vhost_message_judge(const struct vhost_header *header, uint32_t fds)
{
	if (header->flags != VHOST_VERSION && header->flags != VHOST_VERSION + VHOST_NEED_REPLY)
		return VHOST_VERSION_WRONG;
	if (!is_known(header->request))
		return VHOST_UNKNOWN;
	if (!size_is_right(header->request, header->size))
		return VHOST_SIZE_WRONG;
	if (!fds_are_right(header->request, header->size, fds))
		return VHOST_FDS_WRONG;
	return VHOST_OK;
}

bool vhost_message_has_answer(uint32_t request)
{
	return request == VHOST_GET_FEATURES || request == VHOST_GET_VRING_BASE ||
	       request == VHOST_GET_PROTOCOL_FEATURES || request == VHOST_GET_QUEUE_NUM ||
	       request == VHOST_GET_CONFIG;
}

bool vhost_features_right(uint64_t wanted, uint64_t offered)
{
	return (wanted & ~offered) == 0u;
}

bool vhost_vring_index_right(uint32_t index)
{
	return index < VHOST_QUEUES;
}

bool vhost_vring_num_right(uint32_t index, uint32_t num)
{
	return index < VHOST_QUEUES && num > 0u && VSOCK_QUEUE_SIZE_MAX % num == 0u;
}

bool vhost_vring_base_right(uint32_t index, uint32_t base)
{
	return index < VHOST_QUEUES && base <= UINT16_MAX;
}

bool vhost_vring_enable_right(uint32_t index, uint32_t enable)
{
	return index < VHOST_QUEUES && enable <= 1u;
}

void vhost_vring_addr_decode(
	const uint8_t bytes[VHOST_VRING_ADDR_SIZE], struct vhost_vring_addr *addr)
{
	addr->index = little_get32(bytes);
	addr->flags = little_get32(bytes + 4);
	addr->descriptors = little_get64(bytes + 8);
	addr->used = little_get64(bytes + 16);
	addr->available = little_get64(bytes + 24);
	addr->log = little_get64(bytes + 32);
}

bool vhost_vring_addr_right(const struct vhost_vring_addr *addr)
{
	return addr->index < VHOST_QUEUES && addr->flags == 0u && addr->descriptors % 16u == 0u &&
	       addr->used % 4u == 0u && addr->available % 2u == 0u;
}

uint32_t vhost_descriptors_size(uint32_t num)
{
	return 16u * num;
}

uint32_t vhost_available_size(uint32_t num)
{
	return 6u + 2u * num;
}

uint32_t vhost_used_size(uint32_t num)
{
	return 6u + 8u * num;
}

bool vhost_vring_fd_right(uint64_t value, uint32_t fds)
{
	if (fds == 1u)
		return value < VHOST_QUEUES;
	return fds == 0u && value >= NO_FD && value < NO_FD + VHOST_QUEUES;
}

uint32_t vhost_vring_fd_index(uint64_t value)
{
	return (uint32_t)(value % NO_FD);
}

bool vhost_config_right(uint32_t payload, uint32_t offset, uint32_t size)
{
	return payload > VHOST_CONFIG_AHEAD && size == payload - VHOST_CONFIG_AHEAD &&
	       size <= VHOST_CONFIG_SIZE && offset <= VHOST_CONFIG_SIZE - size;
}
