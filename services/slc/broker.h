/* broker: the process of slc that makes, signals and reaps processes, on the front's behalf and
 * without its trust (packet.h). It reads no byte of a client's but requests, and those checked. */
#ifndef CLOISTER_SERVICES_SLC_BROKER_H
#define CLOISTER_SERVICES_SLC_BROKER_H

#include <sys/resource.h>

#include "services/slc/groups.h"
#include "services/slc/settings.h"

/* Serves until the front is gone; then ends all that still runs. descriptors: the limit that
 * jobs get. groups: where commands get control groups. root: a folder, which paths of copies are
 * resolved beneath. line: its end of the pair. Returns an exit code. */
int broker_run(const struct settings *settings, const struct rlimit *descriptors,
	const struct groups *groups, int root, int line);

#endif
