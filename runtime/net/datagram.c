/* datagram: see datagram.h. */
#include "runtime/net/datagram.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "runtime/net/socket.h"
#include "runtime/net/unix_path.h"

#define MODE_USUAL 0600u

/* Receives a batch. Returns how many came. */
static unsigned receive(
	struct datagram_socket *socket, struct mmsghdr messages[static DATAGRAM_BATCH])
{
	struct iovec parts[DATAGRAM_BATCH];
	int count;

	memset(messages, 0, DATAGRAM_BATCH * sizeof *messages);
	for (unsigned i = 0; i < DATAGRAM_BATCH; i++) {
		parts[i].iov_base = socket->buffer + i * socket->most;
		parts[i].iov_len = socket->most;
		messages[i].msg_hdr.msg_iov = &parts[i];
		messages[i].msg_hdr.msg_iovlen = 1;
		messages[i].msg_hdr.msg_name = &socket->from[i].name;
		messages[i].msg_hdr.msg_namelen = sizeof socket->from[i].name;
	}
	count = recvmmsg(socket->watch.fd, messages, DATAGRAM_BATCH, MSG_DONTWAIT, NULL);
	return count > 0 ? (unsigned)count : 0;
}

/* An error is one that an earlier datagram met on its way; it has been taken off with this. */
static void ready(struct watch *watch, unsigned events)
{
	struct datagram_socket *socket =
		(struct datagram_socket *)((char *)watch - offsetof(struct datagram_socket, watch));
	struct mmsghdr messages[DATAGRAM_BATCH];
	unsigned count = receive(socket, messages), whole = 0;

	(void)events;
	for (unsigned i = 0; i < count; i++) {
		if ((messages[i].msg_hdr.msg_flags & MSG_TRUNC) != 0) {
			socket->truncated++;
			continue;
		}
		socket->from[i].size = messages[i].msg_hdr.msg_namelen;
		socket->list[whole].bytes = socket->buffer + i * socket->most;
		socket->list[whole].size = messages[i].msg_len;
		socket->list[whole].from = &socket->from[i];
		whole++;
	}
	if (whole > 0)
		socket->arrived(socket, socket->list, whole);
}

static int open_file(struct datagram_socket *socket, const struct address *address, mode_t mode,
	struct fault *fault)
{
	int fd = socket_open(AF_UNIX, SOCK_DGRAM, fault);

	if (fd < 0)
		return -1;
	if (unix_file_bind(&socket->file, fd, address, mode, 0, true, fault) == 0)
		return fd;
	close(fd);
	return -1;
}

/* The first endpoint that can be bound to. */
static int open_endpoint(const struct address *address, struct fault *fault)
{
	struct endpoints endpoints;
	int fd = -1;

	if (address_resolve(address, &endpoints, fault) != 0)
		return -1;
	for (unsigned i = 0; i < endpoints.count && fd < 0; i++)
		fd = socket_bound(&endpoints.list[i], SOCK_DGRAM, fault);
	return fd;
}

static int open_any(struct datagram_socket *socket, const struct address *address, mode_t mode,
	struct fault *fault)
{
	switch (address->kind) {
	case ADDRESS_UNIX:
		return open_file(socket, address, mode != 0 ? mode : MODE_USUAL, fault);
	case ADDRESS_ABSTRACT:
	case ADDRESS_TCP:
	case ADDRESS_TCP6:
		return open_endpoint(address, fault);
	default:
		return fault_set(fault, "address",
			"there are datagrams at addresses of tcp: (UDP) and unix: only");
	}
}

/* Puts the address in front of what the fault says. */
static int refuse(const struct address *address, struct fault *fault)
{
	char text[ADDRESS_TEXT_MAX];
	struct fault inner = *fault;

	address_print(address, text);
	return fault_set(
		fault, inner.word, "cannot receive datagrams at %.200s: %s", text, inner.text);
}

int datagram_open(struct datagram_socket *socket, struct loop *loop, const struct address *address,
	mode_t mode, uint8_t *buffer, size_t most, struct fault *fault)
{
	int fd;

	socket->truncated = 0;
	socket->file.folder = -1;
	socket->buffer = buffer;
	socket->most = most;
	memset(&socket->watch, 0, sizeof socket->watch);
	socket->watch.ready = ready;
	socket->watch.fd = -1;
	fd = open_any(socket, address, mode, fault);
	if (fd < 0)
		return refuse(address, fault);
	socket->port = socket_port(fd);
	if (watch_start(&socket->watch, loop, fd, WATCH_READ, fault) == 0)
		return 0;
	socket->watch.fd = fd;
	datagram_close(socket);
	return refuse(address, fault);
}

void datagram_receive(struct datagram_socket *socket, bool wanted)
{
	watch_change(&socket->watch, wanted ? WATCH_READ : 0);
}

enum stream_result datagram_send(struct datagram_socket *socket, const struct endpoint *to,
	const void *bytes, size_t size, struct fault *fault)
{
	ssize_t put;

	do {
		put = sendto(socket->watch.fd, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT,
			(const struct sockaddr *)&to->name, to->size);
	} while (put < 0 && errno == EINTR);
	if (put >= 0)
		return STREAM_DONE;
	if (errno == EAGAIN || errno == ENOBUFS)
		return STREAM_AGAIN;
	if (errno == EMSGSIZE)
		fault_set(fault, "size", "%zu bytes are too many for one datagram", size);
	else
		socket_fault(fault, errno, "cannot send a datagram");
	return STREAM_FAILED;
}

void datagram_close(struct datagram_socket *socket)
{
	watch_stop(&socket->watch);
	unix_file_remove(&socket->file);
	if (socket->watch.fd >= 0)
		close(socket->watch.fd);
	socket->watch.fd = -1;
}
