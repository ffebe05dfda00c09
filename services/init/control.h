/* control: answers initctl (spec/control.md), on a Unix socket to root and to who runs init, who
 * may change things, and on vsock to anybody, who may not. Each client has a place, its buffers and
 * a deadline; there is no other memory. A client that reads slowly waits alone. */
#ifndef CLOISTER_SERVICES_INIT_CONTROL_H
#define CLOISTER_SERVICES_INIT_CONTROL_H

#include "runtime/control/frames.h"
#include "runtime/net/listener.h"
#include "services/init/unit_file.h"

#define CONTROL_CLIENTS_MAX   8u  /* of each listener */
#define CONTROL_FOLLOWERS_MAX 6u  /* of those: the others are for who asks and goes */
#define CONTROL_SECONDS       10u /* for a request to come, and for a reply to be taken */
#define CONTROL_WAIT_SECONDS  90u /* for a start or a stop */
#define CONTROL_OUT_MAX       8192u
#define CONTROL_ROW_MAX       3072u /* bytes of one frame of ours */

struct init;
struct control;

/* One client, and its request where it has one. */
struct control_client {
	struct control *control; /* null: the place is free */
	struct watch watch;
	struct timer limit;
	struct frames frames;
	uint8_t in[1024]; /* that came behind a request which is being answered */
	size_t in_used;
	uint8_t out[CONTROL_OUT_MAX];
	size_t out_at, out_end;
	bool is_greeted;
	bool is_leaving; /* when all is sent */
	bool is_lost;    /* now */

	uint32_t request; /* its number; 0: none */
	uint32_t verb, lines;
	uint32_t unit;            /* its place; UNITS_MAX where it is about no unit */
	uint32_t serial;          /* of the unit's place: another one means that it was forgotten */
	char name[UNIT_NAME_MAX]; /* that is to be enabled or disabled */
	bool follows;
	bool is_now;     /* it is to be started, or stopped, as well */
	bool holds;      /* the change of configuration is its own */
	uint32_t next;   /* of the rows that are counted */
	uint64_t cursor; /* of what is followed */
	uint64_t missed;
};

struct control {
	struct init *init;
	struct listener listener;
	bool may_change;
	uint64_t refused; /* connections of others */
	struct control_client clients[CONTROL_CLIENTS_MAX];
};

struct controls {
	struct control list[2]; /* of those who may change things, of those who may not */
	struct post post;       /* there is news */
	bool is_posted;
	struct post end; /* of init, once the answer is on its way */
	uint32_t how;    /* 0: nobody has asked for it */
};

/* Opens the sockets, those of them that there are to be. Failures are warned of. */
void control_start(struct init *init);

/* Removes the Unix socket. */
void control_stop(struct init *init);

/* Goes on with what waits for units, logs or events. */
void control_news(struct init *init);

/* --- Between the files of this module --------------------------------------------------------- */

/* Takes a request apart and begins it (control_request.c). False: it is none, and the client goes.
 */
bool control_take(struct control_client *client);

/* Writes rows of the reply while there is room, and its end (control_reply.c). */
void control_reply(struct control_client *client);

/* The end of the request. */
void control_end(
	struct control_client *client, uint32_t code, const char *reason, const char *text);

/* The same for a fault. */
void control_refuse(struct control_client *client, uint32_t code, const struct fault *fault);

/* The change of configuration that it has asked for is nobody's any more (control_change.c). */
void control_let_go(struct control_client *client);

/* Writes the next row of a change, which is begun when it is its turn; false where there is none,
 * or none yet. control_end_change ends the request where the change has ended. */
bool control_put_change(struct field_writer *writer, struct control_client *client);
void control_end_change(struct control_client *client);

/* Room for one frame of ours; null where there is none now. control_sent adds it. */
uint8_t *control_room(struct control_client *client);
void control_sent(struct control_client *client, size_t size);

#endif
