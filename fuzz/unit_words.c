/* unit_words: any bytes. */
#include "gen/unit_words.h"

#include "fuzz/machine.h"

FUZZ_BYTES(unit_words, unit_words_init(m))
