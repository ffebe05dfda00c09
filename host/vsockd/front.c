/* front: hears messages, and answers; see front.h. */
#include "host/vsockd/front.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/net/socket.h"

#define LINGER_TIME (2 * CLOCK_SECOND)

static struct front *of_watch(struct watch *watch)
{
	return (struct front *)((char *)watch - offsetof(struct front, watch));
}

static void drop_descriptors(struct front *front)
{
	for (int fd = front_take_descriptor(front); fd >= 0; fd = front_take_descriptor(front))
		close(fd);
}

int front_take_descriptor(struct front *front)
{
	int first = front->descriptors[0];

	if (front->descriptor_count == 0)
		return -1;
	front->descriptor_count--;
	memmove(front->descriptors, front->descriptors + 1,
		front->descriptor_count * sizeof *front->descriptors);
	return first;
}

/* --- Hearing ---------------------------------------------------------------------------------- */

/* Room for one control message, aligned as the kernel wants it. */
union control {
	struct cmsghdr head;
	unsigned char room[CMSG_SPACE(FRONT_DESCRIPTORS_MAX * sizeof(int))];
};

/* Those for which there is no room are closed. False: there are too many. */
static bool keep_descriptors(struct front *front, struct msghdr *message)
{
	bool fits = (message->msg_flags & MSG_CTRUNC) == 0;

	for (struct cmsghdr *head = CMSG_FIRSTHDR(message); head != NULL;
		head = CMSG_NXTHDR(message, head)) {
		unsigned found = (unsigned)((head->cmsg_len - CMSG_LEN(0)) / sizeof(int));

		if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS)
			continue;
		for (unsigned i = 0; i < found; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(head) + i * sizeof fd, sizeof fd);
			if (front->descriptor_count < FRONT_DESCRIPTORS_MAX) {
				front->descriptors[front->descriptor_count++] = fd;
			} else {
				close(fd);
				fits = false;
			}
		}
	}
	return fits;
}

/* Where the next bytes of the message belong. */
static struct iovec next_part(struct front *front)
{
	size_t done = front->got;

	if (done < VHOST_HEADER_SIZE)
		return (struct iovec){front->head + done, VHOST_HEADER_SIZE - done};
	done -= VHOST_HEADER_SIZE;
	return (struct iovec){front->payload + done, front->header.size - done};
}

static void linger_is_over(struct timer *timer)
{
	loop_stop(((struct front *)((char *)timer - offsetof(struct front, linger)))->loop);
}

/* Who goes without a word only looked whether somebody listens. */
static void leave(struct front *front)
{
	watch_stop(&front->watch);
	close(front->watch.fd);
	if (!front->has_spoken) {
		listener_ended(&front->listener);
		return;
	}
	LOG(LOG_INFO, "the front-end is gone");
	listener_close(&front->listener);
	if (guest_leave(&front->guest))
		timer_start(&front->linger, front->loop, LINGER_TIME);
	else
		loop_stop(front->loop);
}

