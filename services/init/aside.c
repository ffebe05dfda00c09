/* aside: see aside.h. */
#include "services/init/aside.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/kernel/system.h"

#define CODE_KILLED 255

static void ended(struct watch *watch, unsigned events)
{
	struct aside *aside = (struct aside *)((char *)watch - offsetof(struct aside, watch));
	int status = 0, code;

	(void)events;
	if (waitpid(aside->pid, &status, WNOHANG) == 0)
		return;
	code = WIFEXITED(status) ? WEXITSTATUS(status) : CODE_KILLED;
	watch_stop(&aside->watch);
	close(aside->pidfd);
	aside->pid = 0;
	if (!aside->dropped)
		aside->done(aside, code);
}

static int watch_it(struct aside *aside, struct loop *loop, struct fault *fault)
{
	aside->pidfd = system_pidfd_open(aside->pid);
	if (aside->pidfd < 0)
		return fault_io(fault, errno, "pidfd_open");
	aside->watch.ready = ended;
	if (watch_start(&aside->watch, loop, aside->pidfd, WATCH_READ, fault) == 0)
		return 0;
	close(aside->pidfd);
	return -1;
}

int aside_start(struct aside *aside, struct loop *loop, int (*run)(const void *data),
	const void *data, struct fault *fault)
{
	aside->dropped = false;
	aside->pid = fork();
	if (aside->pid == 0)
		_exit(run(data));
	if (aside->pid < 0) {
		aside->pid = 0;
		return fault_set(fault, "limit", "fork: %s", strerror(errno));
	}
	if (watch_it(aside, loop, fault) == 0)
		return 0;
	(void)kill(aside->pid, SIGKILL);
	(void)waitpid(aside->pid, NULL, 0);
	aside->pid = 0;
	return -1;
}

void aside_drop(struct aside *aside)
{
	if (aside->pid == 0)
		return;
	aside->dropped = true;
	(void)kill(aside->pid, SIGKILL);
}
