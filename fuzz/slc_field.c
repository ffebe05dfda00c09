/* slc_field: any bytes, under any limit. */
#include "gen/slc_field.h"

#include "fuzz/machine.h"

FUZZ_BYTES(slc_field, slc_field_init(m, seed % (SLC_FIELD_LENGTH_MAX + 1u)))
