/* source: a descriptor that may block, read by a thread of its own, a buffer at a time: standard
 * input, whatever it is. Its flags, which other processes share, are left alone. */
#ifndef CLOISTER_HOST_PIPELINE_SOURCE_H
#define CLOISTER_HOST_PIPELINE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/kernel/workers.h"

#define SOURCE_SIZE 65536u

struct source {
	/* Set before source_start. Bytes are there, or the end: called from the loop. */
	void (*ready)(struct source *source);
	void *user;

	/* To read, while it is not busy. */
	size_t at, size; /* bytes[at .. size) were read and not taken */
	bool is_over;    /* nothing comes any more */
	int error;       /* why, where that is not the end; an errno */
	uint8_t bytes[SOURCE_SIZE];

	/* The source's own. */
	int fd;
	bool is_busy; /* the thread has the buffer */
	struct loop *loop;
	struct workers *pool;
	struct work work;
};

/* Begins to read; the descriptor stays its owner's. Faults: "limit", "memory". */
int source_start(struct source *source, struct loop *loop, int fd, struct fault *fault);

/* Has done with bytes; when all are taken, reading goes on. */
void source_take(struct source *source, size_t size);

/* Whether all can be given up: source_stop does that, and says so. A thread that is in the middle
 * of reading can't be stopped: then the loop and the struct have to stay in place until the process
 * ends. One that was not started is stopped. */
bool source_stop(struct source *source);

#endif
