/* keeper: the process of slc that people start and signal: the parent of the other two, and of
 * whatever they leave behind.
 *
 *   keeper --┬-- front    talks to clients
 *            └-- broker --┬-- a command, with its group
 *                         └-- a copier
 *
 * SIGTERM, SIGINT and SIGHUP stop the service: the first lets jobs end by themselves for a while,
 * the second has them end. When the front or the broker dies, the other one ends all and itself;
 * commands die with the broker (they ask for that), the keeper inherits what they leave, and ends
 * their groups. When the keeper dies, the front stops.
 */
#ifndef CLOISTER_SERVICES_SLC_KEEPER_H
#define CLOISTER_SERVICES_SLC_KEEPER_H

#include "services/slc/settings.h"

/* Returns 0 after an orderly end, -1 otherwise. Faults: those of listener_open, "limit" (too few
 * descriptors for the settings), "root" (it can't be opened), "ended"
 * (a part has failed, and said why in the log), "io". */
int keeper_run(const struct settings *settings, struct fault *fault);

#endif
