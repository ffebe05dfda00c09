/* signals: has a loop called for the signals that reach the process, in place of handlers.
 *
 * Signals are blocked in the calling thread, and threads that it makes afterwards inherit that:
 * start the signals before the first thread, or a signal may find one that doesn't block it.
 */
#ifndef CLOISTER_RUNTIME_KERNEL_SIGNALS_H
#define CLOISTER_RUNTIME_KERNEL_SIGNALS_H

#include <signal.h>
#include <sys/types.h>

#include "runtime/kernel/loop.h"

/* Zeroed before its first start, with its callback set. The callback may stop and free it. */
struct signals {
	/* sender: the process that sent it, of SIGCHLD the child; 0 for the system. */
	void (*arrived)(struct signals *signals, int number, pid_t sender);
	struct watch watch; /* of a signalfd, which is ours */
	sigset_t blocked;   /* those that were not blocked before */
};

/* numbers: the signals, with a 0 at the end. Signals of one number that arrive together count once,
 * as ever. Not while it is started. Faults: "limit", "io". */
int signals_start(
	struct signals *signals, struct loop *loop, const int *numbers, struct fault *fault);

/* Lets through again what signals_start blocked, signals that are pending included. A stopped one
 * may be stopped again. */
void signals_stop(struct signals *signals);

/* Has a write to a closed pipe fail with EPIPE instead of ending the process. For `main`. */
void signals_ignore_pipe(void);

#endif
