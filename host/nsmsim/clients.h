/* clients: those who are connected to a simulated NSM. Each packet of theirs is a request, and is
 * answered by one packet before the next one is read. */
#ifndef CLOISTER_HOST_NSMSIM_CLIENTS_H
#define CLOISTER_HOST_NSMSIM_CLIENTS_H

#include "host/nsmsim/module.h"
#include "runtime/net/listener.h"

#define CLIENTS_MAX 256u

struct clients;

struct client {
	struct watch watch;
	struct clients *all;
	bool is_used;
};

struct clients {
	struct loop *loop;
	struct module *module;
	struct listener listener;
	struct client list[CLIENTS_MAX];
	uint8_t request[MODULE_REQUEST_MAX + 1];
	uint8_t reply[MODULE_REPLY_MAX];
};

/* Listens; zeroed before. Faults: those of listener_open. */
int clients_open(struct clients *clients, struct loop *loop, struct module *module,
	const char *path, struct fault *fault);

/* Closes all, and removes the socket's file. */
void clients_close(struct clients *clients);

#endif
