/* socket: what all files of runtime/net share about sockets. Every socket here is CLOEXEC and
 * NONBLOCK from its birth. */
#ifndef CLOISTER_RUNTIME_NET_SOCKET_H
#define CLOISTER_RUNTIME_NET_SOCKET_H

#include <stdbool.h>

#include "runtime/net/address.h"

/* Like fault_io, with a word that says what to do about it: "refused" (nobody listens), "reset"
 * (the peer went away), "timeout", "in_use", "denied", "unreachable", "limit" (out of descriptors
 * or memory), else "io". Always returns -1. */
int socket_fault(struct fault *fault, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* type: SOCK_STREAM and so on. The descriptor, or -1. */
int socket_open(int family, int type, struct fault *fault);

/* A socket for the endpoint, bound to it. */
int socket_bound(const struct endpoint *endpoint, int type, struct fault *fault);

/* The port that the kernel gave to a bound socket; 0 for sockets without ports. */
uint32_t socket_port(int fd);

/* Whether an error of accept, recv or send means to try again later: no descriptors, no memory. */
bool socket_is_short(int error);

#endif
