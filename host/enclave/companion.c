/* companion: see companion.h. */
#include "host/enclave/companion.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/kernel/log.h"

static struct companion *of_child(struct child *child)
{
	return (struct companion *)(void *)((char *)child - offsetof(struct companion, child));
}

static void stop_hearing(struct companion *companion)
{
	if (!companion->is_heard)
		return;
	companion->is_heard = false;
	watch_stop(&companion->ready);
	close(companion->ready.fd);
}

static void answer(struct companion *companion, const struct fault *fault)
{
	bool is_late = companion->has_answered;

	stop_hearing(companion);
	companion->has_answered = true;
	if (!is_late && fault != NULL)
		companion->failed(companion->user, fault);
	else if (!is_late)
		companion->listens(companion->user);
	else if (companion->ended != NULL)
		companion->ended(companion->user, fault);
}

/* One that closes the descriptor without a word ends, as a rule, and is told of then. */
static void told(struct watch *watch, unsigned events)
{
	struct companion *companion =
		(struct companion *)(void *)((char *)watch - offsetof(struct companion, ready));
	char byte;

	(void)events;
	if (read(watch->fd, &byte, 1) == 1)
		answer(companion, NULL);
	else
		stop_hearing(companion);
}

static void started(struct child *child)
{
	(void)child;
}

static void failed(struct child *child, const struct fault *fault)
{
	answer(of_child(child), fault);
}

static void ended(struct child *child, int code_or_signal, bool was_signal)
{
	struct companion *companion = of_child(child);
	struct fault fault;

	companion->status = code_or_signal + (was_signal ? 128 : 0);
	(void)fault_set(&fault, companion->word, "'%s' has ended with %s %d; its log says why",
		child->name, was_signal ? "signal" : "code", code_or_signal);
	log_fault(LOG_WARNING, "a program that serves the enclave has ended", &fault);
	child_reap(child);
	answer(companion, &fault);
}

int companion_tie(void *data)
{
	(void)data;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return errno;
	return 0;
}

int companion_start(struct companion *companion, struct loop *loop, struct child_plan *plan,
	struct fault *fault)
{
	struct child_descriptor descriptors[CHILD_DESCRIPTORS_MAX];
	int ends[2], status = -1;

	if (plan->descriptor_count >= CHILD_DESCRIPTORS_MAX)
		return fault_set(fault, "limit", "a plan has too many descriptors");
	if (pipe2(ends, O_CLOEXEC) < 0)
		return fault_io(fault, errno, "cannot make a pipe");
	memcpy(descriptors, plan->descriptors, plan->descriptor_count * sizeof *descriptors);
	descriptors[plan->descriptor_count++] = (struct child_descriptor){ends[1], COMPANION_READY};
	plan->descriptors = descriptors;
	plan->prepare = companion_tie;
	companion->ready.ready = told;
	companion->child.started = started;
	companion->child.failed = failed;
	companion->child.ended = ended;
	companion->is_heard = watch_start(&companion->ready, loop, ends[0], WATCH_READ, fault) == 0;
	if (companion->is_heard)
		status = child_start(&companion->child, loop, plan, fault);
	else
		close(ends[0]);
	close(ends[1]);
	if (status < 0)
		stop_hearing(companion);
	return status;
}

void companion_finish(struct child *child)
{
	struct fault ignored;

	if (child->pid == 0)
		return;
	(void)child_signal_group(child, SIGKILL, &ignored);
	while (waitid(P_PID, (id_t)child->pid, &(siginfo_t){0}, WEXITED) < 0 && errno == EINTR)
		;
	watch_stop(&child->process);
	if (child->report.loop != NULL) {
		watch_stop(&child->report);
		close(child->report.fd);
	}
	child_reap(child);
}

void companion_end(struct companion *companion)
{
	stop_hearing(companion);
	companion_finish(&companion->child);
}

int companion_terminal(int *slave, struct fault *fault)
{
	char name[64];
	int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (terminal < 0 || grantpt(terminal) < 0 || unlockpt(terminal) < 0 ||
		ptsname_r(terminal, name, sizeof name) != 0) {
		(void)fault_io(fault, errno, "cannot make a terminal for the console");
		if (terminal >= 0)
			close(terminal);
		return -1;
	}
	*slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (*slave < 0) {
		(void)fault_io(fault, errno, "cannot open the console's terminal");
		close(terminal);
		return -1;
	}
	return terminal;
}

bool companion_beside(const char *name, char program[PATH_MAX])
{
	ssize_t size = readlink("/proc/self/exe", program, PATH_MAX - 1);
	char *slash;

	if (size < 0)
		return false;
	program[size] = '\0';
	slash = strrchr(program, '/');
	if (slash == NULL || (size_t)(slash - program) + strlen(name) + 2 > PATH_MAX)
		return false;
	memcpy(slash + 1, name, strlen(name) + 1);
	return access(program, X_OK) == 0;
}
