/* unit: every order of events. */
#include "gen/unit.h"

#include "fuzz/machine.h"

FUZZ_EVENTS(unit, UNIT_ENABLE, unit_init(m))
