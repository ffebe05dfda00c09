/* sink: a descriptor that may block, written by a thread of its own out of a queue of fixed size:
 * standard output and standard error, whatever they are. Their flags, which other processes share,
 * are left alone. The thread is made when there is something to write. */
#ifndef CLOISTER_HOST_PIPELINE_SINK_H
#define CLOISTER_HOST_PIPELINE_SINK_H

#include <stdbool.h>

#include "runtime/channel/queue.h"
#include "runtime/kernel/workers.h"

struct sink {
	/* Set before sink_open. Called from the loop: so many bytes have left or, after an error,
	 * were dropped. */
	void (*written)(struct sink *sink, size_t size);
	void *user;

	/* To read: why nothing can be written any more, an errno; 0: it can. */
	int error;

	/* The sink's own. */
	int fd;
	struct loop *loop;
	struct workers *pool;
	struct work work;
	bool is_busy;
	struct queue queue;
	struct iovec parts[2]; /* what the thread writes */
	unsigned count;
	size_t done;
	int failed;
};

/* The descriptor stays its owner's. `size`: of the queue. Fault: "memory". */
int sink_open(struct sink *sink, struct loop *loop, int fd, size_t size, struct fault *fault);

/* Puts bytes in the queue; its owner sees to it that there is room. */
void sink_put(struct sink *sink, const uint8_t *bytes, size_t size);

bool sink_is_idle(const struct sink *sink); /* all that was put has left, or was dropped */

/* Gives it up. It must be idle. One that was not opened may be closed. */
void sink_close(struct sink *sink);

#endif
