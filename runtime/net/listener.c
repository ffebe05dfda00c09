/* listener: see listener.h. */
#include "runtime/net/listener.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "runtime/net/socket.h"
#include "runtime/net/unix_path.h"

#define MODE_USUAL 0600u

/* Accepts where there is room and no pause; a listening socket that is not watched for reading
 * keeps its connections waiting. */
static void watch_or_not(struct listener *listener)
{
	bool open = listener->live < listener->most && listener->pause.loop == NULL;

	watch_change(&listener->watch, open ? WATCH_READ : 0);
}

/* Errors of a connection that went away while it waited, and of the network; the listening socket
 * is as good as before. */
static bool is_of_one_connection(int error)
{
	switch (error) {
	case EAGAIN:
	case EINTR:
	case ECONNABORTED:
	case EPROTO:
	case EPERM:
	case ENETDOWN:
	case ENOPROTOOPT:
	case EHOSTDOWN:
	case ENONET:
	case EHOSTUNREACH:
	case EOPNOTSUPP:
	case ENETUNREACH:
	case ETIMEDOUT:
	case ECONNRESET:
		return true;
	default:
		return false;
	}
}

/* One connection for each time the loop calls, since `accepted` may close and free the listener.
 * After any other error there is a pause, and then another try. */
static void ready(struct watch *watch, unsigned events)
{
	struct listener *listener =
		(struct listener *)((char *)watch - offsetof(struct listener, watch));
	int fd = accept4(watch->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)events;
	if (fd >= 0) {
		listener->live++;
		watch_or_not(listener);
		listener->accepted(listener, fd);
	} else if (!is_of_one_connection(errno)) {
		listener->shortages++;
		timer_start(&listener->pause, listener->loop, LISTENER_PAUSE);
		watch_or_not(listener);
	}
}

static void pause_is_over(struct timer *timer)
{
	watch_or_not((struct listener *)((char *)timer - offsetof(struct listener, pause)));
}

void listener_ended(struct listener *listener)
{
	listener->live--;
	watch_or_not(listener);
}

/* --- Opening and closing ---------------------------------------------------------------------- */

static int open_file(struct unix_file *file, const struct address *address,
	const struct listener_limits *limits, struct fault *fault)
{
	mode_t mode = limits->mode != 0 ? limits->mode : MODE_USUAL;
	int fd = socket_open(AF_UNIX, limits->type != 0 ? limits->type : SOCK_STREAM, fault);

	if (fd < 0)
		return -1;
	if (unix_file_bind(file, fd, address, mode, LISTENER_BACKLOG, !limits->at_once, fault) == 0)
		return fd;
	close(fd);
	return -1;
}

/* The first endpoint that can be listened on. */
static int open_endpoint(const struct address *address, struct fault *fault)
{
	struct endpoints endpoints;

	if (address_resolve(address, &endpoints, fault) != 0)
		return -1;
	for (unsigned i = 0; i < endpoints.count; i++) {
		int fd = socket_bound(&endpoints.list[i], SOCK_STREAM, fault);

		if (fd < 0)
			continue;
		if (listen(fd, LISTENER_BACKLOG) == 0)
			return fd;
		socket_fault(fault, errno, "listen");
		close(fd);
	}
	return -1;
}

/* Puts the address in front of what the fault says. */
static int refuse(const struct address *address, struct fault *fault)
{
	char text[ADDRESS_TEXT_MAX];
	struct fault inner = *fault;

	address_print(address, text);
	return fault_set(fault, inner.word, "cannot listen on %.200s: %s", text, inner.text);
}

int listener_bind(struct unix_file *file, const struct address *address,
	const struct listener_limits *limits, struct fault *fault)
{
	int fd;

	file->folder = -1;
	fd = unix_path_is(address) ? open_file(file, address, limits, fault)
				   : open_endpoint(address, fault);
	return fd < 0 ? refuse(address, fault) : fd;
}

static int start(struct listener *listener, struct loop *loop, int fd,
	const struct listener_limits *limits, struct fault *fault)
{
	listener->live = 0;
	listener->shortages = 0;
	listener->loop = loop;
	listener->most = limits->connections;
	memset(&listener->watch, 0, sizeof listener->watch);
	memset(&listener->pause, 0, sizeof listener->pause);
	listener->watch.ready = ready;
	listener->pause.fired = pause_is_over;
	return watch_start(&listener->watch, loop, fd, WATCH_READ, fault);
}

int listener_adopt(struct listener *listener, struct loop *loop, int fd,
	const struct listener_limits *limits, struct fault *fault)
{
	listener->file.folder = -1;
	listener->port = socket_port(fd);
	if (start(listener, loop, fd, limits, fault) == 0)
		return 0;
	listener->loop = NULL;
	return -1;
}

int listener_open(struct listener *listener, struct loop *loop, const struct address *address,
	const struct listener_limits *limits, struct fault *fault)
{
	int fd;

	listener->loop = NULL;
	fd = listener_bind(&listener->file, address, limits, fault);
	if (fd < 0)
		return -1;
	listener->port = unix_path_is(address) ? address->port : socket_port(fd);
	if (start(listener, loop, fd, limits, fault) == 0)
		return 0;
	listener->watch.fd = fd;
	listener_close(listener);
	return refuse(address, fault);
}

void listener_close(struct listener *listener)
{
	if (listener->loop == NULL)
		return;
	watch_stop(&listener->watch);
	timer_stop(&listener->pause);
	unix_file_remove(&listener->file);
	close(listener->watch.fd);
	listener->loop = NULL;
}
