/* keeper: see keeper.h. */
#include "services/slc/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runtime/kernel/log.h"
#include "runtime/net/passing.h"
#include "services/slc/broker.h"
#include "services/slc/front.h"
#include "services/slc/job.h"

#define PATIENCE 2 /* seconds for what a failed broker left behind to die */

/* Descriptors, of which each process has its own: three for each job of the front's, and its
 * connections; five for each of the broker's while it begins. */
#define FRONT_PER_JOB  3u
#define BROKER_PER_JOB 5u
#define OTHERS         64u

struct keeper {
	const struct settings *settings;
	struct sockets sockets;
	struct rlimit descriptors; /* as we were started with */
	int root;                  /* what paths of copies are resolved beneath */
	sigset_t signals, before;
	struct groups groups;
	int line[2]; /* the front's end and the broker's */
	int stop[2];
	pid_t front, broker; /* 0: not started, or reaped */
	bool has_failed;
};

/* --- Parts ------------------------------------------------------------------------------------ */

/* A terminal sends its signals to all of a group, but only the keeper has to act on them. */
static void ignore_signals(const struct keeper *keeper)
{
	static const int numbers[] = {SIGTERM, SIGINT, SIGHUP};

	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		(void)signal(numbers[i], SIG_IGN);
	(void)sigprocmask(SIG_SETMASK, &keeper->before, NULL);
}

static int start_broker(struct keeper *keeper, struct fault *fault)
{
	keeper->broker = fork();
	if (keeper->broker < 0)
		return fault_io(fault, errno, "cannot start the broker");
	if (keeper->broker > 0)
		return 0;
	ignore_signals(keeper);
	close(keeper->line[0]);
	close(keeper->stop[0]);
	close(keeper->stop[1]);
	_exit(broker_run(keeper->settings, &keeper->descriptors, &keeper->groups, keeper->root,
		keeper->line[1]));
}

static int start_front(struct keeper *keeper, struct fault *fault)
{
	keeper->front = fork();
	if (keeper->front < 0)
		return fault_io(fault, errno, "cannot start the front");
	if (keeper->front > 0)
		return 0;
	ignore_signals(keeper);
	close(keeper->root);
	close(keeper->stop[1]);
	groups_leave(&keeper->groups);
	_exit(front_run(keeper->settings, &keeper->sockets, keeper->line[0], keeper->stop[0]));
}

static int raise_limit(struct keeper *keeper, struct fault *fault)
{
	const struct settings *settings = keeper->settings;
	const rlim_t places = jobs_places(settings->jobs, settings->sessions);
	const rlim_t front = settings->sessions + settings->forwards + places * FRONT_PER_JOB;
	const rlim_t broker = places * BROKER_PER_JOB;
	const rlim_t needed = (front > broker ? front : broker) + OTHERS;
	struct rlimit raised;

	if (getrlimit(RLIMIT_NOFILE, &keeper->descriptors) != 0)
		return fault_io(fault, errno, "cannot read the limit of descriptors");
	raised = keeper->descriptors;
	raised.rlim_cur = raised.rlim_max;
	if (raised.rlim_max < needed)
		return fault_set(fault, "limit",
			"%u sessions, %u jobs and %u forwards need %ju descriptors, and the hard "
			"limit is %ju: raise it (ulimit -Hn), or choose fewer",
			settings->sessions, settings->jobs, settings->forwards, (uintmax_t)needed,
			(uintmax_t)raised.rlim_max);
	if (setrlimit(RLIMIT_NOFILE, &raised) != 0)
		return fault_io(fault, errno, "cannot raise the limit of descriptors");
	return 0;
}

/* --- Ends ------------------------------------------------------------------------------------- */

static bool is_over(pid_t pid)
{
	siginfo_t info = {0};

	return pid == 0 || (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
				   info.si_pid == pid);
}

static void note_end(struct keeper *keeper, pid_t *part, const char *name, const siginfo_t *info)
{
	bool was_signal = info->si_code != CLD_EXITED;

	*part = 0;
	if (!was_signal && info->si_status == 0)
		return;
	keeper->has_failed = true;
	LOG(LOG_ERROR, was_signal ? "a part was killed" : "a part has failed",
		log_string("part", name), log_number("status", info->si_status));
}

