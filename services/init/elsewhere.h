/* elsewhere: closes descriptors that others have had a hand in. The last close of one may wait, for
 * as long as who made it likes: a connection that lingers (SO_LINGER), or a Unix socket in which
 * such a one is under way. PID 1 must not, so the last close is that of a process which is killed:
 * who ends does not linger. A file of a file system in user space waits for each close, not for the
 * last one alone: that it can't help; the kernel of our images has none. */
#ifndef CLOISTER_SERVICES_INIT_ELSEWHERE_H
#define CLOISTER_SERVICES_INIT_ELSEWHERE_H

#include <stddef.h>

/* Waits for the end of that process, a tenth of a second at most: it has copies of what units
 * listen on, too. Where no process can be had, connections among them do not linger, and are
 * closed here. */
void elsewhere_close(const int *list, size_t count);

#endif
