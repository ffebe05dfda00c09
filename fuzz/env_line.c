/* env_line: any bytes. */
#include "gen/env_line.h"

#include "fuzz/machine.h"

FUZZ_BYTES(env_line, env_line_init(m))
