/* job_mark: what reads or changes anything waits until register 18 is marked (spec/audit.md); see
 * job.h. Once it is nobody waits any more. Where it can't be, who waits is refused, and the next
 * one tries again. The broker lets nothing through before; this makes it wait in order. */
#include "runtime/kernel/log.h"
#include "services/slc/job.h"

static void refuse(struct job *job, uint32_t reason, const char *text)
{
	job->waits = false;
	job_refuse(job, reason, text);
}

static void marked(void *data, const uint8_t *document, size_t size)
{
	struct jobs *jobs = data;

	(void)document;
	(void)size;
	jobs->must_mark = jobs->is_marking = false;
	for (uint32_t i = 0; i < jobs->count; i++) {
		struct job *job = &jobs->list[i];

		if (!job->is_live || !job->waits)
			continue;
		job->waits = false;
		if (job->machine.cs == EXEC_JOB_IN_STOPPING)
			refuse(job, SLC_REASON_TIMEOUT, "it was given up before the mark");
		else
			line_owe(jobs->line, &job->debtor);
	}
}

static void unmarked(void *data, uint32_t reason, const char *text)
{
	struct jobs *jobs = data;

	jobs->is_marking = false;
	for (uint32_t i = 0; i < jobs->count; i++)
		if (jobs->list[i].is_live && jobs->list[i].waits)
			refuse(&jobs->list[i], reason, text);
}

static const struct job_asker asker = {.answered = marked, .failed = unmarked};

void job_await_mark(struct job *job)
{
	struct jobs *jobs = job->all;

	job->waits = true;
	if (jobs->is_marking)
		return;
	jobs->is_marking = true;
	if (jobs_ask(jobs, JOB_MARK, (const uint8_t *)"", 0, job->peer, job->session, &asker,
		    jobs) != NULL)
		return;
	jobs->is_marking = false;
	refuse(job, SLC_REASON_INTERNAL, "the register is being marked already");
}
