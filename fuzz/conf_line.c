/* conf_line: every order of tokens. */
#include "gen/conf_line.h"

#include "fuzz/machine.h"

FUZZ_EVENTS(conf_line, CONF_LINE_END, conf_line_init(m))
