/* address_text: any bytes. */
#include "gen/address_text.h"

#include "fuzz/machine.h"

FUZZ_BYTES(address_text, address_text_init(m))
