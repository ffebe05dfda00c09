/* enclave: every order of events. */
#include "gen/enclave.h"

#include "fuzz/machine.h"

FUZZ_EVENTS(enclave, ENCLAVE_TIMEOUT, enclave_init(m))
