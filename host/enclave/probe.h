/* probe: asks an enclave's init how it is (spec/ports.md, 9001), again and again until it answers
 * or the time is up. The enclave is hostile: what is no line is no answer. */
#ifndef CLOISTER_HOST_ENCLAVE_PROBE_H
#define CLOISTER_HOST_ENCLAVE_PROBE_H

#include "gen/health_line.h"
#include "runtime/net/connect.h"

#define PROBE_PAUSE (500 * CLOCK_MILLISECOND) /* between tries */

struct probe {
	/* Set by the owner. One of them is called, once, after probe_start. */
	void (*answered)(void *user, uint32_t down); /* units that are not up; 0: all is well */
	void (*silent)(void *user, const struct fault *why); /* of the last try */
	void *user;

	/* Its own. Zeroed at first. */
	struct loop *loop;
	struct address address;
	struct connector connector;
	struct watch watch;
	struct timer again, limit;
	struct health_line line;
	struct fault why;
};

/* Gives up the question before. */
void probe_start(struct probe *probe, struct loop *loop, const struct address *address,
	uint64_t nanoseconds);
void probe_cancel(struct probe *probe);

#endif
