/* callers: programs of the host that want a port of the guest. They connect to DIR/CID/vsock, say
 * "CONNECT 5005\n", as hybrid_hello reads it, and are told "OK 1073741824\n" when they are
 * through; else the connection is closed. */
#ifndef CLOISTER_HOST_VSOCKD_CALLERS_H
#define CLOISTER_HOST_VSOCKD_CALLERS_H

#include "runtime/net/listener.h"

struct guest;

struct callers {
	struct listener listener;
};

/* Listens; the folder DIR/CID is made where there is none. Faults: those of listener_open. */
int callers_open(struct callers *callers, struct guest *guest, struct fault *fault);
void callers_close(struct callers *callers);

/* A connection of theirs was given back. */
void callers_ended(struct callers *callers);

#endif
