/* sealed_front: any bytes, where a head and where a record is expected. */
#include "gen/sealed_front.h"

#include "fuzz/machine.h"

FUZZ_BYTES(sealed_front, sealed_front_init(m, seed & 1u))
