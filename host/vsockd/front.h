/* front: the conversation with the front-end, QEMU, by the vhost-user protocol: it says where the
 * guest's memory and rings are, and which descriptors stand for their bells (spec/vsockd.md). What
 * is taken of it, vhost_message decides. */
#ifndef CLOISTER_HOST_VSOCKD_FRONT_H
#define CLOISTER_HOST_VSOCKD_FRONT_H

#include "host/vsockd/guest.h"
#include "host/vsockd/settings.h"
#include "host/vsockd/vhost_message.h"
#include "runtime/net/listener.h"

#define FRONT_DESCRIPTORS_MAX VHOST_REGIONS_MAX

struct front {
	struct loop *loop;
	struct listener listener;
	struct watch watch;  /* of the one front-end that is served */
	struct timer linger; /* it has gone: the time for what its guest has sent last */
	struct guest guest;
	uint64_t features, protocol; /* agreed */

	/* The message that comes in. */
	bool has_spoken; /* it is not the first one */
	uint8_t head[VHOST_HEADER_SIZE];
	uint8_t payload[VHOST_PAYLOAD_MAX];
	struct vhost_header header;
	size_t got; /* bytes of both */
	int descriptors[FRONT_DESCRIPTORS_MAX];
	uint32_t descriptor_count;

	bool has_failed;
	struct fault fault;
};

/* Listens for the front-end, and for who wants to reach the guest; zeroed before. Faults: those of
 * guest_open and listener_open. */
int front_open(struct front *front, struct loop *loop, const struct settings *settings,
	struct fault *fault);

/* 0, or why the front-end is not served any more. */
int front_outcome(const struct front *front, struct fault *fault);

/* Closes all, and removes the files of sockets. */
void front_close(struct front *front);

/* --- Inside: front.c hears messages, front_requests.c does what they ask ---------------------- */

/* Does what a whole message asks. -1: it is refused, and the front-end with it. */
int front_request(struct front *front, struct fault *fault);

/* Answers the message with so many bytes of `payload`. */
int front_reply(struct front *front, uint32_t size, struct fault *fault);

/* The first descriptor that came with the message and was not taken; -1: there is none. */
int front_take_descriptor(struct front *front);

#endif
