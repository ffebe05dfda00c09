/* control: the supervisor's socket, STATE/control. A client says one byte and listens:
 *   w  what happens to the enclave, one JSON object a line, until it has ended
 *   t  the same, and the enclave is to shut down
 *   c  one JSON object a line; where it is {"event":"console"} the console follows, raw
 * Only who may enter the state folder reaches it. */
#ifndef CLOISTER_HOST_ENCLAVE_CONTROL_H
#define CLOISTER_HOST_ENCLAVE_CONTROL_H

#include <jansson.h>

#include "runtime/net/listener.h"

#define CONTROL_CLIENTS 32u
#define CONTROL_SECONDS 10u /* for a client to say its byte */

#define CONTROL_WAIT      'w'
#define CONTROL_TERMINATE 't'
#define CONTROL_CONSOLE   'c'

struct control;

struct control_client {
	struct control *control;
	struct watch watch; /* its loop is null while the place is free */
	struct timer limit;
	bool is_waiting;
	bool is_ours; /* not one of the listener's */
};

struct control {
	/* Set by the owner. */
	void (*terminate)(void *user);
	json_t *(*state)(void *user); /* what a new waiter is told first; the control frees it */
	bool (*console)(void *user, int fd, struct fault *fault); /* true: fd is taken */
	void *user;

	struct loop *loop; /* null while closed */
	struct listener listener;
	struct control_client clients[CONTROL_CLIENTS];
};

/* Faults: those of listener_open. */
int control_open(
	struct control *control, struct loop *loop, const char *folder, struct fault *fault);

/* A connected socket whose other end waits already; the control's from here on. */
void control_add(struct control *control, struct loop *loop, int fd);

/* Tells all who wait. */
void control_tell(struct control *control, const json_t *json);
void control_close(struct control *control); /* a closed one may be closed again */

#endif
