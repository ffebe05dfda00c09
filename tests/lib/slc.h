/* slc: what the unit tests of the channel's engine share: two sessions with a transport of memory
 * between them, which cuts bytes where it likes, a clock that stands still, and owners of channels
 * that send patterns and check what comes. Include it behind cmocka's headers. */
#ifndef CLOISTER_TESTS_LIB_SLC_H
#define CLOISTER_TESTS_LIB_SLC_H

#include "runtime/channel/fields.h"
#include "runtime/channel/session.h"
#include "runtime/channel/session_inside.h"

#define ENDS_MAX 128

/* One end of a channel. */
struct end {
	struct side *side;
	struct channel *channel; /* null before and after */
	size_t wanted[3];        /* bytes to be sent of each stream */
	size_t sent[3];
	size_t got[3];
	bool has_finished[3], got_end[3];
	size_t held;  /* bytes that came and were not consumed */
	bool is_lazy; /* consumes only when told to */
	bool is_raw;  /* takes any bytes for right */

	unsigned asked, accepted, ended, statuses, messages, wakes;
	uint32_t type, status, kind, reason;
	uint32_t numbers[SLC_NUMBERS_MAX];
	unsigned numbers_count;
	enum channel_outcome outcome;
	char text[SLC_TEXT_MAX + 1];
	uint8_t fields[4096];
	size_t fields_size;
};

/* One end of a session. */
struct side {
	struct slc *slc;
	struct slc_options options;
	struct end ends[ENDS_MAX]; /* in the order of channels */
	unsigned count;
	void (*on_asked)(struct end *end); /* null: accepts */
	size_t output, error;              /* what each accepted channel is to send */
	unsigned opened, closed, measured;
	uint64_t nanoseconds;
	uint32_t reason;
	char text[SLC_TEXT_MAX + 1];
	bool is_told_lost;
};

struct pair {
	struct side client, server;
	struct clock clock;
	uint64_t now;
	uint64_t random;
	size_t most; /* bytes that move at once; 0: as many as there are */
	size_t left; /* bytes that the transport will carry before it is cut */
};

uint64_t pair_random(struct pair *pair); /* from the seed on, always the same */

/* The usual options for `pair_open`, to be changed by a test. */
void pair_setup(struct pair *pair, uint64_t seed);

/* Makes both sessions and starts them. */
void pair_open(struct pair *pair);
void pair_free(struct pair *pair);

/* Moves some bytes from one to the other; false: there were none. */
bool pair_move(struct pair *pair, struct side *from, struct side *to);

/* Moves bytes both ways until none are left. Who ends its direction is lost to the other. */
void pair_run(struct pair *pair);

/* Fails unless both ends have closed the session, once, for this reason, with no channel left. */
void pair_closed(const struct pair *pair, uint32_t reason);

/* Closes it in good order, and frees it. */
void pair_close(struct pair *pair);

/* Lets the clock go on, and both look at it. */
void pair_wait(struct pair *pair, uint64_t nanoseconds);

/* Opens a channel that is to send `input` bytes. */
struct end *side_open(
	struct side *side, uint32_t type, const void *fields, size_t size, size_t input);

void end_push(struct end *end);    /* sends what it can, then ends, concludes */
void end_consume(struct end *end); /* all that it holds */

/* Fails unless the channel ended like this, once. */
void end_is(const struct end *end, enum channel_outcome outcome, uint32_t reason);

/* Fails where a machine's invariant does not hold. */
void side_ok(const struct side *side);

#endif
