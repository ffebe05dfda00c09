/* job: the machine, its effects, and the pipes; see job.h. */
#include "services/slc/job.h"

#include <inttypes.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>

#include "runtime/kernel/machine.h"

MACHINE_EVENTS(exec_job)

/* How long each state that has a timer waits: spec/slc.md, Deadlines. */
static const uint64_t waits[] = {
	[EXEC_JOB_IN_STARTING] = 10 * CLOCK_SECOND,
	[EXEC_JOB_IN_STOPPING] = 5 * CLOCK_SECOND,
	[EXEC_JOB_IN_LINGERING] = 2 * CLOCK_SECOND,
	[EXEC_JOB_IN_RUNNING] = 0,
};

/* --- Effects ---------------------------------------------------------------------------------- */

static void do_signal(struct job *job)
{
	job_signal(job, job->machine.signal);
}

static void do_term(struct job *job)
{
	job_signal(job, SIGTERM);
}

static void do_kill(struct job *job)
{
	job_signal(job, SIGKILL);
}

static void do_write_input(struct job *job)
{
	input_take(&job->input, job->hand, job->hand_size);
}

static void do_drop_input(struct job *job)
{
	if (job->channel != NULL)
		channel_consumed(job->channel, job->hand_size);
}

static void do_close_input(struct job *job)
{
	input_end(&job->input);
}

static void do_close(struct job *job)
{
	input_close(&job->input);
	for (unsigned i = 0; i < JOB_OUTPUTS; i++)
		output_close(&job->outputs[i]);
}

static void do_arm(struct job *job)
{
	job->generation = job->machine.timer;
	timer_start(&job->timer, job->all->loop, waits[job->machine.cs]);
}

/* Lowest bit first. The broker reaps when it hears that the job is done, and who asked is told
 * once it has been said: see job_done. */
static const struct {
	uint32_t effect;
	void (*perform)(struct job *job);
} effects[] = {
	{EXEC_JOB_DO_SPAWN, job_ask},
	{EXEC_JOB_DO_SIGNAL, do_signal},
	{EXEC_JOB_DO_TERM, do_term},
	{EXEC_JOB_DO_KILL, do_kill},
	{EXEC_JOB_DO_WRITE_INPUT, do_write_input},
	{EXEC_JOB_DO_DROP_INPUT, do_drop_input},
	{EXEC_JOB_DO_CLOSE_INPUT, do_close_input},
	{EXEC_JOB_DO_CLOSE, do_close},
	{EXEC_JOB_DO_RELEASE, job_tell_number},
	{EXEC_JOB_DO_ARM, do_arm},
};

/* Effects cause events: only the outermost feed lets go of the job, once, and nobody touches it
 * then. */
void job_feed(struct job *job, enum exec_job_event event, uint32_t n)
{
	const bool was_over = exec_job_ended(&job->machine);
	uint32_t wanted;

	job->depth++;
	wanted = exec_job_drive(&job->machine, job->instance, event, n);
	for (size_t i = 0; i < sizeof effects / sizeof effects[0]; i++)
		if ((wanted & effects[i].effect) != 0)
			effects[i].perform(job);
	job->depth--;
	if (job->depth == 0 && !was_over && exec_job_ended(&job->machine))
		job_done(job);
}

static void timed_out(struct timer *timer)
{
	struct job *job = (struct job *)((char *)timer - offsetof(struct job, timer));

	job_feed(job, EXEC_JOB_TIMEOUT, job->generation);
}

/* Ends it, for a limit that the text names. */
static void stop_for(
	struct job *job, uint32_t reason, const char *before, uint64_t limit, const char *behind)
{
	if (job->reason == SLC_REASON_NONE) {
		job->reason = reason;
		(void)snprintf(
			job->text, sizeof job->text, "%s%" PRIu64 "%s", before, limit, behind);
	}
	job_feed(job, EXEC_JOB_STOP, 0);
}

static void time_is_up(struct timer *timer)
{
	struct job *job = (struct job *)((char *)timer - offsetof(struct job, time));

	stop_for(job, SLC_REASON_TIMEOUT, "it took longer than ", job->terms.time, " s");
}

void job_heed_terms(struct job *job, const struct command_terms *terms)
{
	job->terms = *terms;
	job->input.is_terminal = job->terms.has_terminal;
	if (job->terms.time > 0)
		timer_start(&job->time, job->all->loop, job->terms.time * CLOCK_SECOND);
}

/* Now, or when the terminal is there. */
void job_set_window(struct job *job)
{
	const struct output *output = &job->outputs[0];

	if (job->terms.has_terminal && job->has_window && output->is_open)
		(void)ioctl(output->watch.fd, TIOCSWINSZ, &job->window);
}

