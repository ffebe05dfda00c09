/* process: see process.h. */
#include "services/slc/process.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "runtime/channel/reason.h"
#include "services/slc/groups.h"
#include "services/slc/remains.h"

#define OWED(KIND) (1u << (KIND))

static struct process *process_of(struct child *child)
{
	return (struct process *)((char *)child - offsetof(struct process, child));
}

/* --- What the front is told ------------------------------------------------------------------- */

/* In the order of the kinds' numbers, which is that of a job's life. */
static bool pay(struct debtor *debtor, struct line *line)
{
	struct process *process =
		(struct process *)((char *)debtor - offsetof(struct process, debtor));

	for (unsigned kind = PACKET_PIPES; kind <= PACKET_KILLED; kind++) {
		if ((process->owed & OWED(kind)) == 0)
			continue;
		process->answer.kind = (enum packet_kind)kind;
		if (!line_send(
			    line, &process->answer, kind == PACKET_PIPES ? process->pipes : NULL))
			return false;
		if (kind == PACKET_PIPES)
			pipes_close(process->pipes);
		process->owed &= ~OWED(kind);
	}
	return true;
}

static void tell(struct process *process, enum packet_kind kind)
{
	process->owed |= OWED(kind);
	line_owe(process->all->line, &process->debtor);
}

void process_refuse(struct process *process, const struct fault *fault)
{
	uint32_t reason = SLC_REASON_AUTH;

	while (reason > SLC_REASON_NONE && strcmp(slc_reason_word(reason), fault->word) != 0)
		reason--;
	if (reason == SLC_REASON_NONE)
		reason = SLC_REASON_INTERNAL;
	process->answer.number = (uint32_t)slc_reason_exec_code(reason);
	process->answer.reason = reason;
	(void)snprintf(process->answer.text, sizeof process->answer.text, "%s", fault->text);
	process->all->over(process->all, process, false);
	tell(process, PACKET_NOT_STARTED);
}

/* --- The process ------------------------------------------------------------------------------ */

/* The next one is made already now, when nobody waits for it. */
static void end_group(struct process *process)
{
	const struct groups *groups = process->all->groups;

	if (!process->is_grouped)
		return;
	groups_end(groups, process->id);
	if (!process->all->is_over)
		process->next_group = groups_make(groups, process->id);
}

/* The group goes first: a zombie keeps its number. */
static void reap(struct process *process)
{
	if (process->child.pid == 0)
		return;
	process_signal(process, SIGKILL);
	if (process->has_terminal)
		remains_kill_session(process->child.pid);
	end_group(process);
	child_reap(&process->child);
	process->all->live--;
	if (process->all->is_over)
		process->all->ended(process->all);
}

static void started(struct child *child)
{
	tell(process_of(child), PACKET_STARTED);
}

/* The word of a reason for the one of a child. */
static const char *reason_of_failure(const struct process *process, const char *word, int error)
{
	if (strcmp(word, "directory") == 0 && (error == ENOENT || error == ENOTDIR))
		return "not_found";
	if (strcmp(word, "directory") == 0)
		return error == EACCES ? "denied" : "io";
	if (strcmp(word, "spawn") == 0 && process->wants_another &&
		(error == EPERM || error == EINVAL))
		return "denied";
	return word;
}

static void failed(struct child *child, const struct fault *fault)
{
	struct process *process = process_of(child);
	const int error = child->failed_error;
	struct fault known;

	(void)fault_set(&known, reason_of_failure(process, fault->word, error), "%s", fault->text);
	process->all->live--;
	end_group(process);
	process_refuse(process, &known);
	if (process->all->is_over)
		process->all->ended(process->all);
}

static void ended(struct child *child, int code_or_signal, bool was_signal)
{
	struct process *process = process_of(child);

	process->has_ended = true;
	process->all->over(process->all, process, !was_signal && code_or_signal == 0);
	process->answer.number = (uint32_t)code_or_signal;
	tell(process, was_signal ? PACKET_KILLED : PACKET_EXITED);
	if (process->all->is_over)
		reap(process);
}

/* In the new process: it dies with the broker, whose death it may have missed before it said so.
 * Who becomes another user forgets that he wanted to. */
