/* capture: what units write. Standard output and error of a unit are one pipe, so their order
 * stays, and both ends are ours, so nothing is lost between two runs of its program. What comes is
 * kept in a ring, and the console is one of its readers: where it takes nothing, it loses what is
 * oldest, and neither the unit nor init waits for it. */
#ifndef CLOISTER_SERVICES_INIT_CAPTURE_H
#define CLOISTER_SERVICES_INIT_CAPTURE_H

#include "runtime/kernel/loop.h"
#include "services/init/log_ring.h"

struct captures;

struct capture {
	struct captures *all;
	struct log_ring ring;
	int input; /* for the unit's program, while `watch` is started */
	struct watch watch;
	bool is_shown;    /* on the console */
	uint64_t shown;   /* the console's cursor */
	uint64_t unshown; /* bytes that it has lost */
};

/* All of them, and the console. Zeroed, with its loop and its callback. */
struct captures {
	struct loop *loop;
	/* The one with this number, from 0; null behind the last one. */
	struct capture *(*at)(struct captures *captures, uint32_t number);
	void (*grown)(struct captures *captures); /* a ring has; null: nobody wants to know */

	struct watch console; /* watched while it takes nothing */
	bool is_open, is_socket, is_asked;
	uint32_t turn; /* whose bytes come next */
};

/* Opens standard output for showing. To be called once it is what it will be. */
void captures_open(struct captures *captures);

/* Makes the pipe unless it is there. Fault: "limit". */
int capture_start(struct capture *capture, struct fault *fault);

/* The program has ended: takes what is in the pipe now, and ends a last line that has no end. */
void capture_end(struct capture *capture);

#endif
