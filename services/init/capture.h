/* capture: what units write. Standard output and error of a unit are one pipe, so their order
 * stays, and both ends are ours, so nothing is lost between two runs of its program. What comes is
 * kept in a ring, and the console is one of its readers: where it takes nothing, it loses what is
 * oldest, and neither the unit nor init waits for it. What comes is written to the unit's log file
 * too, where there is a folder for such files. */
#ifndef CLOISTER_SERVICES_INIT_CAPTURE_H
#define CLOISTER_SERVICES_INIT_CAPTURE_H

#include "runtime/kernel/loop.h"
#include "services/init/log_file.h"
#include "services/init/log_ring.h"

struct captures;

struct capture {
	struct captures *all;
	struct log_ring ring;
	struct log_file file;
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
	const char *logs;                         /* a folder for files, or null */

	struct watch console; /* watched while it takes nothing */
	bool is_open, is_socket, is_asked;
	uint32_t turn; /* whose bytes come next */
	int folder;    /* -1: there are no files */
};

/* Opens standard output for showing, and the folder for files. To be called once they are what they
 * will be. */
void captures_open(struct captures *captures);

/* Makes the pipe unless it is there. Fault: "limit". */
int capture_start(struct capture *capture, struct fault *fault);

/* The program has ended: takes what is in the pipe now, and ends a last line that has no end. */
void capture_end(struct capture *capture);

/* Forgets what it has written, in the ring and in files. */
void capture_clear(struct capture *capture);

/* Closes its pipe and its file, and forgets what is in the ring. */
void capture_drop(struct capture *capture);

#endif
