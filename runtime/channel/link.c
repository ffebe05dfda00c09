/* link: see link.h. */
#include "runtime/channel/link.h"

#define PARTS  64
#define ROUNDS 16 /* reads, or writes, in one turn: then others have theirs */

/* --- Writing ---------------------------------------------------------------------------------- */

static void flush(struct link *link)
{
	struct iovec parts[PARTS];
	enum stream_result result = STREAM_DONE;
	struct fault fault;

	for (unsigned i = 0; i < ROUNDS && result == STREAM_DONE; i++) {
		unsigned count = slc_output(link->slc, parts, PARTS);
		size_t done = 0;

		if (count == 0)
			return;
		result = stream_write(link->stream, parts, count, &done, &fault);
		slc_written(link->slc, result == STREAM_DONE ? done : 0);
	}
	link->is_blocked = result == STREAM_AGAIN;
	link->is_broken = result == STREAM_FAILED;
	if (result == STREAM_DONE)
		timer_start(&link->soon, link->loop, 0);
}

static void finish(struct link *link)
{
	struct fault fault;

	switch (stream_finish(link->stream, &fault)) {
	case STREAM_AGAIN:
		link->is_blocked = true;
		break;
	case STREAM_FAILED:
		link->is_broken = true;
		break;
	default:
		link->is_finished = true;
		break;
	}
}

static void write_what_waits(struct link *link)
{
	if (link->is_blocked || link->is_broken || link->is_finished)
		return;
	flush(link);
	if (!link->is_blocked && !link->is_broken && slc_is_silent(link->slc))
		finish(link);
}

/* --- Reading ---------------------------------------------------------------------------------- */

static void read_what_came(struct link *link)
{
	enum stream_result result = STREAM_DONE;
	struct fault fault;

	for (unsigned i = 0; i < ROUNDS && result == STREAM_DONE; i++) {
		uint8_t *bytes;
		size_t room = slc_room(link->slc, &bytes), done = 0;

		if (room == 0)
			return;
		result = stream_read(link->stream, bytes, room, &done, &fault);
		if (result == STREAM_DONE)
			slc_arrived(link->slc, done);
	}
	if (result == STREAM_DONE || result == STREAM_AGAIN)
		return;
	write_what_waits(link); /* the peer may have ended its direction alone */
	slc_lost(link->slc);
}

/* --- Both ------------------------------------------------------------------------------------- */

static void let_go(struct link *link)
{
	slc_on_change(link->slc, NULL, NULL);
	timer_stop(&link->soon);
	timer_stop(&link->deadline);
	stream_close(link->stream);
	link->stream = NULL;
}

static void keep_deadline(struct link *link)
{
	uint64_t at = slc_deadline(link->slc), now = loop_now(link->loop);

	if (at == link->deadline_at && link->deadline.loop != NULL)
		return;
	link->deadline_at = at;
	if (at == UINT64_MAX)
		timer_stop(&link->deadline);
	else
		timer_start(&link->deadline, link->loop, at > now ? at - now : 0);
}

/* Does what the session wants now, and says what to wait for. The last call of every callback: the
 * link may be gone behind it. */
static void settle(struct link *link)
{
	unsigned wanted;
	uint8_t *bytes;

	write_what_waits(link);
	if (link->is_broken) { /* what the peer said before that is still there to be read */
		read_what_came(link);
		slc_lost(link->slc);
	}
	if (slc_is_over(link->slc)) {
		let_go(link);
		link->gone(link);
		return;
	}
	wanted = link->is_blocked ? STREAM_WRITE : 0;
	if (slc_room(link->slc, &bytes) > 0)
		wanted |= STREAM_READ;
	stream_want(link->stream, wanted);
	keep_deadline(link);
}

static void ready(struct stream *stream, unsigned events)
{
	struct link *link = stream->user;

	if ((events & STREAM_WRITE) != 0)
		link->is_blocked = false;
	if ((events & STREAM_READ) != 0)
		read_what_came(link);
	settle(link);
}

static void soon(struct timer *timer)
{
	settle((struct link *)((char *)timer - offsetof(struct link, soon)));
}

static void due(struct timer *timer)
{
	struct link *link = (struct link *)((char *)timer - offsetof(struct link, deadline));

	slc_tick(link->slc);
	settle(link);
}

static void changed(void *data)
{
	struct link *link = data;

	if (link->soon.loop == NULL)
		timer_start(&link->soon, link->loop, 0);
}

void link_start(struct link *link, struct loop *loop, struct stream *stream, struct slc *slc)
{
	link->slc = slc;
	link->loop = loop;
	link->stream = stream;
	link->soon.fired = soon;
	link->deadline.fired = due;
	stream->ready = ready;
	stream->user = link;
	slc_on_change(slc, changed, link);
	slc_start(slc);
	changed(link);
}

void link_stop(struct link *link)
{
	if (link->stream == NULL)
		return;
	slc_lost(link->slc);
	let_go(link);
}
