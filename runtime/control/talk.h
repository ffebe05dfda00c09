/* talk: a connection to init, and one request over it. It blocks, up to its deadlines. */
#ifndef CLOISTER_RUNTIME_CONTROL_TALK_H
#define CLOISTER_RUNTIME_CONTROL_TALK_H

#include "runtime/control/frames.h"
#include "runtime/kernel/fault.h"

#define TALK_CONNECT_SECONDS 10u
#define TALK_SECONDS         120u /* between two frames of what is not followed */

struct request {
	uint32_t verb;
	const char *unit; /* null: none */
	uint32_t lines;   /* UINT32_MAX: all */
	bool follows;
	bool has_at; /* of a log: begin with byte number `at` */
	uint64_t at;
	bool is_now; /* of enable and disable */
};

/* What is told of a reply; false ends it. */
struct listener_of_reply {
	bool (*row)(void *user, struct fields fields);
	bool (*bytes)(void *user, const uint8_t *bytes, size_t size);
	void *user;
};

struct talk {
	int fd;
	struct frames frames;
	uint8_t in[4096];
	size_t in_at, in_end;
	uint32_t id;
	bool may_change;
};

/* Connects to an address of spec/address_text.md, or a path of a Unix socket, that is no name of a
 * host. Returns a descriptor that does not block, or -1. */
int talk_reach(const char *text, struct fault *fault);

/* Connects and greets. `address` is one of spec/address_text.md, or a path. Returns 0 or an exit
 * code, with the fault. */
int talk_open(struct talk *talk, const char *address, struct fault *fault);
void talk_close(struct talk *talk);

/* Asks, and tells the listener what comes. Returns the code of the reply's end, with its fault. */
int talk_ask(struct talk *talk, const struct request *request,
	const struct listener_of_reply *listener, struct fault *fault);

#endif
