/* socks_hello: any bytes. */
#include "gen/socks_hello.h"

#include "fuzz/machine.h"

FUZZ_BYTES(socks_hello, socks_hello_init(m))
