/* jobs: all of them, in memory that is there from the start; see job.h. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "services/slc/job.h"
#include "services/slc/request.h"

#define DOCUMENT_ROOM (SLC_AUTH_DOCUMENT_MAX + 1u) /* what is too large has to be seen as that */

/* A ring for what a channel has on its way, or for a document, and behind it the request. */
static size_t room_of_job(uint32_t ring)
{
	return (size_t)ring + REQUEST_SIZE_MAX;
}

/* The one that marks the register has a place of its own: who waits for it may have all others. */
static struct job *spare(const struct jobs *jobs)
{
	return &jobs->list[jobs->count - JOB_SPARE];
}

static struct job_places *places_of(struct jobs *jobs, const struct job *job)
{
	return job->id < jobs->requests ? &jobs->unused : &jobs->unused_proofs;
}

static void give_back(struct jobs *jobs, struct job *job)
{
	if (job != spare(jobs))
		SLIST_INSERT_HEAD(places_of(jobs, job), job, unused);
}

uint32_t jobs_places(uint32_t requests, uint32_t sessions)
{
	return requests + sessions + JOB_SPARE;
}

static size_t room_of_all(uint32_t requests, uint32_t sessions, uint32_t window)
{
	return requests * room_of_job(window) +
	       (sessions + (size_t)JOB_SPARE) * room_of_job(DOCUMENT_ROOM);
}

size_t jobs_memory(uint32_t requests, uint32_t sessions, uint32_t window)
{
	return jobs_places(requests, sessions) * sizeof(struct job) +
	       room_of_all(requests, sessions, window);
}

static void begin_place(struct jobs *jobs, uint32_t id, uint8_t *room, uint32_t ring)
{
	struct job *job = &jobs->list[id];

	job->all = jobs;
	job->id = id;
	job->input.ring = room;
	job->input.size = ring;
	job->request = room + ring;
	job->debtor.pay = job_pay;
	job->debtor.settled = job_settled;
	job->passed = -1;
	give_back(jobs, job);
}

int jobs_open(struct jobs *jobs, struct loop *loop, struct line *line, uint32_t requests,
	uint32_t sessions, uint32_t window, struct fault *fault)
{
	uint8_t *room;

	jobs->loop = loop;
	jobs->line = line;
	jobs->count = jobs_places(requests, sessions);
	jobs->requests = requests;
	jobs->live = jobs->begun = 0;
	jobs->is_marking = false;
	SLIST_INIT(&jobs->unused);
	SLIST_INIT(&jobs->unused_proofs);
	jobs->list = calloc(jobs->count, sizeof *jobs->list);
	jobs->memory = malloc(room_of_all(requests, sessions, window));
	if (jobs->list == NULL || jobs->memory == NULL) {
		jobs_close(jobs);
		return fault_set(fault, "memory", "there is no memory for %u jobs", jobs->count);
	}
	room = jobs->memory;
	for (uint32_t i = 0; i < jobs->count; i++) {
		uint32_t ring = i < requests ? window : DOCUMENT_ROOM;

		begin_place(jobs, i, room, ring);
		room += room_of_job(ring);
	}
	return 0;
}

void jobs_close(struct jobs *jobs)
{
	free(jobs->list);
	free(jobs->memory);
	jobs->list = NULL;
	jobs->memory = NULL;
}

static struct job *place_for(struct jobs *jobs, uint32_t type)
{
	return type == JOB_MARK    ? spare(jobs)
	       : type == JOB_PROOF ? SLIST_FIRST(&jobs->unused_proofs)
				   : SLIST_FIRST(&jobs->unused);
}

static struct job *take(struct jobs *jobs, struct channel *channel, uint32_t type,
	const uint8_t *fields, size_t size, const char *peer, uint32_t session)
{
	struct job *job = place_for(jobs, type);

	if (job == NULL || job->is_live || size > REQUEST_SIZE_MAX)
		return NULL;
	/* A mark has failed, and the broker has yet to hear of its end: nobody can wait for it. */
	if (jobs->must_mark && !jobs->is_marking && spare(jobs)->is_live && type < JOB_PROOF &&
		request_enters(type))
		return NULL;
	if (job != spare(jobs))
		SLIST_REMOVE_HEAD(places_of(jobs, job), unused);
	jobs->live++;
	job->is_live = true;
	job->type = type;
	job->peer = peer;
	job->session = session;
	job->waits = false;
	job->channel = channel;
	job->terms = (struct command_terms){0};
	job->has_window = false;
	job->kept = NULL;
	job->said = 0;
	job->is_too_loud = false;
	job->asker = NULL;
	job->document_size = 0;
	job->instance = ++jobs->begun;
	memcpy(job->request, fields, size);
	job->request_size = size;
	job->request_sent = 0;
	job->was_asked = job->owes_start = job->owes_done = job->is_over = false;
	job->owed_signals = 0;
	job->is_started = job->has_ended = false;
	job->reason = SLC_REASON_NONE;
	job->text[0] = '\0';
	job_begin(job);
	return job;
}

bool jobs_begin(struct jobs *jobs, struct channel *channel, uint32_t type, const uint8_t *fields,
	size_t size, const char *peer, uint32_t session, const struct authorized_key *key)
{
	struct command_terms terms = {0};
	struct job *job = take(jobs, channel, type, fields, size, peer, session);

	if (job == NULL)
		return false;
	if (type == SLC_EXEC)
		command_terms(&terms, fields, size);
	if (terms.is_detached) {
		job->kept = kept_take(jobs->kepts, job, key, fields, size);
		if (job->kept == NULL) {
			job_release(job);
			return false;
		}
		job_feed(job, EXEC_JOB_DETACH, 0);
	}
	channel_own(channel, &job_channel_events, job);
	channel_accept(channel);
	job_heed_terms(job, &terms);
	job_feed(job, EXEC_JOB_START, 0);
	/* Nobody is there to give it any later. */
	if (terms.is_detached)
		job_feed(job, EXEC_JOB_INPUT_ENDED, 0);
	return true;
}

struct job *jobs_ask(struct jobs *jobs, uint32_t type, const uint8_t *fields, size_t size,
	const char *peer, uint32_t session, const struct job_asker *asker, void *data)
{
	struct job *job = take(jobs, NULL, type, fields, size, peer, session);

	if (job == NULL)
		return NULL;
	job->asker = asker;
	job->asker_data = data;
	job_feed(job, EXEC_JOB_START, 0);
	return job;
}

void job_give_up(struct job *job)
{
	job->asker = NULL;
	job_feed(job, EXEC_JOB_CLIENT_LOST, 0);
}

void job_release(struct job *job)
{
	struct jobs *jobs = job->all;

	if (job->passed >= 0)
		close(job->passed);
	job->passed = -1;
	job->is_live = false;
	give_back(jobs, job);
	jobs->live--;
	if (jobs->live == 0)
		jobs->emptied(jobs);
}

void jobs_stop(struct jobs *jobs)
{
	for (uint32_t i = 0; i < jobs->count; i++)
		if (jobs->list[i].is_live)
			job_feed(&jobs->list[i], EXEC_JOB_STOP, 0);
}
