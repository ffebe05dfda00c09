#!/bin/bash
# Replays the committed corpora and prints which rows of each machine's page they walk.
# usage: fuzz/report.sh DIR NAME...      DIR holds the replay programs
set -u
dir=$1
shift
failed=0
printf '%-16s %7s %7s %7s  %s\n' harness inputs rows walked missing
for name in "$@"; do
	out=$("$dir/replay-$name" "fuzz/corpus/$name" 2>&1) || failed=1
	printf '%s\n' "$out" | awk -v name="$name" '
		/^ok - [0-9]+ inputs/ { inputs = $3 }
		$1 == "row" { rows++; if ($4 > 0) walked++; else missing = missing " " $3 }
		END { printf "%-16s %7d %7d %7d %s\n", name, inputs, rows, walked, missing
			exit missing != "" }' || failed=1
done
exit $failed
