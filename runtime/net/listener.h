/* listener: accepts connections, as many at a time as its owner can bear. */
#ifndef CLOISTER_RUNTIME_NET_LISTENER_H
#define CLOISTER_RUNTIME_NET_LISTENER_H

#include "runtime/kernel/loop.h"
#include "runtime/net/address.h"
#include "runtime/net/unix_file.h"

#define LISTENER_BACKLOG 128                       /* connections that wait to be accepted */
#define LISTENER_PAUSE   (100 * CLOCK_MILLISECOND) /* after an error of accept */

struct listener_limits {
	unsigned connections; /* that are open at the same time, 1 or more */
	mode_t mode;          /* of the file of a Unix socket; 0: 0600 */
	int type;             /* of a Unix socket: SOCK_SEQPACKET, or 0 for SOCK_STREAM */
	bool at_once; /* the lock of a socket's folder is not waited for: a loop runs already */
};

struct listener {
	/* Set by the owner before listener_open. The descriptor is CLOEXEC and NONBLOCK and belongs
	 * to whom is called, which may close the listener. Each call is one connection more, until
	 * listener_ended. */
	void (*accepted)(struct listener *listener, int fd);
	void *user;

	/* To read */
	uint32_t port;      /* the one that is listened on, also where the kernel chose it */
	unsigned live;      /* connections */
	uint64_t shortages; /* how often accepting paused for want of descriptors or memory */

	/* The listener's */
	struct loop *loop; /* null while closed */
	struct watch watch;
	struct timer pause;
	unsigned most;
	struct unix_file file;
};

/* A socket that listens and that nobody accepts from yet: the descriptor, which is the caller's,
 * and its file, if it has one, for unix_file_remove. What is said of listener_open holds too. */
int listener_bind(struct unix_file *file, const struct address *address,
	const struct listener_limits *limits, struct fault *fault);

/* Listens on an address of any kind; on hybrid:PATH:PORT that is the socket PATH_PORT, to which
 * a hypervisor connects for a guest that dials the port. A socket file that nobody listens on is
 * replaced. To be called before the loop runs: a name is looked up, and opening a Unix socket can
 * wait a second for others that do so in the same folder (unix_file.h).
 * Faults: "in_use", "denied", "unreachable" (not an address of this host), "refused" (no such
 * folder), "name", "address", "limit", "io". */
int listener_open(struct listener *listener, struct loop *loop, const struct address *address,
	const struct listener_limits *limits, struct fault *fault);

/* Accepts from a socket that listens already, and is then the listener's; its file, if it has one,
 * is another one's to remove. Faults: those of watch_start; the socket then stays the caller's. */
int listener_adopt(struct listener *listener, struct loop *loop, int fd,
	const struct listener_limits *limits, struct fault *fault);

/* One of the connections has been closed. */
void listener_ended(struct listener *listener);

/* Stops listening, and removes the socket's file if it is still the listener's. Connections stay. A
 * closed one may be closed again, and may be told of connections that ended. */
void listener_close(struct listener *listener);

#endif
