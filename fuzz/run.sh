#!/bin/bash
# Runs each harness for a time, from its committed corpus; ends with a table.
# usage: fuzz/run.sh DIR SECONDS NAME...      DIR holds the built harnesses and gets the findings
set -u
dir=$1 seconds=$2
shift 2
failed=0
printf '%-16s %10s %8s %8s  %s\n' harness runs corpus arrows result
for name in "$@"; do
	found=$dir/corpus/$name
	mkdir -p "$found"
	options=(-max_total_time="$seconds" -print_final_stats=1 -timeout=5 -rss_limit_mb=1024
		-artifact_prefix="$dir/$name.crash-")
	[ -e "fuzz/$name.dict" ] && options+=(-dict="fuzz/$name.dict")
	committed=()
	[ -d "fuzz/corpus/$name" ] && committed=("fuzz/corpus/$name")
	if "$dir/$name" "${options[@]}" "$found" "${committed[@]}" >"$dir/$name.log" 2>&1; then
		result=clean
	else
		result="FAILED: see $dir/$name.log"
		failed=1
	fi
	runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$dir/$name.log")
	edges=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$dir/$name.log" | tail -n 1)
	printf '%-16s %10s %8s %8s  %s\n' "$name" "${runs:-0}" \
		"$(find "$found" ${committed[@]+"${committed[@]}"} -type f | wc -l)" "${edges:-0}" "$result"
done
exit $failed
