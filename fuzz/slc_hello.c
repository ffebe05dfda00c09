/* slc_hello: any bytes. */
#include "gen/slc_hello.h"

#include "fuzz/machine.h"

FUZZ_BYTES(slc_hello, slc_hello_init(m))
