/* utf8: any bytes. */
#include "gen/utf8.h"

#include "fuzz/machine.h"

FUZZ_BYTES(utf8, utf8_init(m))
