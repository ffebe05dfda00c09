/* peer: who is at the other end of a connected socket, as the kernel knows it. */
#ifndef CLOISTER_RUNTIME_NET_PEER_H
#define CLOISTER_RUNTIME_NET_PEER_H

#include <netinet/in.h>
#include <sys/types.h>

#include "runtime/kernel/fault.h"

#define PEER_TEXT_MAX 64u /* bytes with the NUL */

enum peer_kind { PEER_UNIX = 1, PEER_VSOCK, PEER_TCP };

/* What a kind has not is 0. */
struct peer {
	enum peer_kind kind;
	pid_t pid; /* Unix: the process that connected or, seen by it, that called listen; it may */
	uid_t uid; /* have ended since, so the pid is for logs alone. 0 for one of another */
	gid_t gid; /* namespace; the ids are then those of the overflow user */
	uint32_t cid;                /* vsock */
	uint32_t port;               /* vsock, TCP */
	char host[INET6_ADDRSTRLEN]; /* TCP: an IPv4 or IPv6 address */
};

/* Faults: "reset" (the peer is gone), "io". */
int peer_of(int fd, struct peer *peer, struct fault *fault);

/* For logs: "pid 7 uid 0 gid 0", "vsock:3:1024", "tcp:127.0.0.1:80", "tcp:[::1]:80". */
void peer_print(const struct peer *peer, char text[PEER_TEXT_MAX]);

#endif
