/* job: a command or a copy, as the front has it: the machine exec_job, the channel that asked for
 * it, the pipes of its process, and what is said to the broker about it.
 *
 *   channel -- data, end --> exec_job --> input  --> pipe
 *   channel <- room, bytes -------------  outputs <-- pipes
 *   broker  <- start, signals, done -- exec_job <-- started, exited, ... -- broker
 *
 * A copy is the process of a copier (copier.h): its second output is what the copier says at last.
 */
#ifndef CLOISTER_SERVICES_SLC_JOB_H
#define CLOISTER_SERVICES_SLC_JOB_H

#include <sys/ioctl.h>
#include <sys/queue.h>

#include "gen/exec_job.h"
#include "runtime/channel/session.h"
#include "services/slc/command.h"
#include "services/slc/copier.h"
#include "services/slc/input.h"
#include "services/slc/kept.h"
#include "services/slc/line.h"
#include "services/slc/output.h"

#define JOB_OUTPUTS 2u
#define JOB_SPARE   1u     /* beyond all limits: what marks register 18 */
#define JOB_SCRATCH 65536u /* bytes between a pipe and a channel */

/* Who wants a document for a session, or a connection for a forward. Told once. */
struct job_asker {
	void (*answered)(void *data, const uint8_t *document, size_t size);
	void (*connected)(void *data, int fd); /* the asker's from then on; a listening one may
						  be told as failed later */
	void (*failed)(void *data, uint32_t reason, const char *text);
};

/* Types of jobs that no channel asks for: spec/audit.md. */
enum job_type {
	JOB_PROOF = 65536, /* a document for a session */
	JOB_MARK           /* register 18 is marked */
};

struct jobs;

struct job {
	struct jobs *all;
	uint32_t id;
	bool is_live;
	SLIST_ENTRY(job) unused;

	struct exec_job machine;
	uint32_t instance;       /* in traces and logs: how many there were, with this one */
	unsigned depth;          /* of feeds within feeds */
	uint32_t type;           /* enum slc_type, or job_type */
	uint32_t session;        /* whose it is, for the log of the enclave */
	struct kept *kept;       /* what is kept of a detached one, or null */
	const char *peer;        /* who asked, for the log; there as long as the channel */
	struct channel *channel; /* null once it has ended */
	/* Who asked, where that is no channel; null: it is one, or it is unwanted. */
	const struct job_asker *asker;
	void *asker_data;
	struct timer timer;
	uint32_t generation;
	struct command_terms terms;
	struct winsize window; /* of its terminal, that the client has told */
	bool has_window;
	uint64_t said;     /* bytes */
	bool is_too_loud;  /* it has said more than it may */
	struct timer time; /* that it may take; then it is stopped */

	struct input input; /* its ring holds a session's document: an attester has no input */
	size_t document_size;
	const uint8_t *hand; /* bytes that an INPUT is about */
	size_t hand_size;
	struct output outputs[JOB_OUTPUTS];
	uint8_t words[COPIER_WORDS_MAX]; /* of a copier */
	size_t words_size;
	int passed; /* the descriptor that a dialler has made; -1: none */

	/* What the broker has yet to hear, and what it has said. */
	struct debtor debtor;
	uint8_t *request; /* REQUEST_SIZE_MAX bytes */
	size_t request_size, request_sent;
	bool was_asked; /* the broker has heard of it, or will */
	bool owes_start, owes_done;
	bool is_over;          /* nothing is owed any more */
	bool waits;            /* for the mark: till then nothing is paid */
	uint64_t owed_signals; /* a bit for each, from 1 on */
	bool is_started, has_ended;
	uint32_t reason; /* why it was not started, or had to end */
	char text[SLC_TEXT_MAX + 1u];
};

struct jobs {
	/* Set by the owner. The last job is over. */
	void (*emptied)(struct jobs *jobs);

	struct kepts *kepts; /* the owner's: of detached jobs */
	struct loop *loop;
	struct line *line;
	uint32_t count, requests, live; /* all places; those for requests, which come first */
	uint32_t begun;                 /* ever */
	bool must_mark, is_marking;     /* register 18, before anything is read or changed; it is */
	struct job *list;
	uint8_t *memory;
	SLIST_HEAD(job_places, job) unused, unused_proofs;
	uint8_t scratch[JOB_SCRATCH];
};

/* How many there are for so many requests at once and so many sessions: who would enter to end a
 * command needs a document while all places of requests are taken. */
uint32_t jobs_places(uint32_t requests, uint32_t sessions);

/* Bytes that jobs_open allocates. */
size_t jobs_memory(uint32_t requests, uint32_t sessions, uint32_t window);

/* window: bytes that a channel may have on their way to a process. Fault: "memory". */
int jobs_open(struct jobs *jobs, struct loop *loop, struct line *line, uint32_t requests,
	uint32_t sessions, uint32_t window, struct fault *fault);
void jobs_close(struct jobs *jobs);

/* Accepts a channel, whose request was checked (request.h), and begins its job. False: there are
 * too many, and nothing was done. `peer` lives as long as the channel. */
bool jobs_begin(struct jobs *jobs, struct channel *channel, uint32_t type, const uint8_t *fields,
	size_t size, const char *peer, uint32_t session, const struct authorized_key *key);

/* Has a document made with these fields (JOB_PROOF), a target connected to (SLC_FORWARD), a socket
 * listen until that is given up (SLC_LISTEN), or the register marked. Null: there are too many
 * jobs. Until the asker was told, it may give up. */
struct job *jobs_ask(struct jobs *jobs, uint32_t type, const uint8_t *fields, size_t size,
	const char *peer, uint32_t session, const struct job_asker *asker, void *data);
void job_give_up(struct job *job);

/* Has all end: the service stops. */
void jobs_stop(struct jobs *jobs);

/* The broker has said something. -1: it makes no sense. */
int jobs_hear(struct jobs *jobs, const struct packet *packet, const int *descriptors);

/* The broker is gone, and all processes with it. */
void jobs_lose(struct jobs *jobs);

/* --- For job*.c alone ------------------------------------------------------------------------- */

/* job.c: a new machine with its timers and pipes; an event, its number, and what comes of it. */
void job_begin(struct job *job);
void job_heed_terms(struct job *job, const struct command_terms *terms);
void job_set_window(struct job *job);
void job_feed(struct job *job, enum exec_job_event event, uint32_t n);

/* job_client.c: what the client tells, and is told at last. */
extern const struct channel_events job_channel_events;
void job_report(struct job *job);
void job_listens(struct job *job);
void job_tell_number(struct job *job);

/* job_mark.c: the job waits until register 18 is marked, which begins with the first that does. */
void job_await_mark(struct job *job);

/* job_broker.c: it was not started, and the broker has never heard of it. */
void job_refuse(struct job *job, uint32_t reason, const char *text);

/* job_broker.c: has the broker start its process, signal it, have done with it. */
void job_ask(struct job *job);
void job_signal(struct job *job, uint32_t number);
void job_done(struct job *job);
bool job_pay(struct debtor *debtor, struct line *line);
void job_settled(struct debtor *debtor);

/* jobs.c: the job is over, and its place is free. */
void job_release(struct job *job);

#endif
