/* message: see message.h. */
#include "services/init/message.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void clean(struct message *message)
{
	connect_cancel(&message->connector);
	timer_stop(&message->limit);
	if (message->watch.loop == NULL)
		return;
	watch_stop(&message->watch);
	close(message->watch.fd);
}

static void finish(struct message *message, const struct fault *fault)
{
	clean(message);
	message->done(message, fault);
}

static void late(struct timer *timer)
{
	struct message *message =
		(struct message *)((char *)timer - offsetof(struct message, limit));
	struct fault fault = {0};

	(void)fault_set(&fault, "timeout", "the host took the connection and stays silent");
	finish(message, &fault);
}

static void answered(struct watch *watch, unsigned events)
{
	struct message *message =
		(struct message *)((char *)watch - offsetof(struct message, watch));
	struct fault fault = {0};
	unsigned char answer = 0;
	ssize_t size = recv(watch->fd, &answer, 1, 0);

	(void)events;
	if (size < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (size > 0 && message->expected < 0)
		return; /* whatever the host says, what counts is its end */
	if (message->expected < 0 || (size == 1 && answer == message->expected)) {
		finish(message, NULL);
		return;
	}
	(void)fault_set(&fault, "answer",
		size == 1 ? "the host has answered with another byte"
			  : "the host has closed without an answer");
	finish(message, &fault);
}

static void connected(struct connector *connector, int fd, const struct fault *reason)
{
	struct message *message =
		(struct message *)((char *)connector - offsetof(struct message, connector));
	struct fault fault = {0};

	if (fd < 0) {
		finish(message, reason);
		return;
	}
	/* A new connection takes so few bytes whole. */
	if (send(fd, message->bytes, message->size, MSG_NOSIGNAL) != (ssize_t)message->size) {
		(void)fault_io(&fault, errno, "cannot write to the host");
		close(fd);
		finish(message, &fault);
		return;
	}
	if (message->expected < 0)
		(void)shutdown(fd, SHUT_WR);
	message->watch.ready = answered;
	if (watch_start(&message->watch, message->loop, fd, WATCH_READ, &fault) != 0) {
		close(fd);
		finish(message, &fault);
	}
}

int message_start(struct message *message, struct loop *loop, const char *stand_ins, uint32_t port,
	const void *text, size_t size, int expected, uint64_t nanoseconds, struct fault *fault)
{
	struct address address = {.kind = ADDRESS_VSOCK, .cid = CID_PARENT, .port = port};

	if (address_stand_in(&address, stand_ins, fault) != 0)
		return -1;
	message_drop(message);
	message->size = size < MESSAGE_MAX ? size : MESSAGE_MAX;
	memcpy(message->bytes, text, message->size);
	message->expected = expected;
	message->loop = loop;
	message->connector.done = connected;
	message->limit.fired = late;
	if (connect_start(&message->connector, loop, &address, NULL, nanoseconds, fault) != 0)
		return -1;
	timer_start(&message->limit, loop, nanoseconds);
	return 0;
}

void message_drop(struct message *message)
{
	clean(message);
}
