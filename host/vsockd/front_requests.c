/* front_requests: does what messages ask; see front.h. */
#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>
#include <string.h>
#include <unistd.h>

#include "host/vsockd/front.h"
#include "host/vsockd/little_endian.h"

#define HAS_EVENTS   (UINT64_C(1) << VIRTIO_RING_F_EVENT_IDX)
#define HAS_PROTOCOL (UINT64_C(1) << 30) /* VHOST_USER_F_PROTOCOL_FEATURES */
#define FEATURES     ((UINT64_C(1) << VIRTIO_F_VERSION_1) | HAS_EVENTS | HAS_PROTOCOL)

/* VHOST_USER_PROTOCOL_F_... */
#define HAS_QUEUES (UINT64_C(1) << 0) /* GET_QUEUE_NUM and SET_VRING_ENABLE */
#define HAS_ACKS   (UINT64_C(1) << 3) /* NEED_REPLY */
#define HAS_CONFIG (UINT64_C(1) << 9)
#define PROTOCOL   (HAS_QUEUES | HAS_ACKS | HAS_CONFIG)

static int refuse(const struct front *front, struct fault *fault, const char *reason)
{
	return fault_set(fault, "protocol", "message %u of the front-end is refused: %s",
		(unsigned)front->header.request, reason);
}

static int answer_number(struct front *front, uint64_t number, struct fault *fault)
{
	little_put64(front->payload, number);
	return front_reply(front, sizeof number, fault);
}

/* --- Features --------------------------------------------------------------------------------- */

static int set_features(struct front *front, struct fault *fault)
{
	uint64_t wanted = little_get64(front->payload);

	if (!vhost_features_right(wanted, FEATURES))
		return refuse(front, fault, "these features were not offered");
	front->features = wanted;
	guest_features(&front->guest, (wanted & HAS_EVENTS) != 0, (wanted & HAS_PROTOCOL) == 0);
	return 0;
}

static int set_protocol_features(struct front *front, struct fault *fault)
{
	uint64_t wanted = little_get64(front->payload);

	if (!vhost_features_right(wanted, PROTOCOL))
		return refuse(front, fault, "these features were not offered");
	front->protocol = wanted;
	return 0;
}

/* --- Memory ----------------------------------------------------------------------------------- */

static int set_memory(struct front *front, struct fault *fault)
{
	struct vhost_memory table = {.count = little_get32(front->payload)};
	int descriptors[VHOST_REGIONS_MAX];

	if (table.count != front->descriptor_count ||
		front->header.size != 8 + table.count * VHOST_REGION_SIZE)
		return refuse(front, fault, "it has not one file for each region");
	for (uint32_t i = 0; i < table.count; i++) {
		vhost_region_decode(front->payload + 8 + i * VHOST_REGION_SIZE, &table.regions[i]);
		descriptors[i] = front_take_descriptor(front);
	}
	return guest_memory(&front->guest, &table, descriptors, fault);
}

/* --- Rings ------------------------------------------------------------------------------------ */

static int set_size(struct front *front, uint32_t index, uint32_t size, struct fault *fault)
{
	if (!vhost_vring_num_right(index, size))
		return refuse(front, fault, "there is no such ring, or of no such size");
	front->guest.rings[index].size = size;
	guest_changed(&front->guest);
	return 0;
}

static int set_base(struct front *front, uint32_t index, uint32_t base, struct fault *fault)
{
	if (!vhost_vring_base_right(index, base))
		return refuse(front, fault, "there is no such ring, or no such place in it");
	guest_begin(&front->guest, &front->guest.rings[index], (uint16_t)base);
	return 0;
}

static int get_base(struct front *front, uint32_t index, struct fault *fault)
{
	if (!vhost_vring_index_right(index))
		return refuse(front, fault, "there is no such ring");
	guest_stop(&front->guest, &front->guest.rings[index]);
	little_put32(front->payload + 4, front->guest.rings[index].next);
	return front_reply(front, 8, fault);
}

