/* socket_stream: a connected socket as a stream: Unix, TCP or vsock. See stream.h.
 *
 * SIGPIPE must be ignored, or a splice to a peer that is gone ends the process
 * (signals_ignore_pipe in runtime/kernel/signals.h). */
#ifndef CLOISTER_RUNTIME_NET_SOCKET_STREAM_H
#define CLOISTER_RUNTIME_NET_SOCKET_STREAM_H

#include "runtime/kernel/loop.h"
#include "runtime/net/stream.h"

struct socket_stream {
	struct stream stream; /* its `ready` and `user` are the owner's */
	struct loop *loop;
	struct watch watch;
	struct timer again; /* tells of readiness once the socket is hung up */
	unsigned wanted;
};

/* Takes over the descriptor of a connected, non-blocking socket, from listener.h or connect.h. TCP
 * sends at once what is written (TCP_NODELAY). The struct need not be zeroed; `ready` and `user`
 * are set after this. Faults: "limit", "io"; the descriptor then stays the caller's. */
int socket_stream_open(
	struct socket_stream *socket, struct loop *loop, int fd, struct fault *fault);

/* Has a Unix socket hold `size` bytes that the peer has not read, or what is permitted of that: one
 * that is full takes nothing until three quarters are read. Others find their size themselves. */
void socket_stream_hold(struct socket_stream *socket, int size);

#endif
