/* control: see control.h. */
#include "services/slc/control.h"

#include <string.h>

#include "runtime/channel/fields.h"
#include "runtime/kernel/clock.h"
#include "services/slc/job.h"

/* What is asked for. */
struct wish {
	char verb[REQUEST_VERB_MAX + 1u];
	uint32_t job, signal, options;
};

static void read_wish(struct wish *wish, const uint8_t *fields, size_t size)
{
	struct fields row = fields_of(fields, size);
	struct field field;

	memset(wish, 0, sizeof *wish);
	while (fields_next(&row, &field) == FIELDS_NEXT) {
		if (field.tag == SLC_VERB)
			(void)field_text(&field, wish->verb, sizeof wish->verb);
		else if (field.tag == SLC_JOB)
			(void)field_number(&field, &wish->job);
		else if (field.tag == SLC_JOB_SIGNAL)
			(void)field_number(&field, &wish->signal);
		else if (field.tag == SLC_JOB_OPTIONS)
			(void)field_number(&field, &wish->options);
	}
}

/* Whether who asks may have anything of the job. */
static bool may_have(const struct control *control, const struct kept *kept)
{
	int64_t now = clock_system.wall(NULL) / (int64_t)CLOCK_SECOND;

	return !control->all->has_keys ||
	       authorized_job(control->key, kept->owner == control->key, now) == PERMIT_ALLOWED;
}

/* --- What is told ----------------------------------------------------------------------------- */

static void write_row(struct control *control, const struct kept *kept)
{
	struct field_writer writer = field_writer_of(control->row, sizeof control->row);

	field_put_number(&writer, SLC_JOB, kept->number);
	field_put_number(&writer, SLC_JOB_RUNS, kept->job != NULL);
	field_put_number(&writer, SLC_JOB_STATUS, kept->status);
	field_put_number(&writer, SLC_REASON, kept->reason);
	field_put_long(&writer, SLC_JOB_BEGAN, (uint64_t)kept->began);
	field_put_long(&writer, SLC_JOB_ENDED, (uint64_t)kept->ended);
	field_put_text(&writer, SLC_JOB_KEY, kept->owner != NULL ? kept->owner->name : "");
	field_put_text(&writer, SLC_JOB_COMMAND, kept->command);
	field_put_long(&writer, SLC_JOB_SAID, kept->said.total);
	field_put_long(&writer, SLC_JOB_DROPPED, kept->said.dropped);
	control->row_size = writer.used;
	control->row_sent = 0;
}

/* False: there is none any more. */
static bool next_row(struct control *control)
{
	const struct kepts *kepts = control->all->kepts;

	while (control->index < kepts->count) {
		const struct kept *kept = &kepts->list[control->index++];

		if (kept->number == 0 || !may_have(control, kept))
			continue;
		write_row(control, kept);
		return true;
	}
	return false;
}

static void tell_all(struct control *control)
{
	for (;;) {
		if (control->row_sent == control->row_size && !next_row(control)) {
			(void)channel_conclude(control->channel, 0, NULL, 0);
			return;
		}
		control->row_sent += channel_send(control->channel, SLC_OUTPUT,
			control->row + control->row_sent, control->row_size - control->row_sent);
		if (control->row_sent < control->row_size)
			return;
	}
}

static void tell_end(struct control *control)
{
	const struct kept *kept = control->kept;
	uint8_t bytes[64];
	struct field_writer writer = field_writer_of(bytes, sizeof bytes);

	if (kept->reason != SLC_REASON_NONE)
		field_put_number(&writer, SLC_REASON, kept->reason);
	(void)channel_conclude(control->channel, kept->status, bytes, writer.used);
}

static void tell_said(struct control *control)
{
	const struct said *said = &control->kept->said;
	struct said_cursor *cursor = &control->cursor;
	uint8_t bytes[64], stream;
	struct field_writer writer = field_writer_of(bytes, sizeof bytes);
	const uint8_t *piece;
	size_t size, sent;

	while ((control->follows || cursor->at < control->until) &&
		said_next(said, cursor, &stream, &piece, &size)) {
		sent = channel_send(control->channel, (enum slc_stream)stream, piece, size);
		said_took(said, cursor, sent);
		if (sent < size)
			return;
	}
	if (control->follows && control->kept->job != NULL)
		return;
	field_put_long(&writer, SLC_JOB_SAID, said->total);
	field_put_long(&writer, SLC_JOB_DROPPED, cursor->lost);
	(void)channel_conclude(control->channel, 0, bytes, writer.used);
}

void control_run(struct control *control)
{
	if (control->kept == NULL)
		tell_all(control);
	else if (!control->waits)
		tell_said(control);
	else if (control->kept->job == NULL)
		tell_end(control);
}

/* --- The channel ------------------------------------------------------------------------------ */

static void writable(struct channel *channel)
{
	control_run(channel_owner(channel));
}

static void ended(
	struct channel *channel, enum channel_outcome outcome, uint32_t reason, const char *text)
{
	struct control *control = channel_owner(channel);

	(void)outcome;
	(void)reason;
	(void)text;
	if (control->kept != NULL)
		TAILQ_REMOVE(&control->kept->controls, control, next);
	control->channel = NULL;
}

static const struct channel_events events = {.writable = writable, .ended = ended};

static struct control *take(struct controls *controls, const struct authorized_key *key)
{
	for (unsigned i = 0; i < CONTROLS_MAX; i++) {
		struct control *control = &controls->list[i];

		if (control->channel != NULL)
			continue;
		memset(control, 0, sizeof *control);
		control->all = controls;
		control->key = key;
		return control;
	}
	return NULL;
}

/* The job, if there is one that who asks may have anything of: else there is none for him. */
static struct kept *find(const struct control *control, uint32_t number)
{
	struct kept *kept = kept_find(control->all->kepts, number);

	return kept != NULL && may_have(control, kept) ? kept : NULL;
}

/* A signal is sent at once. */
static void send_signal(struct channel *channel, struct kept *kept, uint32_t number)
{
	if (kept->job == NULL) {
		channel_refuse(channel, SLC_REASON_NOT_FOUND, "the job has ended");
		return;
	}
	channel_accept(channel);
	job_feed(kept->job, EXEC_JOB_SIGNAL, number);
	(void)channel_conclude(channel, 0, NULL, 0);
}

bool control_begin(struct controls *controls, struct channel *channel,
	const struct authorized_key *key, const uint8_t *fields, size_t size)
{
	struct control *control = take(controls, key);
	struct wish wish;

	if (control == NULL)
		return false;
	read_wish(&wish, fields, size);
	if (wish.job != 0 && (control->kept = find(control, wish.job)) == NULL) {
		channel_refuse(channel, SLC_REASON_NOT_FOUND, "there is no such detached job");
		return true;
	}
	if (strcmp(wish.verb, "kill") == 0) {
		send_signal(channel, control->kept, wish.signal);
		return true;
	}
	control->channel = channel;
	control->waits = strcmp(wish.verb, "wait") == 0;
	control->follows = (wish.options & REQUEST_FOLLOW) != 0;
	if (control->kept != NULL) {
		TAILQ_INSERT_TAIL(&control->kept->controls, control, next);
		control->until = control->kept->said.end;
	}
	channel_own(channel, &events, control);
	channel_accept(channel);
	control_run(control);
	return true;
}
