/* heed: see heed.h. */
#include "host/pipeline/heed.h"

#include <stddef.h>

/* A signal that is blocked, as they are for a signalfd, is kept although it is ignored. */
static bool is_ignored(int number)
{
	struct sigaction action;

	return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

int heed(struct signals *signals, struct loop *loop, const int *numbers, struct fault *fault)
{
	int heeded[HEED_MAX + 1] = {0};
	unsigned count = 0;

	for (; *numbers != 0 && count < HEED_MAX; numbers++)
		if (!is_ignored(*numbers))
			heeded[count++] = *numbers;
	return signals_start(signals, loop, heeded, fault);
}

void heed_end_by(int number)
{
	sigset_t set;

	(void)signal(number, SIG_DFL);
	(void)raise(number);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, number);
	(void)sigprocmask(SIG_UNBLOCK, &set, NULL); /* it is blocked while it is watched */
}
