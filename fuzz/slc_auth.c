/* slc_auth: every order of events at both ends, whether a key is wanted or not. */
#include "gen/slc_auth.h"

#include "fuzz/machine.h"

FUZZ_EVENTS(slc_auth, SLC_AUTH_BAD, slc_auth_init(m, seed & 1u, seed / 2u & 1u))
