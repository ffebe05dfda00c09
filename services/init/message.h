/* message: a few bytes to the host, on a connection of their own: the heartbeat, which is answered
 * by one byte, and lines (spec/ports.md), which are taken when the host has closed. */
#ifndef CLOISTER_SERVICES_INIT_MESSAGE_H
#define CLOISTER_SERVICES_INIT_MESSAGE_H

#include "runtime/net/connect.h"

#define MESSAGE_MAX 64u /* bytes */
#define CID_PARENT  3u  /* the parent instance, as an enclave sees it */

/* Zeroed, with its callback set. In place until `done` or message_drop. */
struct message {
	/* fault: null when it was taken, and answered as expected. Words: those of connect.h,
	 * "answer" (another one, or none), "timeout". */
	void (*done)(struct message *message, const struct fault *fault);
	void *user;

	struct loop *loop; /* from here on the message's */
	struct connector connector;
	struct watch watch;
	struct timer limit;
	char bytes[MESSAGE_MAX];
	size_t size;
	int expected; /* the byte that must come back; -1: the end of the connection */
};

/* Sends text[0..size) to vsock:3:PORT, or to what stands in for it in the folder `stand_ins`, which
 * may be null. expected: a byte, or -1. */
int message_start(struct message *message, struct loop *loop, const char *stand_ins, uint32_t port,
	const void *text, size_t size, int expected, uint64_t nanoseconds, struct fault *fault);

/* `done` is not called any more. One that is not under way may be dropped. */
void message_drop(struct message *message);

#endif