static int prepare(void *data)
{
	const struct process *process = data;
	int error;

	error = process->account != NULL ? account_become(process->account) : 0;
	if (error != 0)
		return error;
	if (setrlimit(RLIMIT_NOFILE, &process->all->descriptors) != 0 ||
		prctl(PR_SET_PDEATHSIG, process->death) != 0)
		return errno;
	return getppid() == process->all->parent ? 0 : ESRCH;
}

/* Where there are groups no job is without one. *folder stays -1 where there are none. */
static int open_group(
	struct process *process, struct child_plan *plan, int *folder, struct fault *fault)
{
	const struct groups *groups = process->all->groups;
	enum group group = process->next_group;

	process->next_group = GROUP_NONE;
	for (unsigned i = 0; groups->folder >= 0 && *folder < 0 && i < 2; i++) {
		if (i > 0 || group != GROUP_NEW)
			group = groups_make(groups, process->id);
		if (group != GROUP_NONE)
			*folder = groups_folder(groups, process->id);
	}
	plan->is_cgroup_used = group == GROUP_USED || groups->are_moved;
	if (groups->folder < 0 || *folder >= 0)
		return 0;
	return fault_set(fault, "limit", "no control group can be made for the command: %s%s",
		strerror(errno),
		errno == EAGAIN ? "; look at cgroup.max.descendants of slc's groups" : "");
}

static int start(struct process *process, const struct program *program, const int *theirs,
	struct fault *fault)
{
	struct child_descriptor descriptors[] = {{theirs[0], STDIN_FILENO},
		{theirs[1], STDOUT_FILENO}, {theirs[2], program->third}, {program->extra, 4},
		{program->log, STDERR_FILENO}};
	struct child_plan plan = {.program = program->name,
		.path = program->path,
		.argv = program->argv,
		.environment = program->environment,
		.directory = program->directory,
		.group = CHILD_GROUP_SESSION,
		.terminal = program->terminal != NULL,
		.in_our_memory = program->account == NULL || !program->account->changes,
		.descriptors = descriptors,
		.descriptor_count = program->extra >= 0 ? 5 : 3,
		.prepare = prepare,
		.data = process};
	int status, folder = -1;

	process->death = program->death;
	process->account = program->account;
	process->has_terminal = program->terminal != NULL;
	process->wants_another = program->account != NULL && program->account->changes;
	memset(&process->child, 0, sizeof process->child);
	process->child.started = started;
	process->child.failed = failed;
	process->child.ended = ended;
	process->is_grouped = program->is_grouped;
	if (process->is_grouped && open_group(process, &plan, &folder, fault) != 0)
		return -1;
	if (folder >= 0)
		plan.cgroup = &folder;
	status = child_start(&process->child, process->all->loop, &plan, fault);
	if (folder >= 0)
		(void)close(folder);
	return status;
}

void process_init(struct process *process, struct processes *all, uint32_t id)
{
	process->all = all;
	process->debtor.pay = pay;
	process->id = process->answer.id = id;
	for (unsigned i = 0; i < PACKET_PIPES_COUNT; i++)
		process->pipes[i] = -1;
}

void process_use(struct process *process)
{
	process->is_used = true;
	process->has_ended = false;
}

void process_start(struct process *process, const struct program *program)
{
	const struct pipes_wish wish = {
		.bulk = program->bulk, .passes = program->passes, .terminal = program->terminal};
	int theirs[PACKET_PIPES_COUNT];
	struct fault fault;

	if (pipes_make(process->pipes, theirs, &wish, &fault) != 0 ||
		start(process, program, theirs, &fault) != 0) {
		pipes_close(process->pipes);
		process_refuse(process, &fault);
	} else {
		process->all->live++;
		tell(process, PACKET_PIPES);
	}
	pipes_close(theirs);
}

void process_signal(struct process *process, int number)
{
	struct fault fault;

	(void)child_signal_group(&process->child, number, &fault);
}

void process_end(struct process *process, int number)
{
	if (process->has_ended)
		reap(process);
	else
		process_signal(process, number);
}

int process_done(struct process *process)
{
	if ((process->child.pid != 0 && !process->has_ended) || process->owed != 0)
		return -1;
	reap(process);
	process->is_used = false;
	return 0;
}
