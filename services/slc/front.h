/* front: the process of slc that clients talk to: listeners, sessions, and their jobs. It reads all
 * foreign bytes, but for those in copies, and is confined before the first: it can open nothing,
 * start nothing, connect to nothing, and when slc was started as root it is nobody. */
#ifndef CLOISTER_SERVICES_SLC_FRONT_H
#define CLOISTER_SERVICES_SLC_FRONT_H

#include "runtime/net/listener.h"
#include "services/slc/settings.h"

/* What listens. Opened by who may make the sockets' files, and removes them; the front, forked
 * from it, accepts. */
struct sockets {
	struct loop *loop;
	unsigned count;
	struct listener list[SETTINGS_ADDRESSES_MAX];
};

/* Faults: those of listener_open. */
int sockets_open(struct sockets *sockets, const struct settings *settings, struct fault *fault);

/* In the process that opened them: closes its copies of all that the front has by now. */
void sockets_hand_over(struct sockets *sockets);

/* In the same process: removes the files. */
void sockets_remove(struct sockets *sockets);

/* Serves until it was told to stop, and all has ended; or until the broker is gone. Returns an exit
 * code. line: its end of the pair to the broker. stop: a pipe to read; each byte in it, and its
 * end, tells the front to stop: the first one to let jobs end by themselves for a while, the second
 * one, or the end, to have them end. */
int front_run(const struct settings *settings, struct sockets *sockets, int line, int stop);

#endif
