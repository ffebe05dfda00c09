/* pipes: what a job and the front pass bytes through: three pipes; for a copy two sockets and a
 * pipe; for a command with a terminal its two ends and a pipe that is at its end. */
#ifndef CLOISTER_SERVICES_SLC_PIPES_H
#define CLOISTER_SERVICES_SLC_PIPES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "runtime/kernel/fault.h"
#include "services/slc/packet.h"

/* What a terminal is made for. */
struct pipes_terminal {
	uint16_t columns, rows, width, height; /* the last two in pixels */
	uid_t owner;
};

struct pipes_wish {
	int bulk;    /* above 0: the first two are sockets, which hold so many bytes or more */
	bool passes; /* the third is a socket for passing descriptors (passing.h) */
	const struct pipes_terminal *terminal; /* the program's three are one; null: they are not */
};

/* Makes them: `ours`, which are the front's to be and nonblocking, and `theirs`, which are what a
 * program expects. Those that were made are there when it fails too, and -1 the others. Faults:
 * "limit", "io". */
int pipes_make(int *ours, int *theirs, const struct pipes_wish *wish, struct fault *fault);

/* Closes those that are there, and makes them -1. */
void pipes_close(int *descriptors);

#endif
