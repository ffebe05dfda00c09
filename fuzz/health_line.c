/* health_line: any bytes. */
#include "gen/health_line.h"

#include "fuzz/machine.h"

FUZZ_BYTES(health_line, health_line_init(m))
