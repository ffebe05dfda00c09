/* session_inside: what the session_*.c share. Not for users of session.h.
 *
 * An event goes in by session_feed or channel_feed, which step the machine and then perform the
 * effects, lowest bit first. What an event is about (the frame at hand, or what the owner wishes to
 * send) goes with it as a struct hand, on the stack of whoever feeds: so an owner's callback may
 * cause other steps meanwhile.
 */
#ifndef CLOISTER_RUNTIME_CHANNEL_SESSION_INSIDE_H
#define CLOISTER_RUNTIME_CHANNEL_SESSION_INSIDE_H

#include <sys/queue.h>

#include "gen/slc_auth.h"
#include "gen/slc_channel.h"
#include "gen/slc_frame.h"
#include "gen/slc_hello.h"
#include "gen/slc_session.h"
#include "runtime/channel/queue.h"
#include "runtime/channel/session.h"
#include "runtime/channel/wire.h"

#define NEVER UINT64_MAX

/* Waiting output of a channel is a row of records: how long the frame is, then the frame. */
#define RECORD_SIZE (sizeof(uint32_t) + SLC_FRAME_SIZE)
#define REASON_SIZE (4 + SLC_TEXT_MAX) /* the payload of GOODBYE, REFUSE, RESET at most */

/* Kept free in each channel's output: for both ENDs and the last frame. */
#define OUTPUT_RESERVE (3 * RECORD_SIZE + 4 + SLC_STATUS_FIELDS_MAX)

/* Beyond SLC_CONTROL_SIZE in the control queue: what each channel can have there once, ACCEPT and
 * CREDIT, and the session's own HELLO, PING, PONG and GOODBYE. */
#define CONTROL_PER_CHANNEL (2 * SLC_FRAME_SIZE + 4)
#define CONTROL_RESERVE     (4 * SLC_FRAME_SIZE + SLC_HELLO_SIZE + 8 + REASON_SIZE)

#define REFUSE_SIZE (SLC_FRAME_SIZE + 4) /* what a frame that is read can add to that queue */

#define PICKS_MAX 64

struct alarm {
	uint64_t at; /* NEVER: not armed */
	uint32_t generation;
};

struct channel {
	struct slc *slc;
	struct slc_channel machine;
	uint32_t number; /* 0: the place is free */
	struct alarm alarm;
	const struct channel_events *events; /* never null */
	void *owner;

	struct queue output;
	size_t opening;   /* bytes of it that are an OPEN of which nothing is written */
	size_t picked;    /* bytes of it that slc_output has listed */
	uint32_t credit;  /* granted, and not in the control queue yet; above 0, in `credits` */
	bool is_turning;  /* in `turns` */
	bool is_waking;   /* in `wakes` */
	bool wants_room;  /* the owner is to be told `writable` */
	bool is_released; /* its machine has done with it; its output may still wait */
	TAILQ_ENTRY(channel) turn;
	TAILQ_ENTRY(channel) crediting; /* and, in a free place, `unused` */
	TAILQ_ENTRY(channel) waking;
};

TAILQ_HEAD(channels, channel);

/* One thing that slc_output has listed: the control queue, or a frame of a channel. */
struct pick {
	struct channel *channel; /* null: the control queue */
	size_t size;
	size_t prefix; /* bytes of the record in front of it */
};

struct reading {
	uint8_t *memory;
	size_t size, begin, end;
	uint32_t limit; /* longest payload of the next frame */
	struct slc_frame frame;
	uint32_t left;          /* bytes of the payload that go on as they come */
	struct channel *target; /* where to; null: they are dropped */
	enum slc_stream stream;
	char text[SLC_TEXT_MAX + 1]; /* of the frame at hand */
	bool is_running;
	bool is_discarding; /* whatever comes */
};

struct writing {
	struct queue control;
	struct channels turns, credits, wakes;
	struct channel *current; /* whose frame is written in part */
	size_t left;             /* bytes of that frame, at the front of its output */
	struct pick picks[PICKS_MAX];
	unsigned picked;
	bool owes_ping, owes_pong;
	uint32_t pong; /* the peer's number */
	bool is_last;  /* GOODBYE is in the control queue */
	bool is_closed;
};

