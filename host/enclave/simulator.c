/* simulator: see simulator.h. */
#include "host/enclave/simulator.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/kernel/log.h"

#define IMAGE     3  /* its descriptor there */
#define PASSED_ON 3u /* variables of our environment that it is given */

bool simulator_find(const struct settings *settings, char program[PATH_MAX])
{
	ssize_t size;
	char *slash;

	if (settings->nsmsim != NULL) {
		(void)snprintf(program, PATH_MAX, "%s", settings->nsmsim);
		return true;
	}
	size = readlink("/proc/self/exe", program, PATH_MAX - 16);
	if (size < 0)
		return false;
	program[size] = '\0';
	slash = strrchr(program, '/');
	if (slash == NULL)
		return false;
	memcpy(slash, "/nsmsim", sizeof "/nsmsim");
	return access(program, X_OK) == 0;
}

static struct simulator *of_child(struct child *child)
{
	return (struct simulator *)(void *)((char *)child - offsetof(struct simulator, child));
}

static void answer(struct simulator *simulator, const struct fault *fault)
{
	timer_stop(&simulator->poll);
	if (simulator->has_answered)
		return;
	simulator->has_answered = true;
	if (fault != NULL)
		simulator->failed(simulator->user, fault);
	else
		simulator->listens(simulator->user);
}

/* It says that it listens by making its socket. */
static void polled(struct timer *timer)
{
	struct simulator *simulator =
		(struct simulator *)(void *)((char *)timer - offsetof(struct simulator, poll));

	if (access(simulator->socket, F_OK) == 0)
		answer(simulator, NULL);
	else
		timer_start(timer, simulator->loop, SIMULATOR_POLL);
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
	struct fault fault;

	(void)fault_set(&fault, "nsm",
		"the program that stands for the NSM has ended with %s %d; its log says why",
		was_signal ? "signal" : "code", code_or_signal);
	LOG(LOG_ERROR, "the NSM has ended", log_number("status", code_or_signal));
	child_reap(child);
	answer(of_child(child), &fault);
}

/* It is not to outlive the supervisor. */
static int tie(void *data)
{
	(void)data;
	return prctl(PR_SET_PDEATHSIG, SIGTERM) == 0 ? 0 : errno;
}

/* Where it keeps its root depends on who runs it, and so does what is traced. */
static void collect(const char *environment[PASSED_ON + 2], char texts[PASSED_ON][PATH_MAX])
{
	static const char *const names[PASSED_ON] = {"HOME", "XDG_STATE_HOME", "CLOISTER_TRACE"};
	unsigned count = 0;

	environment[count++] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	for (unsigned i = 0; i < PASSED_ON; i++) {
		const char *value = getenv(names[i]);

		if (value == NULL)
			continue;
		(void)snprintf(texts[i], PATH_MAX, "%s=%s", names[i], value);
		environment[count++] = texts[i];
	}
	environment[count] = NULL;
}

int simulator_start(struct simulator *simulator, struct loop *loop, const struct backend_plan *plan,
	const char *program, struct fault *fault)
{
	const struct child_descriptor descriptors[] = {{plan->log, 2}, {plan->image->fd, IMAGE}};
	const char *environment[PASSED_ON + 2];
	char texts[PASSED_ON][PATH_MAX];
	const char *const arguments[] = {"nsmsim", "--socket", simulator->socket, "--eif",
		"/proc/self/fd/3", "--module-id", plan->settings->id, "--json",
		plan->settings->debug ? "--debug-mode" : NULL, NULL};
	const struct child_plan child = {
		.program = program,
		.argv = arguments,
		.environment = environment,
		.group = CHILD_GROUP_NEW,
		.descriptors = descriptors,
		.descriptor_count = sizeof descriptors / sizeof *descriptors,
		.prepare = tie,
	};

	collect(environment, texts);
	(void)snprintf(simulator->socket, PATH_MAX, "%s/nsm", plan->folder);
	if (mkdir(simulator->socket, 0700) < 0)
		return fault_set(fault, "state", "cannot make the folder '%.300s': %s",
			simulator->socket, strerror(errno));
	(void)snprintf(simulator->socket, PATH_MAX, "%s/nsm/socket", plan->folder);
	simulator->loop = loop;
	simulator->poll.fired = polled;
	simulator->child.started = started;
	simulator->child.failed = failed;
	simulator->child.ended = ended;
	if (child_start(&simulator->child, loop, &child, fault) < 0)
		return -1;
	timer_start(&simulator->poll, loop, SIMULATOR_POLL);
	return 0;
}

void simulator_end(struct simulator *simulator)
{
	struct fault ignored;

	timer_stop(&simulator->poll);
	if (simulator->child.pid == 0)
		return;
	(void)child_signal(&simulator->child, SIGKILL, &ignored);
	while (waitid(P_PID, (id_t)simulator->child.pid, &(siginfo_t){0}, WEXITED) < 0 &&
		errno == EINTR)
		;
}
