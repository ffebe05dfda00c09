/* socket_stream: see socket_stream.h. */
#include "runtime/net/socket_stream.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/net/socket.h"

static struct socket_stream *socket_of(struct stream *stream)
{
	return (struct socket_stream *)stream;
}

static enum stream_result try_again_or_fail(struct fault *fault, const char *what)
{
	if (errno == EAGAIN || errno == EWOULDBLOCK)
		return STREAM_AGAIN;
	socket_fault(fault, errno, "%s", what);
	return STREAM_FAILED;
}

static enum stream_result read_socket(
	struct stream *stream, void *bytes, size_t size, size_t *done, struct fault *fault)
{
	ssize_t got;

	do {
		got = recv(socket_of(stream)->watch.fd, bytes, size, 0);
	} while (got < 0 && errno == EINTR);
	*done = got > 0 ? (size_t)got : 0;
	if (got < 0)
		return try_again_or_fail(fault, "cannot read from the peer");
	return got > 0 ? STREAM_DONE : STREAM_END;
}

static enum stream_result write_socket(struct stream *stream, const struct iovec *parts,
	unsigned count, size_t *done, struct fault *fault)
{
	struct msghdr message = {.msg_iov = (struct iovec *)parts, .msg_iovlen = count};
	ssize_t put;

	do {
		put = sendmsg(socket_of(stream)->watch.fd, &message, MSG_NOSIGNAL);
	} while (put < 0 && errno == EINTR);
	*done = put > 0 ? (size_t)put : 0;
	return put >= 0 ? STREAM_DONE : try_again_or_fail(fault, "cannot write to the peer");
}

static enum stream_result finish_socket(struct stream *stream, struct fault *fault)
{
	if (shutdown(socket_of(stream)->watch.fd, SHUT_WR) == 0)
		return STREAM_DONE;
	socket_fault(fault, errno, "cannot end the stream to the peer");
	return STREAM_FAILED;
}

/* A socket that is hung up is always ready, also for who wants nothing: the watch would call in
 * each turn. So the watch ends there, and a timer calls instead while something is wanted. */
static void tell(struct socket_stream *socket, unsigned events)
{
	if (socket->watch.loop == NULL && socket->wanted != 0)
		timer_start(&socket->again, socket->loop, 0);
	if (events != 0)
		socket->stream.ready(&socket->stream, events);
}

static void ready(struct watch *watch, unsigned events)
{
	struct socket_stream *socket =
		(struct socket_stream *)((char *)watch - offsetof(struct socket_stream, watch));
	unsigned able = 0;

	if ((events & WATCH_ENDED) != 0) {
		watch_stop(watch);
		able = socket->wanted;
	}
	if ((events & WATCH_READ) != 0)
		able |= STREAM_READ;
	if ((events & WATCH_WRITE) != 0)
		able |= STREAM_WRITE;
	tell(socket, able);
}

static void ready_again(struct timer *timer)
{
	struct socket_stream *socket =
		(struct socket_stream *)((char *)timer - offsetof(struct socket_stream, again));

	tell(socket, socket->wanted);
}

static void want(struct stream *stream, unsigned events)
{
	struct socket_stream *socket = socket_of(stream);
	unsigned watched = 0;

	socket->wanted = events;
	if ((events & STREAM_READ) != 0)
		watched |= WATCH_READ;
	if ((events & STREAM_WRITE) != 0)
		watched |= WATCH_WRITE;
	watch_change(&socket->watch, watched);
	if (events == 0)
		timer_stop(&socket->again);
	else if (socket->watch.loop == NULL && socket->watch.fd >= 0)
		timer_start(&socket->again, socket->loop, 0);
}

static void close_socket(struct stream *stream)
{
	struct socket_stream *socket = socket_of(stream);

	watch_stop(&socket->watch);
	timer_stop(&socket->again);
	if (socket->watch.fd >= 0)
		close(socket->watch.fd);
	socket->watch.fd = -1;
}

static int descriptor(const struct stream *stream)
{
	return ((const struct socket_stream *)stream)->watch.fd;
}

static const struct stream_operations operations = {
	.read = read_socket,
	.write = write_socket,
	.finish = finish_socket,
	.want = want,
	.close = close_socket,
	.descriptor = descriptor,
};

int socket_stream_open(struct socket_stream *socket, struct loop *loop, int fd, struct fault *fault)
{
	const int on = 1;

	memset(socket, 0, sizeof *socket);
	socket->stream.operations = &operations;
	socket->loop = loop;
	socket->watch.ready = ready;
	socket->again.fired = ready_again;
	if (watch_start(&socket->watch, loop, fd, 0, fault) != 0) {
		socket->watch.fd = -1;
		return -1;
	}
	/* Refused by all but TCP. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	return 0;
}

void socket_stream_hold(struct socket_stream *socket, int size)
{
	int fd = socket->watch.fd, domain = 0;
	socklen_t length = sizeof domain;

	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &length) == 0 && domain == AF_UNIX)
		(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
}
