/* socks: one client of `forward -D` until it is known where it wants to go: reads its greeting and
 * its request (spec/socks_hello.md), and answers. */
#ifndef CLOISTER_HOST_PIPELINE_SOCKS_H
#define CLOISTER_HOST_PIPELINE_SOCKS_H

#include <stdbool.h>

#include "fsm/socks_hello.h"
#include "runtime/kernel/loop.h"
#include "runtime/net/address.h"

#define SOCKS_PATIENCE   (30 * CLOCK_SECOND) /* for greeting and request */
#define SOCKS_REPLY_SIZE 10u                 /* bytes of the answer to a request */

struct socks {
	/* Set by the owner before socks_start. Called once, unless socks_stop came first: the
	 * client wants a connection to the target, and waits for the answer; or null: it was
	 * answered as far as it could be, and is to be closed. */
	void (*asked)(struct socks *socks, const struct address *target);
	void *user;

	/* Its own. */
	struct socks_hello hello;
	uint64_t instance;
	struct watch watch;
	struct timer limit;
	bool is_greeted;
	size_t size;
	uint8_t bytes[SOCKS_HELLO_SIZE_MAX];
};

/* Begins with a connected descriptor, which stays the owner's. Not a byte behind the request is
 * read. Faults: those of watch_start. */
int socks_start(struct socks *socks, struct loop *loop, int fd, struct fault *fault);
void socks_stop(struct socks *socks); /* may be called again */

/* The answer to a request: that the connection is there (SLC_REASON_NONE), or why it is not. */
void socks_reply(uint32_t reason, uint8_t reply[SOCKS_REPLY_SIZE]);

#endif