struct slc {
	struct slc_session machine;
	struct slc_auth auth;
	struct slc_options options;
	const struct slc_events *events;
	void *owner;
	struct slc_hello greeting; /* the HELLO at hand */
	struct slc_hello peer;     /* the one that was accepted; before that, no limit */
	struct alarm alarm;
	uint64_t next; /* no alarm is earlier */

	char text[SLC_TEXT_MAX + 1]; /* why the session ends */
	bool text_is_foreign;
	uint32_t ping; /* our newest number */
	uint64_t ping_at;

	struct reading in;
	struct writing out;

	struct channel *places; /* options.channels of them */
	struct channels unused;
	uint16_t *index; /* of each number: its place + 1, or 0 */
	uint32_t newest; /* number that this end opened */

	void (*changed)(void *data);
	void *changed_data;
	bool has_changed; /* and that was told */
};

/* What an event is about; never null. */
struct hand {
	uint32_t type;        /* enum slc_frame_type, of a frame that came */
	uint32_t channel;     /* its number */
	uint32_t stream;      /* as on the wire */
	uint32_t value;       /* the number in front of the payload */
	const uint8_t *bytes; /* what follows it */
	size_t size;
	const char *text;  /* in words, or null */
	bool is_foreign;   /* the text is the peer's */
	bool is_misshaped; /* the payload can't be right, whatever it is; there are no bytes */
};

extern const struct hand nothing;

/* --- session_step.c --- */
uint32_t session_feed(
	struct slc *slc, enum slc_session_event event, uint32_t n, const struct hand *hand);
void session_bad(struct slc *slc, uint32_t reason, const char *text); /* BAD_FRAME */
bool session_lets_send(struct slc *slc); /* asks for one frame of a channel */

/* --- session_auth.c: the proofs --- */
void auth_begin(struct slc *slc);
void auth_arrived(struct slc *slc, const struct hand *hand); /* an AUTH frame */

/* --- session_channel.c --- */
struct channel *channel_find(struct slc *slc, uint32_t number);
struct channel *channel_make(struct slc *slc, uint32_t number); /* there is a place */
uint32_t channel_feed(
	struct channel *channel, enum slc_channel_event event, uint32_t n, const struct hand *hand);
void channel_forget_if_done(struct channel *channel); /* released, and all is written */

/* --- session_frame.c: a frame of a channel, to its machine and on to the owner --- */
void channel_arrived(struct channel *channel, const struct hand *hand);
void channel_deliver(struct channel *channel, const struct hand *hand);

/* --- session_read.c --- */
void reading_run(struct slc *slc); /* as far as frames are there and may be read */
void reading_next(struct slc *slc);

/* --- session_write.c: what waits --- */
void write_control(
	struct slc *slc, uint32_t type, uint32_t channel, const uint8_t *payload, size_t size);
size_t put_reason(uint8_t payload[REASON_SIZE], uint32_t reason, const char *text);
void write_frame(
	struct channel *channel, uint32_t type, uint32_t stream, const void *bytes, size_t size);
void write_valued(
	struct channel *channel, uint32_t type, uint32_t value, const void *bytes, size_t size);
void write_credit(struct channel *channel, uint32_t bytes);
void write_status(struct channel *channel, uint32_t status, const void *fields, size_t size);
void write_owed(struct slc *slc); /* moves what is owed to the control queue */
void write_open(struct channel *channel, uint32_t type, const void *fields, size_t size);
void write_cut(struct channel *channel); /* drops what waits, but for OPEN and a frame begun */
void write_cut_all(struct slc *slc);     /* and no frame but GOODBYE follows */
bool control_fits(const struct slc *slc, size_t size);
size_t channel_space(const struct channel *channel); /* for the payload of one DATA */
void channel_wake(struct channel *channel);          /* tells `writable` if that is so */

/* --- session_time.c --- */
void alarm_set(struct slc *slc, struct alarm *alarm, uint64_t nanoseconds, uint32_t generation);
void session_changed(struct slc *slc);

#endif
