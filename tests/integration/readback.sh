#!/bin/bash
# What `make gen` reads back from `ragel -x`: a chart with a fault of shape is refused, in words.
. "$(dirname "$0")/tap.bash"

refused() { # SED-SCRIPT WORDS: the chart of unit, changed by the script, is refused with them
	rm -rf tree && mkdir -p tree/out && cp -r "$repository/fsm" "$repository/spec" tree &&
		sed -i "$1" tree/fsm/unit.rl &&
		! cmp -s tree/fsm/unit.rl "$repository/fsm/unit.rl" &&
		! (cd tree && python3 fsm/tool/generate.py out unit) >said 2>&1 && contains said "$2"
}

ok "a state that no arrow enters" refused 's/READY @ignore *-> ready$/READY @ignore -> failed/' \
	"state 'ready' can't be reached"
ok "an event that a state does not answer" refused 's/(event - RESET) @ignore/(event - RESET - STOP) @ignore/' \
	"state 'failed' does not answer symbol 2"
ok "an action that no arrow takes" refused 's/@kill //' "action 'kill' is on no arrow"
ok "a guard that leaves a case open" refused '/TIMEOUT when !current) @ignore *-> stopping/d' \
	"state 'stopping' does not answer symbol 10"

finish
