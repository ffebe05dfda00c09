/* slc_session: every order of events, with and without proofs, under any limit of channels. */
#include "gen/slc_session.h"

#include "fuzz/machine.h"

FUZZ_EVENTS(slc_session, SLC_SESSION_LOST, slc_session_init(m, seed & 1u, seed / 2u % 5u))
