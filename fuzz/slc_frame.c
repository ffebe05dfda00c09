/* slc_frame: any bytes, under any limit. */
#include "gen/slc_frame.h"

#include "fuzz/machine.h"

FUZZ_BYTES(slc_frame, slc_frame_init(m, seed % (SLC_FRAME_LIMIT_MAX + 1u)))