/* 1: some bytes came; 0: none now, or no more (the loop is stopped); -1: a fault. */
static int hear_some(struct front *front, struct fault *fault)
{
	struct iovec part = next_part(front);
	union control control;
	struct msghdr message = {.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof control};
	ssize_t got = recvmsg(front->watch.fd, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (got <= 0) {
		leave(front);
		return 0;
	}
	if (!keep_descriptors(front, &message))
		return fault_set(fault, "protocol",
			"the front-end sent more descriptors than a message of its protocol has");
	if (!front->has_spoken) {
		LOG(LOG_INFO, "a front-end has come");
		listener_ended(&front->listener);
	}
	front->has_spoken = true;
	front->got += (size_t)got;
	return 1;
}

/* The header is there: may such a message come? */
static int judge(struct front *front, struct fault *fault)
{
	static const char *const reasons[] = {
		[VHOST_VERSION_WRONG] = "its version or its flags are wrong",
		[VHOST_UNKNOWN] = "it asks for what was not offered",
		[VHOST_SIZE_WRONG] = "its size is wrong",
		[VHOST_FDS_WRONG] = "it has too many descriptors, or too few",
	};
	enum vhost_reason reason;

	vhost_header_decode(front->head, &front->header);
	reason = vhost_message_judge(&front->header, front->descriptor_count);
	if (reason == VHOST_OK)
		return 0;
	return fault_set(fault, "protocol", "message %u of the front-end is refused: %s",
		(unsigned)front->header.request, reasons[reason]);
}

static int hear(struct front *front, struct fault *fault)
{
	int heard = hear_some(front, fault);

	if (heard <= 0)
		return heard;
	if (front->got < VHOST_HEADER_SIZE)
		return 0;
	if (front->got == VHOST_HEADER_SIZE && judge(front, fault) != 0)
		return -1;
	if (front->got < VHOST_HEADER_SIZE + front->header.size)
		return 0;
	front->got = 0;
	if (front_request(front, fault) != 0)
		return -1;
	drop_descriptors(front);
	return 0;
}

static void ready(struct watch *watch, unsigned events)
{
	struct front *front = of_watch(watch);

	(void)events;
	if (hear(front, &front->fault) == 0)
		return;
	front->has_failed = true;
	loop_stop(front->loop);
}

/* A front-end has room in its socket for an answer, unless it does not want it. */
int front_reply(struct front *front, uint32_t size, struct fault *fault)
{
	const struct vhost_header header = {
		front->header.request, VHOST_VERSION + VHOST_REPLY, size};
	uint8_t head[VHOST_HEADER_SIZE];
	struct iovec parts[] = {{head, sizeof head}, {front->payload, size}};
	const struct msghdr reply = {.msg_iov = parts, .msg_iovlen = 2};
	ssize_t sent;

	vhost_header_encode(&header, head);
	sent = sendmsg(front->watch.fd, &reply, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (sent == (ssize_t)(sizeof head + size))
		return 0;
	if (sent < 0 && (errno == EPIPE || errno == ECONNRESET))
		return 0; /* which is heard next */
	return fault_set(fault, "protocol", "the front-end does not read what it asked for");
}

/* --- Opening and closing ---------------------------------------------------------------------- */

/* One connection is accepted at a time until one has spoken: that is the front-end, and who comes
 * beside it finds the door shut. */
static void accepted(struct listener *listener, int fd)
{
	struct front *front = listener->user;
	struct fault fault;

	if (front->has_spoken) {
		LOG(LOG_WARNING, "a second front-end is refused");
		close(fd);
		listener_ended(listener);
		return;
	}
	if (watch_start(&front->watch, front->loop, fd, WATCH_READ, &fault) != 0) {
		close(fd);
		listener_ended(listener);
	}
}

static int open_listener(struct front *front, const char *path, struct fault *fault)
{
	const struct listener_limits limits = {.connections = 1};
	struct address address = {.kind = ADDRESS_UNIX};

	if (strlen(path) >= sizeof address.text)
		return fault_set(fault, "address", "the socket's path is too long");
	(void)memcpy(address.text, path, strlen(path) + 1);
	front->listener.accepted = accepted;
	front->listener.user = front;
	return listener_open(&front->listener, front->loop, &address, &limits, fault);
}

int front_open(struct front *front, struct loop *loop, const struct settings *settings,
	struct fault *fault)
{
	front->loop = loop;
	front->watch.ready = ready;
	front->watch.fd = -1;
	front->linger.fired = linger_is_over;
	if (guest_open(&front->guest, loop, settings, fault) != 0)
		return -1;
	return open_listener(front, settings->socket, fault);
}

int front_outcome(const struct front *front, struct fault *fault)
{
	if (!front->has_failed)
		return 0;
	*fault = front->fault;
	return -1;
}

void front_close(struct front *front)
{
	listener_close(&front->listener);
	timer_stop(&front->linger);
	guest_close(&front->guest);
	drop_descriptors(front);
	if (front->watch.loop != NULL) {
		watch_stop(&front->watch);
		close(front->watch.fd);
	}
}
