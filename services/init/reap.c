/* reap: processes whose parents have gone. */
#include <errno.h>
#include <stddef.h>
#include <sys/wait.h>

#include "services/init/init.h"

static void again(struct post *post)
{
	struct init *init = (struct init *)((char *)post - offsetof(struct init, reap_again));

	init->reaps_again = false;
	reap(init);
}

/* What has ended and is ours stays a zombie until its owner is called, which is in this turn or the
 * next one, and hides those behind it until then. */
static void look_again(struct init *init)
{
	if (init->reaps_again)
		return;
	init->reaps_again = true;
	init->reap_again.arrived = again;
	loop_post(init->loop, &init->reap_again);
}

void reap(struct init *init)
{
	for (;;) {
		siginfo_t info = {0};

		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0) {
			if (errno == ECHILD && init->is_reaping_all)
				shutdown_happen(init, SHUTDOWN_ALL_GONE, 0);
			return;
		}
		if (info.si_pid == 0)
			return;
		if (info.si_pid == init->aside.pid || info.si_pid == init->disks.pid ||
			info.si_pid == init->clock.pid || info.si_pid == init->change.aside.pid ||
			units_own(&init->units, info.si_pid)) {
			look_again(init);
			return;
		}
		(void)waitpid(info.si_pid, NULL, WNOHANG);
	}
}
