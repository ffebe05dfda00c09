/* session: one end of a session of the secure local channel (spec/slc.md), without a transport.
 *
 * Whoever has the transport (link.h) reads into slc_room and says slc_arrived, writes what
 * slc_output lists and says slc_written, and calls slc_tick at slc_deadline. Whoever has the work
 * (the owner) gets callbacks, and calls the functions of sessions and channels.
 *
 * The owner may call every function here in every callback, but for slc_free and the transport's.
 * Nothing here blocks or makes a system call, and nothing is allocated after slc_new. One thread.
 */
#ifndef CLOISTER_RUNTIME_CHANNEL_SESSION_H
#define CLOISTER_RUNTIME_CHANNEL_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "fsm/slc_reason.h"
#include "runtime/channel/protocol.h"
#include "runtime/kernel/clock.h"
#include "runtime/kernel/fault.h"

struct slc;     /* a session */
struct channel; /* a channel of a session; valid until its `ended` has returned */

/* --- What the owner is told ------------------------------------------------------------------- */

/* Texts here are what the peer had to say, foreign and at most SLC_TEXT_MAX bytes, or what this end
 * said; NUL-terminated, "" for nothing, valid during the call. Escape them before a person sees
 * them. Numbers of reasons may be unknown ones: reason.h has a word for each. */

enum channel_outcome {
	CHANNEL_DONE,    /* the status was sent, or came: the one success */
	CHANNEL_REFUSED, /* and nothing was done */
	CHANNEL_RESET,   /* given up by either end */
	CHANNEL_LOST     /* the session ended first; its `closed` says why */
};

/* Of one channel. What a table leaves null is not told; the bytes of `data` then count as consumed.
 * Bytes, numbers and fields are valid during the call. */
struct channel_events {
	/* The opener's: the peer takes the request. Sending is possible from here on. */
	void (*accepted)(struct channel *channel);

	/* Bytes of a stream, in order, one to as many as a frame has. They are no more than the
	 * window together with all that were not consumed yet: see channel_consumed. */
	void (*data)(
		struct channel *channel, enum slc_stream stream, const uint8_t *bytes, size_t size);
	void (*end)(struct channel *channel, enum slc_stream stream);

	/* A signal or a size of a window: to be acted on at once. Unknown kinds are ignored. */
	void (*message)(
		struct channel *channel, uint32_t kind, const uint32_t *numbers, unsigned count);

	/* The opener's, right before `ended` with CHANNEL_DONE. Read the fields with fields.h. */
	void (*status)(
		struct channel *channel, uint32_t status, const uint8_t *fields, size_t size);

	/* channel_send took less than it was offered, or channel_room was 0, and now there is room:
	 * half of the channel's output, or what the credit allows. Told once each time. */
	void (*writable)(struct channel *channel);

	/* Told once, and nothing after it. `reason` is 0 with CHANNEL_DONE. */
	void (*ended)(struct channel *channel, enum channel_outcome outcome, uint32_t reason,
		const char *text);
};

/* Of the session. What a table leaves null is not told. */
struct slc_events {
	/* Channels may be opened from here on. */
	void (*opened)(struct slc *slc);

	/* The peer wants a channel. Before it returns, this must call channel_own or
	 * channel_refuse; who owns it calls channel_accept or channel_refuse, then or later. A
	 * channel that nobody owns is refused with `unknown`. */
	void (*asked)(struct slc *slc, struct channel *channel, uint32_t type,
		const uint8_t *fields, size_t size);

	/* The answer to slc_ping. */
	void (*measured)(struct slc *slc, uint64_t nanoseconds);

	/* Told once, after every channel was told how it ended. 0: ended in good order. */
	void (*closed)(struct slc *slc, uint32_t reason, const char *text);
};

/* A client's key and its signature, as AUTH carries them. */
struct slc_signed {
	uint8_t key[SLC_AUTH_KEY_MAX], signature[SLC_AUTH_KEY_MAX];
	size_t key_size, signature_size;
};

