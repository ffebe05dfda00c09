/* boot: every order of events. */
#include "gen/boot.h"

#include "fuzz/machine.h"

FUZZ_EVENTS(boot, BOOT_STOP, boot_init(m))
