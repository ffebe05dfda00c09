/* slc_forward: every order of events, at the end that opens and at the one that connects. */
#include "gen/slc_forward.h"

#include "fuzz/machine.h"

FUZZ_EVENTS(slc_forward, SLC_FORWARD_STOP, slc_forward_init(m, seed & 1u))
