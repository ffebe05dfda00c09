/* vhost_message: which messages of a vhost-user front-end are taken: the header first, then what is
 * in the payload. Pure functions: verify/vhost_message.acsl says what is proved. Numbers are little
 * endian on the wire (little_endian.h): the front-end runs on our machine, and that is x86. */
#ifndef CLOISTER_HOST_VSOCKD_VHOST_MESSAGE_H
#define CLOISTER_HOST_VSOCKD_VHOST_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#define VHOST_HEADER_SIZE  12u
#define VHOST_PAYLOAD_MAX  264u /* the largest that vhost_message_judge takes */
#define VHOST_QUEUES       2u   /* 0: to the guest, 1: from it; the front-end keeps the third */
#define VHOST_REGION_SIZE  32u  /* of a region in SET_MEM_TABLE, behind 8 bytes */
#define VHOST_CONFIG_SIZE  8u   /* the device's configuration: the guest's CID */
#define VHOST_CONFIG_AHEAD 12u  /* of GET_CONFIG, in front of the bytes */

enum vhost_request {
	VHOST_GET_FEATURES = 1,
	VHOST_SET_FEATURES = 2,
	VHOST_SET_OWNER = 3,
	VHOST_RESET_OWNER = 4,
	VHOST_SET_MEM_TABLE = 5,
	VHOST_SET_VRING_NUM = 8,
	VHOST_SET_VRING_ADDR = 9,
	VHOST_SET_VRING_BASE = 10,
	VHOST_GET_VRING_BASE = 11,
	VHOST_SET_VRING_KICK = 12,
	VHOST_SET_VRING_CALL = 13,
	VHOST_SET_VRING_ERR = 14,
	VHOST_GET_PROTOCOL_FEATURES = 15,
	VHOST_SET_PROTOCOL_FEATURES = 16,
	VHOST_GET_QUEUE_NUM = 17,
	VHOST_SET_VRING_ENABLE = 18,
	VHOST_GET_CONFIG = 24
};

/* Flags of a header: the version, and one or none of the others. */
#define VHOST_VERSION    1u
#define VHOST_REPLY      4u
#define VHOST_NEED_REPLY 8u

struct vhost_header {
	uint32_t request, flags, size;
};

void vhost_header_decode(const uint8_t bytes[VHOST_HEADER_SIZE], struct vhost_header *header);
void vhost_header_encode(const struct vhost_header *header, uint8_t bytes[VHOST_HEADER_SIZE]);

enum vhost_reason {
	VHOST_OK = 0,
	VHOST_VERSION_WRONG = 1, /* another version, a reply, or a flag that nobody knows */
	VHOST_UNKNOWN = 2,       /* a request that we did not offer */
	VHOST_SIZE_WRONG = 3,    /* not the payload of that request */
	VHOST_FDS_WRONG = 4      /* not as many descriptors as belong to it */
};

/* Before the payload is read: `fds` is how many descriptors came with the header. What is accepted
 * has at most VHOST_PAYLOAD_MAX bytes of payload and 8 descriptors. */
enum vhost_reason vhost_message_judge(const struct vhost_header *header, uint32_t fds);

/* Whether the answer is a payload of its own (GET_...), and not the 0 that NEED_REPLY asks for. */
bool vhost_message_has_answer(uint32_t request);

/* SET_FEATURES, SET_PROTOCOL_FEATURES: nothing that was not offered. */
bool vhost_features_right(uint64_t wanted, uint64_t offered);

/* The two numbers of a vring state. SET_VRING_NUM: a power of two up to VSOCK_QUEUE_SIZE_MAX;
 * SET_VRING_BASE: 16 bits; SET_VRING_ENABLE: 0 or 1; GET_VRING_BASE: any num. */
bool vhost_vring_num_right(uint32_t index, uint32_t num);
bool vhost_vring_base_right(uint32_t index, uint32_t base);
bool vhost_vring_enable_right(uint32_t index, uint32_t enable);
bool vhost_vring_index_right(uint32_t index);

/* SET_VRING_ADDR, as on the wire: 40 bytes. */
#define VHOST_VRING_ADDR_SIZE 40u
struct vhost_vring_addr {
	uint32_t index, flags;
	uint64_t descriptors, used, available, log; /* user addresses of the front-end */
};

void vhost_vring_addr_decode(
	const uint8_t bytes[VHOST_VRING_ADDR_SIZE], struct vhost_vring_addr *addr);

/* No flags (we offer no log), and rings aligned as virtio wants them. Where they lie is for
 * vhost_memory_user, with these lengths. */
bool vhost_vring_addr_right(const struct vhost_vring_addr *addr);
uint32_t vhost_descriptors_size(uint32_t num);
uint32_t vhost_available_size(uint32_t num);
uint32_t vhost_used_size(uint32_t num);

/* SET_VRING_KICK, _CALL, _ERR: the queue, and whether a descriptor must have come with it. */
bool vhost_vring_fd_right(uint64_t value, uint32_t fds);
uint32_t vhost_vring_fd_index(uint64_t value); /* of a value that is right */

/* GET_CONFIG with `payload` bytes: a part of the VHOST_CONFIG_SIZE bytes that there are. */
bool vhost_config_right(uint32_t payload, uint32_t offset, uint32_t size);

#endif
