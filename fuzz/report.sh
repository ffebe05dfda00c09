#!/bin/bash
# Replays the committed corpora and prints what they walk: the rows of each machine's page, the
# arrows of the machine, and the lines of the source that the harness is about. Fails if a row or an
# arrow is not walked, or if a harness has no planted fault. Lines are for information.
# usage: fuzz/report.sh DIR NAME...      DIR holds the replay programs, built with --coverage
set -u
dir=$1
shift
failed=0
log=$dir/report.log

lines() { # SOURCE: which share of its lines the last replay executed
	gcov -n "$dir/${1%.c}.gcda" 2>/dev/null | grep -F -A 1 "File '$1'" |
		sed -n 's/^Lines executed:\(.*\)% of \(.*\)/\1 % of \2/p'
}

printf '%-16s %6s %9s %9s  %-15s %s\n' harness inputs rows arrows lines of
for name in "$@"; do
	find "$dir" -name '*.gcda' -delete
	"$dir/replay-$name" "fuzz/corpus/$name" >"$log" 2>&1 || failed=1
	source=$(sed -n '1s/^# \([^:]*\): .*/\1/p' "fuzz/planted/$name.sed" 2>/dev/null)
	awk -v name="$name" -v lines="$(lines "$source")" -v source="$source" '
		/^ok - [0-9]+ inputs/ { inputs = $3 }
		$1 == "row" { rows++; rows_walked += $4 > 0 }
		$1 == "arrow" { arrows++; arrows_walked += $4 > 0 }
		END { printf "%-16s %6d %4d/%-4d %4d/%-4d  %-15s %s\n", name, inputs, rows_walked, rows,
			arrows_walked, arrows, lines, source }' "$log"
	grep '^not ok' "$log" && failed=1
	fuzz/plant.sh "$name" >/dev/null || failed=1
done
exit $failed
