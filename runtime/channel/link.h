/* link: a session on a stream and a loop: reads, writes, keeps its deadlines, ends our direction
 * after the last frame, closes.
 *
 * Everything that a turn of the loop makes the session want to say is written at the end of that
 * turn, together.
 */
#ifndef CLOISTER_RUNTIME_CHANNEL_LINK_H
#define CLOISTER_RUNTIME_CHANNEL_LINK_H

#include "runtime/channel/session.h"
#include "runtime/kernel/loop.h"
#include "runtime/net/stream.h"

struct link {
	/* The session's `closed` was told and the stream is closed: the owner may free the session,
	 * the stream and this struct. Always called from the loop, in no callback of the session,
	 * unless link_stop came first. */
	void (*gone)(struct link *link);
	void *user;

	/* The link's own. */
	struct slc *slc;
	struct loop *loop;
	struct stream *stream; /* null: not started, or ended */
	struct timer soon;     /* the end of this turn */
	struct timer deadline;
	uint64_t deadline_at;
	bool is_blocked;  /* the stream takes no more bytes for now */
	bool is_finished; /* our direction was ended */
	bool is_broken;   /* nothing can be written any more */
};

/* Greets. `link` is zeroed but for `gone` and `user`, and stays in place, as the session and the
 * stream do, until gone or link_stop. The stream is connected; its `ready` and `user` become the
 * link's. The session goes by the loop's clock. */
void link_start(struct link *link, struct loop *loop, struct stream *stream, struct slc *slc);

/* Ends it at once, not in a callback of the session: channels are told that they are lost, then
 * `closed` is told; the stream is closed. `gone` is not called. May be called again. */
void link_stop(struct link *link);

#endif
