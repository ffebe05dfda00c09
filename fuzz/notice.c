/* notice: any bytes. */
#include "gen/notice.h"

#include "fuzz/machine.h"

FUZZ_BYTES(notice, notice_init(m))
