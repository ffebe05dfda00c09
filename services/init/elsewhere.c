/* elsewhere: see elsewhere.h. */
#include "services/init/elsewhere.h"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#include "runtime/kernel/system.h"

#define PATIENCE 100 /* milliseconds */

static void close_all(const int *list, size_t count, pid_t holder)
{
	const struct linger none = {0};

	for (size_t i = 0; i < count; i++) {
		if (holder < 0)
			(void)setsockopt(list[i], SOL_SOCKET, SO_LINGER, &none, sizeof none);
		(void)close(list[i]);
	}
}

/* It has all that init has open: so it does not outlive it. */
_Noreturn static void hold(pid_t init)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (getppid() == init)
		(void)pause();
	_exit(0);
}

/* It is reaped with the orphans. */
static void end(pid_t holder)
{
	struct pollfd ended = {.fd = system_pidfd_open(holder), .events = POLLIN};

	(void)kill(holder, SIGKILL);
	if (ended.fd < 0)
		return;
	(void)poll(&ended, 1, PATIENCE);
	(void)close(ended.fd);
}

void elsewhere_close(const int *list, size_t count)
{
	const pid_t init = getpid();
	pid_t holder;

	if (count == 0)
		return;
	holder = fork();
	if (holder == 0)
		hold(init);
	close_all(list, count, holder);
	if (holder > 0)
		end(holder);
}