/* What each end does for the proofs (spec/slc_auth.md). Bytes are valid during the call; who makes,
 * judges or checks answers by slc_document or slc_judged, at once or later. */
struct slc_proofs {
	/* The client's: SLC_AUTH_NONCE_SIZE bytes that nobody has seen. False: there are none. */
	bool (*nonce)(struct slc *slc, uint8_t *nonce);
	/* The client's: judges the enclave's document. */
	void (*judge)(struct slc *slc, const uint8_t *document, size_t size);

	/* The client's, or null where it has no key: signs. False: that failed, and it has told. */
	bool (*sign)(struct slc *slc, struct slc_signed *made);

	/* The enclave's: has a document made over the client's nonce. */
	void (*make)(struct slc *slc, const uint8_t *nonce);
	/* The enclave's: checks a client's key and signature. */
	void (*check)(struct slc *slc, const uint8_t *key, size_t key_size,
		const uint8_t *signature, size_t signature_size);
};

/* --- A session -------------------------------------------------------------------------------- */

struct slc_options {
	bool is_client;                  /* the end that connected; it opens odd channels */
	bool must_prove;                 /* refuse peers that prove nothing */
	bool wants_key;                  /* of the enclave's end: refuse clients without a key */
	const struct slc_proofs *proofs; /* with must_prove; outlives the session */

	uint32_t channels;  /* most at once, 1..SLC_SESSION_CHANNELS_MAX */
	uint32_t frame;     /* bytes of payload accepted and sent, 1,024..SLC_FRAME_LIMIT_MAX */
	uint32_t window;    /* bytes granted on each channel, 1..SLC_CHANNEL_CREDIT_MAX */
	uint32_t output;    /* bytes that wait for the transport in each channel, >= frame */
	uint32_t keepalive; /* seconds, 1..SLC_HELLO_KEEPALIVE_MAX; the smaller of both counts */

	/* Deadlines, in nanoseconds. */
	uint64_t handshake; /* from slc_start to `opened` */
	uint64_t drain;     /* for channels that live when the session is closed */
	uint64_t linger;    /* for the peer's end after our GOODBYE */
	uint64_t answer;    /* to an OPEN */
	uint64_t reset;     /* to a RESET */

	const struct clock *clock; /* outlives the session */
	uint32_t instance;         /* its number in traces; channels are instance << 16 | number */
};

#define SLC_CONTROL_SIZE 65536u /* bytes of frames that belong to no stream, waiting */

/* The usual ones of spec/slc.md, on the system's clock. */
extern const struct slc_options slc_usual;

/* Bytes that slc_new allocates; pages of it that no channel needs are never touched. */
size_t slc_memory(const struct slc_options *options);

/* `events` outlives the session; `owner` is for slc_owner. Faults: "limit" (an option is out of its
 * range), "memory". */
int slc_new(struct slc **slc, const struct slc_options *options, const struct slc_events *events,
	void *owner, struct fault *fault);
void slc_free(struct slc *slc); /* null is allowed; nobody is told anything */

void *slc_owner(const struct slc *slc);

/* The transport is connected: greets. */
void slc_start(struct slc *slc);

/* Wants to end the session for `reason`, 0 for an orderly end: no new channels, those that live
 * may end until the drain's deadline, then GOODBYE. `text` may be null; too long, it is cut. Who
 * wants to leave at once aborts the channels too. */
void slc_close(struct slc *slc, uint32_t reason, const char *text);

/* The answers of struct slc_proofs: the document that was made; or whether what was looked at is
 * good (reason 0), and why not, in words for the peer's person. What comes when the session is over
 * is ignored. */
void slc_document(struct slc *slc, const uint8_t *document, size_t size);
void slc_judged(struct slc *slc, uint32_t reason, const char *text);

/* Asks for the round-trip time; ignored while a PING is unanswered. */
void slc_ping(struct slc *slc);

bool slc_is_over(const struct slc *slc);      /* `closed` was told: the transport may be closed */
uint32_t slc_channels(const struct slc *slc); /* that were not released */