/* Reaps what has ended. A child that is neither part was left to us. Where it comes from the
 * broker's end, which makes it ours and the broker a zombie in one step, it led a job's group. */
static void reap(struct keeper *keeper)
{
	for (;;) {
		siginfo_t info = {0};
		pid_t pid;

		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0)
			return;
		pid = info.si_pid;
		if (pid == keeper->front)
			note_end(keeper, &keeper->front, "front", &info);
		else if (pid == keeper->broker)
			note_end(keeper, &keeper->broker, "broker", &info);
		else if (is_over(keeper->broker))
			(void)kill(-pid, SIGKILL);
		(void)waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG);
	}
}

static bool has_children(void)
{
	siginfo_t info;

	return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

/* What is still there after this has left its group, or has rights that we don't. */
static void wait_for_the_rest(struct keeper *keeper)
{
	struct timespec patience = {.tv_sec = PATIENCE};
	sigset_t child;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	reap(keeper);
	while (has_children() && sigtimedwait(&child, NULL, &patience) > 0)
		reap(keeper);
}

static void act(struct keeper *keeper, int number)
{
	if (number == SIGCHLD) {
		reap(keeper);
		return;
	}
	LOG(LOG_INFO, "signal", log_number("number", number));
	sockets_remove(&keeper->sockets);
	(void)!write(keeper->stop[1], "", 1);
}

static int keep(struct keeper *keeper, struct fault *fault)
{
	while (keeper->front != 0 || keeper->broker != 0) {
		int number = sigwaitinfo(&keeper->signals, NULL);

		if (number > 0)
			act(keeper, number);
	}
	sockets_remove(&keeper->sockets);
	if (!keeper->has_failed)
		return 0;
	wait_for_the_rest(keeper);
	return fault_set(fault, "ended", "a part of the service has failed; see the log");
}

/* --- The beginning ---------------------------------------------------------------------------- */

static void block_signals(struct keeper *keeper)
{
	static const int numbers[] = {SIGTERM, SIGINT, SIGHUP, SIGCHLD};

	sigemptyset(&keeper->signals);
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		sigaddset(&keeper->signals, numbers[i]);
	(void)sigprocmask(SIG_BLOCK, &keeper->signals, &keeper->before);
}

static int prepare(struct keeper *keeper, struct fault *fault)
{
	block_signals(keeper);
	keeper->root = open(keeper->settings->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (keeper->root < 0)
		return fault_set(fault, "root", "cannot open the root '%s': %s",
			keeper->settings->root, strerror(errno));
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
		return fault_io(fault, errno, "cannot become a reaper");
	if (pipe2(keeper->stop, O_CLOEXEC | O_NONBLOCK) != 0)
		return fault_io(fault, errno, "cannot make a pipe");
	return passing_pair(keeper->line, fault);
}

/* The groups are there before who puts jobs into them. */
static int keep_all(struct keeper *keeper, struct fault *fault)
{
	struct fault later;
	int result;

	if (start_broker(keeper, fault) != 0)
		return -1;
	close(keeper->line[1]);
	result = sockets_open(&keeper->sockets, keeper->settings, fault);
	if (result == 0)
		result = start_front(keeper, fault);
	if (result == 0)
		sockets_hand_over(&keeper->sockets);
	close(keeper->line[0]);
	close(keeper->stop[0]);
	/* Without a front the broker ends. */
	if (keeper->front < 0)
		keeper->front = 0;
	return keep(keeper, result == 0 ? fault : &later) == 0 ? result : -1;
}

int keeper_run(const struct settings *settings, struct fault *fault)
{
	struct keeper keeper = {.settings = settings};
	int result;

	if (raise_limit(&keeper, fault) != 0 || prepare(&keeper, fault) != 0)
		return -1;
	groups_open(&keeper.groups);
	result = keep_all(&keeper, fault);
	groups_close(&keeper.groups, jobs_places(settings->jobs, settings->sessions));
	return result;
}
