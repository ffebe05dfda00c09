/* account_line: any bytes. */
#include "gen/account_line.h"

#include "fuzz/machine.h"

FUZZ_BYTES(account_line, account_line_init(m))
