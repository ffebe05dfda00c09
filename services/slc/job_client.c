/* job_client: a job and the client that asked for it; see job.h. */
#include "runtime/channel/reason.h"
#include "runtime/kernel/log.h"
#include "services/slc/job.h"

/* --- What the client tells -------------------------------------------------------------------- */

static void came(struct channel *channel, enum slc_stream stream, const uint8_t *bytes, size_t size)
{
	struct job *job = channel_owner(channel);

	(void)stream;
	job->hand = bytes;
	job->hand_size = size;
	job_feed(job, EXEC_JOB_INPUT, 0);
}

static void came_to_end(struct channel *channel, enum slc_stream stream)
{
	(void)stream;
	job_feed(channel_owner(channel), EXEC_JOB_INPUT_ENDED, 0);
}

static void take_window(struct job *job, const uint32_t *numbers)
{
	for (unsigned i = 0; i < 4; i++)
		if (numbers[i] > REQUEST_WINDOW_MAX)
			return;
	job->window = (struct winsize){.ws_col = (unsigned short)numbers[0],
		.ws_row = (unsigned short)numbers[1],
		.ws_xpixel = (unsigned short)numbers[2],
		.ws_ypixel = (unsigned short)numbers[3]};
	job->has_window = true;
	job_set_window(job);
}

/* A copier is stopped by giving up its channel. */
static void message(struct channel *channel, uint32_t kind, const uint32_t *numbers, unsigned count)
{
	struct job *job = channel_owner(channel);

	if (job->type == SLC_EXEC && kind == SLC_SIGNAL && count == 1)
		job_feed(job, EXEC_JOB_SIGNAL, numbers[0]);
	else if (kind == SLC_WINDOW && count == 4)
		take_window(job, numbers);
}

/* The first output may end the job, and its place be taken: the second is asked only while the
 * channel is still its own. */
static void writable(struct channel *channel)
{
	struct job *job = channel_owner(channel);

	output_run(&job->outputs[0]);
	if (job->channel == channel)
		output_run(&job->outputs[1]);
}

static void ended(
	struct channel *channel, enum channel_outcome outcome, uint32_t reason, const char *text)
{
	struct job *job = channel_owner(channel);

	(void)outcome;
	(void)reason;
	(void)text;
	job->channel = NULL;
	job_feed(job, EXEC_JOB_CLIENT_LOST, 0);
}

const struct channel_events job_channel_events = {
	.data = came,
	.end = came_to_end,
	.message = message,
	.writable = writable,
	.ended = ended,
};

/* --- What the client is told at last ---------------------------------------------------------- */

static void report_exec(struct job *job)
{
	uint8_t bytes[SLC_STATUS_FIELDS_MAX];
	struct field_writer writer = field_writer_of(bytes, sizeof bytes);

	if (job->reason != SLC_REASON_NONE) {
		field_put_number(&writer, SLC_REASON, job->reason);
		field_put_text(&writer, SLC_TEXT, job->text);
	}
	LOG(LOG_INFO, "command ended", log_string("peer", job->peer),
		log_number("status", job->machine.status),
		log_string("reason", slc_reason_word(job->reason)));
	(void)channel_conclude(job->channel, job->machine.status, bytes, writer.used);
}

/* The job goes on without its client, and without the text that names him. */
void job_tell_number(struct job *job)
{
	uint8_t bytes[16];
	struct field_writer writer = field_writer_of(bytes, sizeof bytes);

	field_put_number(&writer, SLC_JOB, job->instance);
	kept_name(job->kept, job->instance);
	LOG(LOG_INFO, "command detached", log_string("peer", job->peer),
		log_number("job", job->instance));
	job->peer = "detached";
	(void)channel_conclude(job->channel, 0, bytes, writer.used);
}

/* What a copier or an attester has said, and only if it then ended well. */
static uint32_t outcome_of(const struct job *job, struct copier_words *words, const char **text)
{
	copier_listen(words, job->words, job->words_size);
	*text = job->reason != SLC_REASON_NONE ? job->text : words->text;
	if (job->reason != SLC_REASON_NONE)
		return job->reason;
	if (words->reason != SLC_REASON_NONE)
		return words->reason;
	return job->machine.status == 0 ? SLC_REASON_NONE : SLC_REASON_INTERNAL;
}

static void report_copy(struct job *job)
{
	uint8_t bytes[SLC_STATUS_FIELDS_MAX];
	struct field_writer writer = field_writer_of(bytes, sizeof bytes);
	struct copier_words words;
	const char *text;
	uint32_t reason = outcome_of(job, &words, &text);

	LOG(LOG_INFO, "copy ended", log_string("peer", job->peer),
		log_string("reason", slc_reason_word(reason)),
		log_number("members", (int64_t)words.members),
		log_number("bytes", (int64_t)words.bytes));
	field_put_long(&writer, SLC_MEMBERS, words.members);
	field_put_long(&writer, SLC_BYTES, words.bytes);
	if (reason == SLC_REASON_NONE)
		(void)channel_conclude(job->channel, 0, bytes, writer.used);
	else
		channel_abort(job->channel, reason, text);
}

static void report_attestation(struct job *job)
{
	struct copier_words words;
	const char *text;
	uint32_t reason = outcome_of(job, &words, &text);

	LOG(LOG_INFO, "attestation ended", log_string("peer", job->peer),
		log_string("reason", slc_reason_word(reason)));
	if (reason == SLC_REASON_NONE)
		(void)channel_conclude(job->channel, 0, NULL, 0);
	else
		channel_abort(job->channel, reason, text);
}

/* A listening socket has come: while it listens its process, which is to remove its file, lives. */
void job_listens(struct job *job)
{
	int fd = job->passed;

	if (fd < 0 || job->asker == NULL)
		return;
	job->passed = -1;
	job->asker->connected(job->asker_data, fd);
}

/* Told once: the asker may be gone behind it. */
static void report_to_asker(struct job *job)
{
	const bool makes_socket = job->type == SLC_FORWARD || job->type == SLC_LISTEN;
	const struct job_asker *asker = job->asker;
	struct copier_words words;
	const char *text;
	uint32_t reason = outcome_of(job, &words, &text);

	job->asker = NULL;
	if (reason == SLC_REASON_NONE && makes_socket && job->passed < 0) {
		reason = SLC_REASON_INTERNAL;
		text = job->type == SLC_LISTEN ? "nobody keeps the socket any more"
					       : "the dialler has ended without a connection";
	}
	if (reason != SLC_REASON_NONE) {
		asker->failed(job->asker_data, reason, text);
	} else if (job->type == SLC_FORWARD) {
		int fd = job->passed;

		job->passed = -1;
		asker->connected(job->asker_data, fd);
	} else {
		asker->answered(job->asker_data, job->input.ring, job->document_size);
	}
}

void job_report(struct job *job)
{
	if (job->kept != NULL)
		kept_ends(job->kept, job->machine.status, job->reason);
	if (job->kept != NULL && job->channel == NULL)
		LOG(LOG_INFO, "detached command ended", log_number("job", job->instance),
			log_number("status", job->machine.status),
			log_string("reason", slc_reason_word(job->reason)));
	if (job->asker != NULL)
		report_to_asker(job);
	if (job->channel == NULL)
		return;
	if (job->type == SLC_EXEC)
		report_exec(job);
	else if (job->type == SLC_ATTEST || job->type == SLC_AUDIT)
		report_attestation(job);
	else
		report_copy(job);
}
