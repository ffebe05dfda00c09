/* forward: one forwarded connection at one end of a session: what comes on a channel goes to a
 * socket, and back, each direction with an end of its own (spec/slc_forward.md). The client's end
 * and the enclave's are alike: one opens the channel for a socket that it has, the other has a
 * socket connected for the channel.
 *
 * What the socket does not take waits in memory of the owner's, as large as the channel's window,
 * and counts as consumed when it is written. From the socket no more is read than the channel
 * takes. So whoever does not read stops his own connection, and no other one. */
#ifndef CLOISTER_RUNTIME_CHANNEL_FORWARD_H
#define CLOISTER_RUNTIME_CHANNEL_FORWARD_H

#include "fsm/slc_forward.h"
#include "runtime/channel/queue.h"
#include "runtime/channel/session.h"
#include "runtime/net/socket_stream.h"

struct forward {
	/* Set by the owner. The other end has accepted, and bytes are going to move: what
	 * forward_say says now comes before them. Or null. */
	void (*accepted)(struct forward *forward);
	/* The channel has ended, or is refused, before bytes moved: the socket is about to be
	 * broken. forward_say may still tell it why. Or null. */
	void (*refused)(struct forward *forward);
	/* Told once: nothing is left of it, and the struct may be used anew. */
	void (*gone)(struct forward *forward);
	void *user;

	/* To read: why it was given up; SLC_REASON_NONE where it ended in order. The text is
	 * foreign where the peer said it. */
	uint32_t reason;
	char text[SLC_TEXT_MAX + 1u];

	/* Its own. */
	struct slc_forward machine;
	uint32_t instance;
	unsigned depth; /* of feeds within feeds */
	struct loop *loop;
	struct channel *channel; /* null: there is none any more */
	struct socket_stream socket;
	bool has_socket, reads, is_full;
	bool has_said_why;  /* of a channel that was refused: the socket closes in order then */
	struct queue queue; /* on the way to the socket */
};

/* memory[0..size): for what waits; no less than the window of this end's channels. It and the
 * struct, whose first part is set, stay in place until `gone`. */
void forward_init(struct forward *forward, struct loop *loop, uint8_t *memory, size_t size,
	uint32_t instance);

/* Opens a channel for a connected socket (listener.h, connect.h), which is the forward's if that
 * succeeds. Faults: those of channel_open, and of socket_stream_open; then nothing was begun. */
int forward_open(struct forward *forward, struct slc *slc, uint32_t type, const uint8_t *fields,
	size_t size, int fd, struct fault *fault);

/* Takes a channel that was asked for; it is accepted when its socket is there: connected, and the
 * forward's from then on, or failed, for a reason and with a text for the peer's person. */
void forward_serve(struct forward *forward, struct channel *channel);
void forward_connected(struct forward *forward, int fd);
void forward_failed(struct forward *forward, uint32_t reason, const char *text);

/* Bytes for the socket, ahead of what comes; in `accepted` and `refused` alone, and few. */
void forward_say(struct forward *forward, const void *bytes, size_t size);

/* Gives it up; `gone` is called before this returns, unless it is called in a callback of the
 * forward's own channel. */
void forward_stop(struct forward *forward, uint32_t reason, const char *text);

#endif
