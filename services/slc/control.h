/* control: a channel about detached jobs (spec/slc.md): which there are, what they have said, a
 * signal for one, its end. Who may have it of which job is decided by permit_job. */
#ifndef CLOISTER_SERVICES_SLC_CONTROL_H
#define CLOISTER_SERVICES_SLC_CONTROL_H

#include "runtime/channel/session.h"
#include "services/slc/kept.h"

#define CONTROLS_MAX    64u   /* at once, of all sessions */
#define CONTROL_ROW_MAX 1024u /* bytes that tell of one job */

struct controls;

struct control {
	struct controls *all;
	struct channel *channel;          /* null: the place is free */
	const struct authorized_key *key; /* of who asks; null: nobody needs one */
	struct kept *kept;                /* null: all of them */
	TAILQ_ENTRY(control) next;        /* of those about it */
	bool waits;                       /* for its end; else it reads */
	bool follows;
	uint64_t until; /* the place where reading ends, unless it follows */
	struct said_cursor cursor;
	uint32_t index; /* of all of them: the next one to tell of */
	uint8_t row[CONTROL_ROW_MAX];
	size_t row_size, row_sent;
};

struct controls {
	struct kepts *kepts;
	bool has_keys; /* else everybody may do everything */
	struct control list[CONTROLS_MAX];
};

/* Answers the request of a channel, which was checked (request.h). False: there are too many, and
 * nothing was done. */
bool control_begin(struct controls *controls, struct channel *channel,
	const struct authorized_key *key, const uint8_t *fields, size_t size);

/* Something has changed: tells what there is to tell. */
void control_run(struct control *control);

#endif
