/* hybrid_hello: any bytes, where a request and where a reply is expected. */
#include "gen/hybrid_hello.h"

#include "fuzz/machine.h"

FUZZ_BYTES(hybrid_hello, hybrid_hello_init(m, seed & 1u))
