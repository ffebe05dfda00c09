/* input: bytes of a client on their way into a process: a pipe, and a ring for what it does not
 * take yet. The ring has the channel's window, so that all which may come fits. */
#ifndef CLOISTER_SERVICES_SLC_INPUT_H
#define CLOISTER_SERVICES_SLC_INPUT_H

#include "runtime/kernel/loop.h"

struct input {
	/* Set by the owner. So many bytes have left: they were written, or dropped. */
	void (*consumed)(struct input *input, size_t size);
	/* The process reads no more; what waited was dropped. */
	void (*broken)(struct input *input);

	uint8_t *ring; /* the owner's, and `size` */
	size_t size;

	size_t begin, used;
	bool is_ended;    /* the pipe is closed when the ring is empty */
	bool is_terminal; /* and before that its reader is told so */
	int held;         /* its descriptor, once it is closed; -1: none */
	bool is_open;
	struct loop *loop;
	struct watch watch;
};

/* For a new job, before its pipe is there. */
void input_begin(struct input *input, struct loop *loop);

/* The pipe is there, and the input's from now on. */
void input_open(struct input *input, int fd);

/* Bytes for the process; no more than fit. */
void input_take(struct input *input, const uint8_t *bytes, size_t size);

/* No bytes follow. */
void input_end(struct input *input);

/* Closes the pipe at once, and drops what waits without a word. May be called again. A terminal is
 * held until then: when nobody has it any more, it hangs up on whoever is about to end well. */
void input_close(struct input *input);

#endif
