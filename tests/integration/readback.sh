#!/bin/bash
# What `make gen` reads back from `ragel -x`: a chart with a fault of shape is refused, in words.
set -u
here=$(cd "$(dirname "$0")/../.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=0

refused() { # NAME SED-SCRIPT WORDS: the chart of unit, changed by the script, is refused with them
	local tree=$scratch/tree
	rm -rf "$tree"
	mkdir -p "$tree/out"
	cp -r "$here/fsm" "$here/spec" "$tree"
	sed -i "$2" "$tree/fsm/unit.rl"
	if ! cmp -s "$tree/fsm/unit.rl" "$here/fsm/unit.rl" &&
		! (cd "$tree" && python3 fsm/tool/generate.py out unit) >"$scratch/log" 2>&1 &&
		grep -qF "$3" "$scratch/log"; then
		echo "ok - $1"
	else
		echo "not ok - $1"
		sed 's/^/# /' "$scratch/log"
		failed=1
	fi
}

refused "a state that no arrow enters" 's/-> up$/-> failed/; s/-> up )/-> failed )/' \
	"state 'up' can't be reached"
refused "an event that a state does not answer" \
	's/(event - UNIT_RESET) @ignore/(event - UNIT_RESET - UNIT_STOP) @ignore/' \
	"state 'failed' does not answer symbol 2"
refused "an action that no arrow takes" 's/@kill //' "action 'kill' is on no arrow"
refused "a guard that leaves a case open" '/UNIT_TIMEOUT when !current) @ignore *-> stopping/d' \
	"state 'stopping' does not answer symbol 6"
exit $failed
