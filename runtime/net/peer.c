/* peer: see peer.h. */
#include "runtime/net/peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/vm_sockets.h>
#include <string.h>
#include <sys/socket.h>

#include "runtime/net/socket.h"

union name {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_vm vm;
	struct sockaddr_storage room;
};

static int of_unix(int fd, struct peer *peer, struct fault *fault)
{
	struct ucred ids;
	socklen_t size = sizeof ids;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &ids, &size) != 0)
		return socket_fault(fault, errno, "no credentials of the peer");
	peer->kind = PEER_UNIX;
	peer->pid = ids.pid;
	peer->uid = ids.uid;
	peer->gid = ids.gid;
	return 0;
}

static int of_tcp(struct peer *peer, int family, const void *host, in_port_t port)
{
	peer->kind = PEER_TCP;
	peer->port = ntohs(port);
	(void)inet_ntop(family, host, peer->host, sizeof peer->host);
	return 0;
}

int peer_of(int fd, struct peer *peer, struct fault *fault)
{
	union name name;
	socklen_t size = sizeof name;

	memset(peer, 0, sizeof *peer);
	memset(&name, 0, sizeof name);
	if (getpeername(fd, &name.any, &size) != 0)
		return socket_fault(fault, errno, "no peer");
	switch (name.any.sa_family) {
	case AF_UNIX:
		return of_unix(fd, peer, fault);
	case AF_INET:
		return of_tcp(peer, AF_INET, &name.v4.sin_addr, name.v4.sin_port);
	case AF_INET6:
		return of_tcp(peer, AF_INET6, &name.v6.sin6_addr, name.v6.sin6_port);
	case AF_VSOCK:
		peer->kind = PEER_VSOCK;
		peer->cid = name.vm.svm_cid;
		peer->port = name.vm.svm_port;
		return 0;
	default:
		return fault_set(fault, "io", "no peer of a kind that is known: family %d",
			name.any.sa_family);
	}
}

void peer_print(const struct peer *peer, char text[PEER_TEXT_MAX])
{
	int is_v6 = strchr(peer->host, ':') != NULL;

	switch (peer->kind) {
	case PEER_UNIX:
		(void)snprintf(text, PEER_TEXT_MAX, "pid %d uid %u gid %u", peer->pid, peer->uid,
			peer->gid);
		break;
	case PEER_VSOCK:
		(void)snprintf(
			text, PEER_TEXT_MAX, "vsock:%" PRIu32 ":%" PRIu32, peer->cid, peer->port);
		break;
	case PEER_TCP:
		(void)snprintf(text, PEER_TEXT_MAX, "tcp:%s%s%s:%" PRIu32, is_v6 ? "[" : "",
			peer->host, is_v6 ? "]" : "", peer->port);
		break;
	}
}