/* --- Channels, by the opener ------------------------------------------------------------------ */

/* Sends a request. The channel is `*channel`; `events` outlives it. Its first event is `accepted`
 * or `ended`, never before this returns. Faults: "closing" (the session is not open), "limit" (too
 * many channels), "request" (more fields than the peer's frames, or the output, hold). */
int channel_open(struct slc *slc, struct channel **channel, const struct channel_events *events,
	void *owner, uint32_t type, const uint8_t *fields, size_t size, struct fault *fault);

/* --- Channels, by the accepter ---------------------------------------------------------------- */

/* Has the channel's events told to this table; until then nobody is told. */
void channel_own(struct channel *channel, const struct channel_events *events, void *owner);

void channel_accept(struct channel *channel);

/* Calls `ended` before it returns, if the channel is owned. */
void channel_refuse(struct channel *channel, uint32_t reason, const char *text);

/* Ends both streams where they have not ended, then sends the status: the last frame. Calls
 * `ended` before it returns. `size` is at most SLC_STATUS_FIELDS_MAX, or false is returned and
 * nothing was done; so it is when the channel is not open any more. */
#define SLC_STATUS_FIELDS_MAX 1020u
bool channel_conclude(struct channel *channel, uint32_t status, const uint8_t *fields, size_t size);

/* --- Channels, by both ------------------------------------------------------------------------ */

/* Until `ended` was told, every function here may be called; what makes no sense in the channel's
 * state is ignored, since the peer may have changed it a moment ago. */

void *channel_owner(const struct channel *channel);
struct slc *channel_session(const struct channel *channel);
uint32_t channel_number(const struct channel *channel);

/* Offers bytes of one of this end's streams. Returns how many were taken: they were copied. Less
 * than `size` means that credit or room is used up; `writable` tells when to go on. 0 also when
 * the stream has ended or is not this end's. */
size_t channel_send(
	struct channel *channel, enum slc_stream stream, const uint8_t *bytes, size_t size);

/* How many bytes channel_send would take now; after 0, `writable` is told. */
size_t channel_room(struct channel *channel);

/* The stream is at its end, behind what was sent. */
void channel_finish(struct channel *channel, enum slc_stream stream);

/* The owner has done with so many of the bytes that `data` gave it, so that the peer may send as
 * many again. Who keeps bytes calls it when they have left, to bound what it keeps. */
void channel_consumed(struct channel *channel, size_t size);

/* Sends a MESSAGE, ahead of bytes that wait. False: there is no room, or too many numbers. */
bool channel_message(
	struct channel *channel, uint32_t kind, const uint32_t *numbers, unsigned count);

/* Gives up: RESET. Calls `ended` before it returns. `text` may be null. */
void channel_abort(struct channel *channel, uint32_t reason, const char *text);

/* --- The transport ---------------------------------------------------------------------------- */

/* Where to read to: returns how many bytes fit, 0 while this end does not read. */
size_t slc_room(struct slc *slc, uint8_t **bytes);
void slc_arrived(struct slc *slc, size_t size);

/* Lists what is to be written, in order, in at most `most` parts, 8 or more; returns how many there
 * are, 0 for nothing. Then, before anything else of this session is called, slc_written has to say
 * how many bytes of them were written, 0 among them. */
unsigned slc_output(struct slc *slc, struct iovec *parts, unsigned most);
void slc_written(struct slc *slc, size_t size);

/* The last frame was written: end our direction of the transport, and go on reading. */
bool slc_is_silent(const struct slc *slc);

/* The transport has ended, in whatever way. */
void slc_lost(struct slc *slc);

/* When to call slc_tick at the latest, by the session's clock; UINT64_MAX for never. */
uint64_t slc_deadline(struct slc *slc);
void slc_tick(struct slc *slc);

/* `changed` is called when there is something to write or to read, or an earlier deadline, that was
 * not there before; then not again before slc_deadline was called. It must not call the session.
 * Null: nobody. */
void slc_on_change(struct slc *slc, void (*changed)(void *data), void *data);

#endif
