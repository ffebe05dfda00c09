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

static void answer(struct companion *companion, const struct fault *fault)
{
	bool is_late = companion->has_answered;

	timer_stop(&companion->poll);
	companion->has_answered = true;
	if (!is_late && fault != NULL)
		companion->failed(companion->user, fault);
	else if (!is_late)
		companion->listens(companion->user);
	else if (companion->ended != NULL)
		companion->ended(companion->user, fault);
}

static void polled(struct timer *timer)
{
	struct companion *companion =
		(struct companion *)(void *)((char *)timer - offsetof(struct companion, poll));

	if (access(companion->socket, F_OK) == 0)
		answer(companion, NULL);
	else
		timer_start(timer, companion->loop, COMPANION_POLL);
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
	plan->prepare = companion_tie;
	companion->loop = loop;
	companion->poll.fired = polled;
	companion->child.started = started;
	companion->child.failed = failed;
	companion->child.ended = ended;
	if (child_start(&companion->child, loop, plan, fault) < 0)
		return -1;
	timer_start(&companion->poll, loop, COMPANION_POLL);
	return 0;
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
	timer_stop(&companion->poll);
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
