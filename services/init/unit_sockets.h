/* unit_sockets: sockets that a unit listens on, opened before its process and kept when that ends:
 * who connects in between waits for the next one. */
#ifndef CLOISTER_SERVICES_INIT_UNIT_SOCKETS_H
#define CLOISTER_SERVICES_INIT_UNIT_SOCKETS_H

#include "runtime/net/unix_file.h"
#include "services/init/unit_file.h"

#define UNIT_SOCKETS_FIRST 3 /* the descriptor of the first one, in the process */

/* Zeroed is closed. */
struct unit_sockets {
	uint32_t count;
	uint64_t mark; /* of the addresses that they were opened for */
	int list[UNIT_SOCKETS_MAX];
	struct unix_file files[UNIT_SOCKETS_MAX];
};

/* Opens what the unit's file names, unless that is open: all, or none. `stand_ins`: for vsock, or
 * null. Faults: those of listener_open. */
int unit_sockets_open(struct unit_sockets *sockets, const struct unit_file *unit,
	const char *stand_ins, struct fault *fault);

/* Closes them and removes their files. */
void unit_sockets_close(struct unit_sockets *sockets);

#endif
