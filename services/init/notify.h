/* notify: units say how they are, in datagrams to NOTIFY_SOCKET, as for sd_notify(3). One socket
 * for all of them, under a name that the kernel chooses; who sends is told by the kernel, and
 * counts only while that process is there and is of the unit's session. */
#ifndef CLOISTER_SERVICES_INIT_NOTIFY_H
#define CLOISTER_SERVICES_INIT_NOTIFY_H

#include "runtime/kernel/loop.h"

struct units;

/* Zeroed: closed. */
struct notify {
	struct watch watch;
	char variable[32]; /* NOTIFY_SOCKET=@NAME */
};

/* Opens it, unless it is open. A failure is warned of. */
void notify_open(struct units *units);

#endif
