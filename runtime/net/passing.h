/* passing: descriptors from one process to another over a Unix socket, each time with a message.
 *
 * The socket is SOCK_SEQPACKET, as passing_pair makes them, and keeps messages apart: on a stream a
 * reader could find a message cut in two, and the descriptors of one at the end of another. Nothing
 * here blocks if the socket is NONBLOCK.
 */
#ifndef CLOISTER_RUNTIME_NET_PASSING_H
#define CLOISTER_RUNTIME_NET_PASSING_H

#include <stdint.h>

#include "runtime/net/stream.h"

#define PASSING_DESCRIPTORS_MAX 16u   /* of one message */
#define PASSING_MESSAGE_MAX     4096u /* bytes of one message, 1 or more */

struct passing {
	int descriptors[PASSING_DESCRIPTORS_MAX];
	unsigned count;
	uint8_t message[PASSING_MESSAGE_MAX];
	size_t size;
};

/* Two connected sockets, CLOEXEC and NONBLOCK. Fault: "limit". */
int passing_pair(int ends[2], struct fault *fault);

/* Sends a message with its descriptors, which stay the sender's too. All of it goes, or nothing:
 * STREAM_AGAIN. Faults: "socket" (of another kind), "size" (too many bytes or descriptors, or no
 * bytes), "reset" (nobody there any more), "limit", "io". */
enum stream_result passing_send(int fd, const struct passing *passing, struct fault *fault);

/* Receives a message with at most `most` descriptors; they are CLOEXEC and the receiver's to close.
 * Where it does not return STREAM_DONE, no descriptor has come: those of a message that is refused
 * are closed. Faults: "socket", "size" (too many bytes or descriptors), "limit" (this process could
 * not open all of them), "reset", "io". After "size" and "limit" the next one can be received. */
enum stream_result passing_receive(
	int fd, unsigned most, struct passing *passing, struct fault *fault);

#endif
