/* kernel_line: any bytes. */
#include "gen/kernel_line.h"

#include "fuzz/machine.h"

FUZZ_BYTES(kernel_line, kernel_line_init(m))
