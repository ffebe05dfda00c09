/* process: one job as the broker has it: a process, its pipes on their way to the front, and what
 * the front has yet to be told. It decides nothing: the front's exec_job does. */
#ifndef CLOISTER_SERVICES_SLC_PROCESS_H
#define CLOISTER_SERVICES_SLC_PROCESS_H

#include <sys/resource.h>

#include "runtime/kernel/child.h"
#include "services/slc/account.h"
#include "services/slc/groups.h"
#include "services/slc/line.h"
#include "services/slc/pipes.h"

struct process;

/* What all of them share. */
struct processes {
	struct loop *loop;
	struct line *line;
	struct rlimit descriptors; /* that a job may have: those that we were started with */
	pid_t parent;
	const struct groups *groups; /* where jobs get one of their own */
	uint32_t live;               /* processes that are not reaped */
	bool is_over; /* nobody is there to say what becomes of them: they are killed and reaped */
	void (*ended)(struct processes *all); /* while is_over: one has been reaped */
	/* One has ended, with the code 0 or not, or was not started; told before the front is. */
	void (*over)(struct processes *all, const struct process *process, bool is_well);
};

struct process {
	struct child child;
	struct debtor debtor;
	struct processes *all;
	uint32_t id;
	int death;
	const struct account *account; /* to become, while it is started */
	bool wants_another;            /* that is not ours */
	bool has_terminal;
	bool is_grouped;
	enum group next_group; /* the next job's, if it was made already */
	bool is_used;          /* the front has not said that it has done with it */
	bool has_ended;
	unsigned owed;        /* to the front: a bit for each kind of packet */
	struct packet answer; /* what these packets say */
	int pipes[PACKET_PIPES_COUNT];
};

/* A program to start. */
struct program {
	const char *name;
	const char *const *argv;
	const char *path;
	const char *const *environment;
	bool is_grouped;               /* it gets a control group, where there can be one */
	const char *directory;         /* null: ours */
	const struct account *account; /* whom it runs as; null: us */
	int third; /* the descriptor that its third pipe becomes; 2: its error output */
	int death; /* the signal that it gets when the broker dies */
	int extra; /* a descriptor of ours that becomes its descriptor 4; -1: none */
	int log;   /* a descriptor of ours that becomes its error output; -1: none */
	int bulk;  /* above 0: its first two pipes are sockets, which hold so many bytes or more */
	bool passes; /* its third pipe is a socket for passing descriptors (passing.h) */
	const struct pipes_terminal *terminal; /* null: it has none */
};

void process_init(struct process *process, struct processes *all, uint32_t id);

/* The front has given its number to a job. */
void process_use(struct process *process);

/* Starts a program for it. How that goes is told to the front. */
void process_start(struct process *process, const struct program *program);

/* It can't be started. The fault's word is the one of a reason (runtime/channel/reason.h), or
 * counts as `internal`. */
void process_refuse(struct process *process, const struct fault *fault);

/* Signals the process and its group; nothing where there is none. */
void process_signal(struct process *process, int number);

/* The front is done with it. -1: it can't be, for it does not know yet that the process ended. */
int process_done(struct process *process);

/* The front is gone: signals it if it runs, and reaps it when it has ended. `is_over` is set. */
void process_end(struct process *process, int number);

#endif