static int enable(struct front *front, uint32_t index, uint32_t on, struct fault *fault)
{
	if (!vhost_vring_enable_right(index, on))
		return refuse(front, fault, "there is no such ring, or it is neither on nor off");
	front->guest.rings[index].is_enabled = on != 0;
	guest_changed(&front->guest);
	return 0;
}

static int set_place(struct front *front, struct fault *fault)
{
	struct vhost_vring_addr place;

	vhost_vring_addr_decode(front->payload, &place);
	if (!vhost_vring_addr_right(&place))
		return refuse(front, fault,
			"there is no such ring, or it is not aligned, or it wants a log");
	front->guest.rings[place.index].place = place;
	guest_changed(&front->guest);
	return 0;
}

static int set_bell(struct front *front, struct fault *fault)
{
	uint64_t value = little_get64(front->payload);
	struct ring *ring;

	if (!vhost_vring_fd_right(value, front->descriptor_count))
		return refuse(front, fault, "there is no such ring, or no descriptor came along");
	ring = &front->guest.rings[vhost_vring_fd_index(value)];
	switch (front->header.request) {
	case VHOST_SET_VRING_KICK:
		return guest_bell(&front->guest, ring, front_take_descriptor(front), fault);
	case VHOST_SET_VRING_CALL:
		ring_set(&ring->call, front_take_descriptor(front));
		return 0;
	default:
		ring_set(&ring->error, front_take_descriptor(front));
		return 0;
	}
}

/* --- All of them ------------------------------------------------------------------------------ */

/* A part of the guest's CID. */
static int get_config(struct front *front, struct fault *fault)
{
	uint32_t offset = little_get32(front->payload), size = little_get32(front->payload + 4);
	uint8_t config[VHOST_CONFIG_SIZE];

	if (!vhost_config_right(front->header.size, offset, size))
		return front_reply(front, 0, fault);
	little_put64(config, front->guest.cid);
	memcpy(front->payload + VHOST_CONFIG_AHEAD, config + offset, size);
	return front_reply(front, VHOST_CONFIG_AHEAD + size, fault);
}

static int perform(struct front *front, struct fault *fault)
{
	uint32_t index = little_get32(front->payload), value = little_get32(front->payload + 4);

	switch (front->header.request) {
	case VHOST_GET_FEATURES:
		return answer_number(front, FEATURES, fault);
	case VHOST_SET_FEATURES:
		return set_features(front, fault);
	case VHOST_GET_PROTOCOL_FEATURES:
		return answer_number(front, PROTOCOL, fault);
	case VHOST_SET_PROTOCOL_FEATURES:
		return set_protocol_features(front, fault);
	case VHOST_GET_QUEUE_NUM:
		return answer_number(front, VHOST_QUEUES, fault);
	case VHOST_GET_CONFIG:
		return get_config(front, fault);
	case VHOST_SET_MEM_TABLE:
		return set_memory(front, fault);
	case VHOST_SET_VRING_NUM:
		return set_size(front, index, value, fault);
	case VHOST_SET_VRING_ADDR:
		return set_place(front, fault);
	case VHOST_SET_VRING_BASE:
		return set_base(front, index, value, fault);
	case VHOST_GET_VRING_BASE:
		return get_base(front, index, fault);
	case VHOST_SET_VRING_ENABLE:
		return enable(front, index, value, fault);
	case VHOST_SET_VRING_KICK:
	case VHOST_SET_VRING_CALL:
	case VHOST_SET_VRING_ERR:
		return set_bell(front, fault);
	default:
		return 0; /* SET_OWNER, RESET_OWNER */
	}
}

int front_request(struct front *front, struct fault *fault)
{
	bool wants_ack = (front->header.flags & VHOST_NEED_REPLY) != 0 &&
			 (front->protocol & HAS_ACKS) != 0 &&
			 !vhost_message_has_answer(front->header.request);

	LOG(LOG_DEBUG, "message", log_number("request", front->header.request));
	if (perform(front, fault) != 0)
		return -1;
	return wants_ack ? answer_number(front, 0, fault) : 0;
}
