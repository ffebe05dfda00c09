/* pcr_life: every order of events. */
#include "gen/pcr_life.h"

#include "fuzz/machine.h"

FUZZ_EVENTS(pcr_life, PCR_LIFE_LIST, pcr_life_init(m))
