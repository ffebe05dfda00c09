/* output: bytes of a process on their way to whoever reads them, as fast as that one takes them. */
#ifndef CLOISTER_SERVICES_SLC_OUTPUT_H
#define CLOISTER_SERVICES_SLC_OUTPUT_H

#include "runtime/kernel/loop.h"

struct output {
	/* Set by the owner. How many bytes it takes now; after 0, output_run goes on. */
	size_t (*room)(struct output *output);
	/* Bytes, no more than there was room for. */
	void (*take)(struct output *output, const uint8_t *bytes, size_t size);
	/* The pipe is at its end, and closed. */
	void (*over)(struct output *output);
	/* Told after all of the above, when some of it has happened. */
	void (*moved)(struct output *output);

	void *user;
	uint8_t *scratch; /* the owner's, for bytes between the pipe and `take` */
	size_t scratch_size;

	/* Where the pipe is a socket on which a descriptor may come (passing.h): the newest that
	 * came, the owner's from then on; -1: none. Null: a pipe. */
	int *passed;

	bool is_open;
	bool is_counting;
	size_t held; /* while counting: bytes that were in the pipe then, and were not taken yet */
	struct loop *loop;
	struct watch watch;
};

/* Reads from a pipe, which is the output's from now on. */
void output_open(struct output *output, struct loop *loop, int fd);

/* Reads what there is room for, and then waits. */
void output_run(struct output *output);

/* Counts down, from now on, what the pipe holds now. */
void output_count(struct output *output);

/* All that was counted was taken, or the pipe is at its end. */
bool output_is_drained(const struct output *output);

/* Closes the pipe without a word. May be called again. */
void output_close(struct output *output);

#endif
