/* signals: see signals.h. */
#include "runtime/kernel/signals.h"

#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* One signal for each time the loop calls, since the callback may stop what is read here. */
static void ready(struct watch *watch, unsigned events)
{
	struct signals *signals =
		(struct signals *)((char *)watch - offsetof(struct signals, watch));
	struct signalfd_siginfo info;

	(void)events;
	if (read(watch->fd, &info, sizeof info) == (ssize_t)sizeof info)
		signals->arrived(signals, (int)info.ssi_signo, (pid_t)info.ssi_pid);
}

/* Blocks `wanted`, and keeps in `blocked` those that were not blocked before. */
static void block(const sigset_t *wanted, const int *numbers, sigset_t *blocked)
{
	sigset_t before;

	(void)pthread_sigmask(SIG_BLOCK, wanted, &before);
	sigemptyset(blocked);
	for (; *numbers != 0; numbers++)
		if (sigismember(&before, *numbers) == 0)
			sigaddset(blocked, *numbers);
}

int signals_start(
	struct signals *signals, struct loop *loop, const int *numbers, struct fault *fault)
{
	sigset_t wanted;
	int descriptor;

	sigemptyset(&wanted);
	for (const int *number = numbers; *number != 0; number++)
		if (sigaddset(&wanted, *number) != 0)
			return fault_io(fault, errno, "no signal has the number %d", *number);
	descriptor = signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
	if (descriptor < 0)
		return fault_io(fault, errno, "signalfd");
	signals->watch.ready = ready;
	if (watch_start(&signals->watch, loop, descriptor, WATCH_READ, fault) != 0) {
		close(descriptor);
		return -1;
	}
	block(&wanted, numbers, &signals->blocked);
	return 0;
}

void signals_stop(struct signals *signals)
{
	if (signals->watch.loop == NULL)
		return;
	watch_stop(&signals->watch);
	close(signals->watch.fd);
	(void)pthread_sigmask(SIG_UNBLOCK, &signals->blocked, NULL);
}

void signals_ignore_pipe(void)
{
	(void)signal(SIGPIPE, SIG_IGN);
}
