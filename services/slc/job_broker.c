/* job_broker: a job and the broker; see job.h. */
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "services/slc/job.h"

/* --- What the broker is told ------------------------------------------------------------------ */

static enum packet_kind start_kind(const struct job *job)
{
	switch (job->type) {
	case SLC_PUT:
		return PACKET_PUT;
	case SLC_GET:
		return PACKET_GET;
	case SLC_ATTEST:
		return PACKET_ATTEST;
	case SLC_FORWARD:
		return PACKET_DIAL;
	case SLC_LISTEN:
		return PACKET_LISTEN;
	case SLC_AUDIT:
		return PACKET_LOG;
	case JOB_PROOF:
		return PACKET_PROVE;
	case JOB_MARK:
		return PACKET_MARK;
	default:
		return PACKET_EXEC;
	}
}

static bool pay_start(struct job *job, struct line *line)
{
	while (job->owes_start) {
		size_t left = job->request_size - job->request_sent;
		bool is_last = left <= PACKET_PART_MAX;
		struct packet packet = {.kind = is_last ? start_kind(job) : PACKET_PART,
			.id = job->id,
			.number = job->session,
			.bytes = job->request + job->request_sent,
			.size = is_last ? left : PACKET_PART_MAX};

		if (!line_send(line, &packet, NULL))
			return false;
		job->request_sent += packet.size;
		job->owes_start = !is_last;
	}
	return true;
}

static bool pay_signals(struct job *job, struct line *line)
{
	for (uint32_t number = 1; job->owed_signals != 0; number++) {
		uint64_t bit = (uint64_t)1 << (number - 1);
		struct packet packet = {.kind = PACKET_SIGNAL, .id = job->id, .number = number};

		if ((job->owed_signals & bit) == 0)
			continue;
		if (!line_send(line, &packet, NULL))
			return false;
		job->owed_signals &= ~bit;
	}
	return true;
}

bool job_pay(struct debtor *debtor, struct line *line)
{
	struct job *job = (struct job *)((char *)debtor - offsetof(struct job, debtor));
	struct packet done = {.kind = PACKET_DONE, .id = job->id};

	if (job->waits)
		return true;
	if (!pay_start(job, line) || !pay_signals(job, line))
		return false;
	if (!job->owes_done)
		return true;
	job->is_over = line_send(line, &done, NULL);
	return job->is_over;
}

/* Who hears of the end may ask for the next at once: its place is free before he can. */
static void end(struct job *job)
{
	job_report(job);
	job_release(job);
}

void job_settled(struct debtor *debtor)
{
	struct job *job = (struct job *)((char *)debtor - offsetof(struct job, debtor));

	if (job->is_over)
		end(job);
}

void job_ask(struct job *job)
{
	job->was_asked = true;
	job->owes_start = true;
	if (job->all->must_mark && job->type < JOB_PROOF && request_enters(job->type))
		job_await_mark(job);
	else
		line_owe(job->all->line, &job->debtor);
}

void job_signal(struct job *job, uint32_t number)
{
	job->owed_signals |= (uint64_t)1 << (number - 1);
	line_owe(job->all->line, &job->debtor);
}

void job_done(struct job *job)
{
	timer_stop(&job->timer);
	timer_stop(&job->time);
	if (!job->was_asked || job->waits) { /* the broker has never heard of it */
		job->waits = false;
		end(job);
		return;
	}
	job->owes_done = true;
	line_owe(job->all->line, &job->debtor);
}

/* --- What the broker tells -------------------------------------------------------------------- */

static void opened(struct job *job, const int *descriptors)
{
	for (unsigned i = 0; i < JOB_OUTPUTS; i++)
		output_open(&job->outputs[i], job->all->loop, descriptors[1 + i]);
	job_set_window(job);
	input_open(&job->input, descriptors[0]);
}

/* The process has ended: what its pipes hold now is the client's. */
static void process_ended(struct job *job, enum exec_job_event event, uint32_t n)
{
	job->has_ended = true;
	job_feed(job, event, n);
	for (unsigned i = 0; i < JOB_OUTPUTS; i++)
		output_count(&job->outputs[i]);
	for (unsigned i = 0; i < JOB_OUTPUTS && job->is_live; i++)
		output_run(&job->outputs[i]);
}

static void not_started(struct job *job, uint32_t status, uint32_t reason, const char *text)
{
	job->has_ended = true;
	job->reason = reason;
	(void)snprintf(job->text, sizeof job->text, "%s", text);
	job_feed(job, EXEC_JOB_NOT_STARTED, status);
}

void job_refuse(struct job *job, uint32_t reason, const char *text)
{
	job->was_asked = job->owes_start = false;
	job->owed_signals = 0;
	not_started(job, EXEC_JOB_FAILED, reason, text);
}

static int act(struct job *job, const struct packet *packet, const int *descriptors)
{
	switch (packet->kind) {
	case PACKET_PIPES:
		opened(job, descriptors);
		return 0;
	case PACKET_STARTED:
		job->is_started = true;
		job_feed(job, EXEC_JOB_STARTED, 0);
		return 0;
	case PACKET_NOT_STARTED:
		not_started(job, packet->number, packet->reason, packet->text);
		return 0;
	case PACKET_EXITED:
		process_ended(job, EXEC_JOB_EXITED, packet->number);
		return 0;
	case PACKET_KILLED:
		process_ended(job, EXEC_JOB_KILLED, packet->number);
		return 0;
	default:
		return -1;
	}
}

int jobs_hear(struct jobs *jobs, const struct packet *packet, const int *descriptors)
{
	struct job *job;

	if (packet->id >= jobs->count)
		return -1;
	job = &jobs->list[packet->id];
	if (!job->is_live || !job->was_asked || job->has_ended)
		return -1;
	return act(job, packet, descriptors);
}

void jobs_lose(struct jobs *jobs)
{
	for (uint32_t i = 0; i < jobs->count; i++) {
		struct job *job = &jobs->list[i];

		if (!job->is_live || !job->was_asked || job->has_ended)
			continue;
		if (job->is_started)
			process_ended(job, EXEC_JOB_KILLED, SIGKILL);
		else
			not_started(job, EXEC_JOB_FAILED, SLC_REASON_INTERNAL,
				"the service has lost its broker");
	}
}
