/* datagram: sockets whose messages come whole or not at all: UDP, and Unix datagrams. */
#ifndef CLOISTER_RUNTIME_NET_DATAGRAM_H
#define CLOISTER_RUNTIME_NET_DATAGRAM_H

#include "runtime/kernel/loop.h"
#include "runtime/net/address.h"
#include "runtime/net/stream.h"
#include "runtime/net/unix_file.h"

#define DATAGRAM_BATCH 16u /* that are received with one system call */

/* One that was received. Both pointers hold until `arrived` returns. */
struct datagram {
	const uint8_t *bytes;
	size_t size;                 /* may be 0 */
	const struct endpoint *from; /* a size of 0: an unnamed socket */
};

struct datagram_socket {
	/* Set by the owner before datagram_open. Called with list[0..count), 1 or more; it may
	 * close the socket and free the struct. */
	void (*arrived)(
		struct datagram_socket *socket, const struct datagram *list, unsigned count);
	void *user;

	/* To read */
	uint32_t port;      /* the one that is bound to, also where the kernel chose it */
	uint64_t truncated; /* datagrams that were dropped since they were larger than `most` */

	/* The socket's */
	struct watch watch;
	struct unix_file file;
	uint8_t *buffer;
	size_t most;
	struct endpoint from[DATAGRAM_BATCH];
	struct datagram list[DATAGRAM_BATCH];
};

/* Binds a socket and receives at once. tcp:HOST:PORT means UDP here, with port 0 for any; unix:
 * means a Unix datagram socket; others have no datagrams. buffer[0..DATAGRAM_BATCH * most): the
 * owner's, used until the socket is closed; `most` is what one datagram can have. mode: as in
 * listener.h. To be called before the loop runs, as listener_open.
 * Faults: "address" (no datagrams there), and those of listener_open. */
int datagram_open(struct datagram_socket *socket, struct loop *loop, const struct address *address,
	mode_t mode, uint8_t *buffer, size_t most, struct fault *fault);

/* Whether datagrams are received; what comes meanwhile waits in the kernel, or is lost there. */
void datagram_receive(struct datagram_socket *socket, bool wanted);

/* Sends one datagram. STREAM_AGAIN: there is no room for it now, and it is the sender's to drop or
 * to keep. Fault words: "refused" (nobody there), "size" (too large for one datagram), "io". */
enum stream_result datagram_send(struct datagram_socket *socket, const struct endpoint *to,
	const void *bytes, size_t size, struct fault *fault);

void datagram_close(struct datagram_socket *socket); /* one that failed to open included */

#endif
