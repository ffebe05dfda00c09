/* remains: what a job has started and left behind when its process has ended. */
#ifndef CLOISTER_SERVICES_SLC_REMAINS_H
#define CLOISTER_SERVICES_SLC_REMAINS_H

#include <sys/types.h>

/* Kills what is in the session of a process that is ours and not reaped: the groups that a shell
 * makes for what it runs in the background are in it. Who makes a session of his own is not. */
void remains_kill_session(pid_t leader);

#endif
