/* child: see child.h. */
#include "runtime/kernel/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/kernel/child_inside.h"
#include "runtime/kernel/system.h"

static const char *const stage_names[] = {
	[CHILD_STAGE_NONE] = "nothing",
	[CHILD_STAGE_SIGNALS] = "setting its signals",
	[CHILD_STAGE_CGROUP] = "entering its control group",
	[CHILD_STAGE_GROUP] = "making its process group",
	[CHILD_STAGE_DESCRIPTORS] = "setting its descriptors",
	[CHILD_STAGE_TERMINAL] = "taking its terminal",
	[CHILD_STAGE_PREPARE] = "confining it",
	[CHILD_STAGE_DIRECTORY] = "entering its working directory",
	[CHILD_STAGE_EXEC] = "executing it",
};

/* The word for a failure, as a shell distinguishes 127, 126 and the rest. */
static const char *failure_word(int stage, int error)
{
	if (stage == CHILD_STAGE_DIRECTORY)
		return "directory";
	if (stage != CHILD_STAGE_EXEC)
		return "spawn";
	switch (error) {
	case ENOENT:
	case ENOTDIR:
		return "not_found";
	case EAGAIN:
	case EIO:
	case EMFILE:
	case ENFILE:
	case ENOMEM:
		return "spawn";
	default:
		return "not_executable";
	}
}

static void close_report(struct child *child)
{
	if (child->report.loop == NULL)
		return;
	watch_stop(&child->report);
	close(child->report.fd);
}

static void report_ready(struct watch *watch, unsigned events)
{
	struct child *child = (struct child *)((char *)watch - offsetof(struct child, report));
	struct child_report report;
	ssize_t size = read(watch->fd, &report, sizeof report);

	(void)events;
	close_report(child);
	if (size == (ssize_t)sizeof report) {
		child->failed_stage = report.stage; /* it exits next, and then this is told */
		child->failed_error = report.error;
	} else {
		child->started(child);
	}
}

/* What was being done, for one who reads it; the step is taken off the error. */
static const char *failed_doing(struct child *child)
{
	unsigned step = (unsigned)child->failed_error >> 16;

	child->failed_error &= 0xffff;
	if (child->failed_stage != CHILD_STAGE_PREPARE || child->steps == NULL || step == 0)
		return stage_names[child->failed_stage];
	return child->steps[(step - 1u) % CHILD_STEPS_MAX];
}

static void tell_failure(struct child *child)
{
	const char *doing = failed_doing(child);
	struct fault fault = {0};

	fault_set(&fault, failure_word(child->failed_stage, child->failed_error),
		"cannot start '%s': %s failed: %s", child->name, doing,
		strerror(child->failed_error));
	child_reap(child);
	child->failed(child, &fault);
}

/* The process has ended. What it reported comes first; the pidfd stays ready. */
static void process_ready(struct watch *watch, unsigned events)
{
	struct child *child = (struct child *)((char *)watch - offsetof(struct child, process));
	siginfo_t info;

	if (child->report.loop != NULL) {
		report_ready(&child->report, events);
		return;
	}
	memset(&info, 0, sizeof info);
	if (waitid(P_PIDFD, (id_t)child->pidfd, &info, WEXITED | WNOHANG | WNOWAIT) != 0)
		info.si_status = SIGKILL; /* somebody else has reaped it: the status is lost */
	else if (info.si_pid == 0)
		return;
	watch_stop(&child->process);
	if (child->failed_stage != CHILD_STAGE_NONE)
		tell_failure(child);
	else
		child->ended(child, info.si_status, info.si_code != CLD_EXITED);
}

/* For a process that can't be watched: it has not begun with anything of its own. */
static int undo(struct child *child)
{
	(void)kill(child->pid, SIGKILL);
	(void)waitpid(child->pid, NULL, 0);
	child->pid = 0;
	if (child->pidfd >= 0)
		close(child->pidfd);
	close_report(child);
	return -1;
}

static int watch_process(struct child *child, struct loop *loop, struct fault *fault)
{
	child->pidfd = system_pidfd_open(child->pid);
	if (child->pidfd < 0) {
		fault_set(fault, "spawn", "cannot start '%s': pidfd_open: %s", child->name,
			strerror(errno));
		return undo(child);
	}
	child->process.ready = process_ready;
	if (watch_start(&child->process, loop, child->pidfd, WATCH_READ, fault) != 0)
		return undo(child);
	return 0;
}

int child_start(
	struct child *child, struct loop *loop, const struct child_plan *plan, struct fault *fault)
{
	int report[2];

	(void)snprintf(child->name, sizeof child->name, "%s", plan->program);
	if (plan->descriptor_count > CHILD_DESCRIPTORS_MAX)
		return fault_set(fault, "limit", "cannot start '%s' with more than %u descriptors",
			child->name, CHILD_DESCRIPTORS_MAX);
	if (pipe2(report, O_CLOEXEC | O_NONBLOCK) != 0)
		return fault_set(fault, "spawn", "cannot start '%s': pipe2: %s", child->name,
			strerror(errno));
	child->report.ready = report_ready;
	if (watch_start(&child->report, loop, report[0], WATCH_READ, fault) != 0) {
		close(report[0]);
		close(report[1]);
		return -1;
	}
	child->group = plan->group;
	child->steps = plan->steps;
	child->failed_stage = CHILD_STAGE_NONE;
	child->pid = child_make(plan, report[1]);
	close(report[1]);
	if (child->pid < 0) {
		fault_set(fault, "spawn", "cannot start '%s': fork: %s", child->name,
			strerror(errno));
		child->pid = 0;
		close_report(child);
		return -1;
	}
	return watch_process(child, loop, fault);
}

void child_reap(struct child *child)
{
	siginfo_t info;

	if (child->pid == 0)
		return;
	(void)waitid(P_PIDFD, (id_t)child->pidfd, &info, WEXITED | WNOHANG);
	close(child->pidfd);
	child->pid = 0;
}

static int refuse_signal(const struct child *child, int number, struct fault *fault)
{
	if (child->pid == 0)
		return fault_set(fault, "ended", "'%s' has ended: signal %d cannot be sent",
			child->name, number);
	return fault_io(fault, errno, "cannot send signal %d to '%s' (process %d)", number,
		child->name, (int)child->pid);
}

int child_signal(struct child *child, int number, struct fault *fault)
{
	if (child->pid == 0 || system_pidfd_signal(child->pidfd, number) != 0)
		return refuse_signal(child, number, fault);
	return 0;
}

int child_signal_group(struct child *child, int number, struct fault *fault)
{
	if (child->pid == 0)
		return refuse_signal(child, number, fault);
	if (child->group == CHILD_GROUP_OURS)
		return child_signal(child, number, fault);
	if (kill(-child->pid, number) == 0)
		return 0;
	/* The process has yet to make its group. */
	if (errno == ESRCH)
		return child_signal(child, number, fault);
	return refuse_signal(child, number, fault);
}
