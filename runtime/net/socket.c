/* socket: see socket.h. */
#include "runtime/net/socket.h"

#include <errno.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

static const char *word_of(int error)
{
	switch (error) {
	case ECONNREFUSED:
	case ENOENT:
		return "refused";
	case ECONNRESET:
	case ECONNABORTED:
	case EPIPE:
	case ENOTCONN:
		return "reset";
	case ETIMEDOUT:
		return "timeout";
	case EADDRINUSE:
		return "in_use";
	case EACCES:
	case EPERM:
		return "denied";
	case EADDRNOTAVAIL:
	case EHOSTUNREACH:
	case ENETUNREACH:
	case ENETDOWN:
	case ENODEV:
	case EAFNOSUPPORT:
		return "unreachable";
	default:
		return socket_is_short(error) ? "limit" : "io";
	}
}

int socket_fault(struct fault *fault, int error, const char *format, ...)
{
	char text[FAULT_TEXT_MAX - 100];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	return fault_set(fault, word_of(error), "%s: %s", text, strerror(error));
}

int socket_open(int family, int type, struct fault *fault)
{
	int fd = socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	return fd >= 0 ? fd : socket_fault(fault, errno, "no socket");
}

/* A port that was served a moment ago can be served again, and an IPv6 address is not IPv4's. */
static int prepare(int fd, int family, int type)
{
	const int on = 1;

	if (family != AF_INET && family != AF_INET6)
		return 0;
	if (type == SOCK_STREAM && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0)
		return -1;
	return family == AF_INET ? 0 : setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
}

int socket_bound(const struct endpoint *endpoint, int type, struct fault *fault)
{
	int family = endpoint->name.ss_family, fd = socket_open(family, type, fault);

	if (fd < 0)
		return -1;
	if (prepare(fd, family, type) == 0 &&
		bind(fd, (const struct sockaddr *)&endpoint->name, endpoint->size) == 0)
		return fd;
	socket_fault(fault, errno, "bind");
	close(fd);
	return -1;
}

uint32_t socket_port(int fd)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
		struct sockaddr_vm vm;
		struct sockaddr_storage room;
	} name;
	socklen_t size = sizeof name;

	memset(&name, 0, sizeof name);
	if (getsockname(fd, &name.any, &size) != 0)
		return 0;
	switch (name.any.sa_family) {
	case AF_INET:
		return ntohs(name.v4.sin_port);
	case AF_INET6:
		return ntohs(name.v6.sin6_port);
	case AF_VSOCK:
		return name.vm.svm_port;
	default:
		return 0;
	}
}

bool socket_is_short(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}