/* --- Pipes ------------------------------------------------------------------------------------ */

static void input_consumed(struct input *input, size_t size)
{
	struct job *job = (struct job *)((char *)input - offsetof(struct job, input));

	if (job->channel != NULL)
		channel_consumed(job->channel, size);
}

static void input_broken(struct input *input)
{
	job_feed((struct job *)((char *)input - offsetof(struct job, input)), EXEC_JOB_INPUT_BROKEN,
		0);
}

/* A copier's words are kept: they are for us. */
static bool are_words(const struct job *job, const struct output *output)
{
	return job->type != SLC_EXEC && output == &job->outputs[1];
}

/* Without a channel nobody reads, and the process waits for its end. */
static size_t output_room(struct output *output)
{
	struct job *job = output->user;

	if (are_words(job, output) || job->asker != NULL || job->kept != NULL)
		return output->scratch_size;
	return job->channel != NULL ? channel_room(job->channel) : 0;
}

static enum slc_stream stream_of(const struct job *job, const struct output *output)
{
	return output == &job->outputs[0] ? SLC_OUTPUT : SLC_ERROR;
}

/* What is more than any document may be is none: its size is then too large. */
static void keep_document(struct job *job, const uint8_t *bytes, size_t size)
{
	size_t room = job->input.size - job->document_size;

	size = size < room ? size : room;
	memcpy(job->input.ring + job->document_size, bytes, size);
	job->document_size += size;
}

/* A command that says more than it may is ended, a moment later; what is more is dropped. */
static void pass_output(
	struct job *job, const struct output *output, const uint8_t *bytes, size_t size)
{
	uint64_t left = job->terms.output == 0 ? UINT64_MAX : job->terms.output - job->said;
	bool is_over = size > left;

	size = is_over ? (size_t)left : size;
	job->said += size;
	if (size > 0 && job->kept != NULL)
		kept_says(job->kept, (uint8_t)stream_of(job, output), bytes, size);
	else if (size > 0 && job->channel != NULL)
		(void)channel_send(job->channel, stream_of(job, output), bytes, size);
	job->is_too_loud = job->is_too_loud || is_over;
}

/* More words than fit are no words: what is kept of them can't be read. */
static void output_take(struct output *output, const uint8_t *bytes, size_t size)
{
	struct job *job = output->user;

	if (are_words(job, output)) {
		size_t room = sizeof job->words - job->words_size;

		size = size < room ? size : room;
		memcpy(job->words + job->words_size, bytes, size);
		job->words_size += size;
		if (job->type == SLC_LISTEN)
			job_listens(job);
	} else if (job->asker != NULL) {
		keep_document(job, bytes, size);
	} else {
		pass_output(job, output, bytes, size);
	}
}

static void output_over(struct output *output)
{
	struct job *job = output->user;

	if (job->channel != NULL && job->kept == NULL && !are_words(job, output))
		channel_finish(job->channel, stream_of(job, output));
}

static void outputs_moved(struct output *output)
{
	struct job *job = output->user;
	const struct output *first = &job->outputs[0], *second = &job->outputs[1];

	if (job->is_too_loud)
		stop_for(job, SLC_REASON_LIMIT, "it has said more than ", job->terms.output,
			" bytes");
	if (!first->is_open && !second->is_open)
		job_feed(job, EXEC_JOB_OUTPUT_ENDED, 0);
	else if (output_is_drained(first) && output_is_drained(second))
		job_feed(job, EXEC_JOB_DRAINED, 0);
}

void job_begin(struct job *job)
{
	exec_job_init(&job->machine);
	job->depth = 0;
	memset(&job->timer, 0, sizeof job->timer);
	job->timer.fired = timed_out;
	memset(&job->time, 0, sizeof job->time);
	job->time.fired = time_is_up;
	job->input.consumed = input_consumed;
	job->input.broken = input_broken;
	input_begin(&job->input, job->all->loop);
	for (unsigned i = 0; i < JOB_OUTPUTS; i++) {
		struct output *output = &job->outputs[i];

		output->room = output_room;
		output->take = output_take;
		output->over = output_over;
		output->moved = outputs_moved;
		output->user = job;
		output->passed = NULL;
		output->scratch = job->all->scratch;
		output->scratch_size = sizeof job->all->scratch;
	}
	if (job->type == SLC_FORWARD || job->type == SLC_LISTEN)
		job->outputs[1].passed = &job->passed;
	job->words_size = 0;
}
