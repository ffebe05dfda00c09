/* cpio_head: any bytes. */
#include "gen/cpio_head.h"

#include "fuzz/machine.h"

FUZZ_BYTES(cpio_head, cpio_head_init(m))
