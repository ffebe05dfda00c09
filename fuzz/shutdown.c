/* shutdown: every order of events. */
#include "gen/shutdown.h"

#include "fuzz/machine.h"

FUZZ_EVENTS(shutdown, SHUTDOWN_TIMEOUT, shutdown_init(m))
