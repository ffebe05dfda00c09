/* notify_text: any bytes. */
#include "gen/notify_text.h"

#include "fuzz/machine.h"

FUZZ_BYTES(notify_text, notify_text_init(m))
