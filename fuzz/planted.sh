#!/bin/bash
# A test of the harnesses: each must find the fault that was planted for it, from nothing, that is
# without the corpus. Ends with a table, and fails if one finds nothing; what was found is remembered in
# fuzz/planted/seen.txt.
# usage: fuzz/planted.sh DIR SECONDS NAME...      DIR holds the harnesses with their faults
set -u
dir=$1 seconds=$2
shift 2
export AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_SKIP_CPUFREQ=1 AFL_NO_UI=1 AFL_NO_AFFINITY=1
export AFL_QUIET=1 AFL_BENCH_UNTIL_CRASH=1 ASAN_OPTIONS=abort_on_error=1:symbolize=0:detect_leaks=0
failed=0

printf '%-16s %7s %12s  %s\n' harness seconds executions result
for name in "$@"; do
	found=$dir/found/$name stats=$dir/found/$name/default/fuzzer_stats options=()
	rm -rf "$found"
	mkdir -p "$dir/seeds" "$dir/found"
	printf '\0\0\0\0' >"$dir/seeds/empty"
	[ -e "fuzz/$name.dict" ] && options=(-x "fuzz/$name.dict")
	afl-fuzz -V "$seconds" -t 1000 -i "$dir/seeds" -o "$found" \
		${options[@]+"${options[@]}"} -- "$dir/$name" >"$dir/$name.log" 2>&1
	result="found: $(sed -n '1s/^# //p' "fuzz/planted/$name.sed")"
	if [ -n "$(find "$found/default/crashes" -name 'id*' 2>/dev/null)" ]; then
		python3 fuzz/seen.py found "$name"
	else
		result="NOT FOUND: see $dir/$name.log"
		failed=1
	fi
	printf '%-16s %7s %12s  %s\n' "$name" \
		"$(sed -n 's/^run_time *: //p' "$stats" 2>/dev/null)" \
		"$(sed -n 's/^execs_done *: //p' "$stats" 2>/dev/null)" "$result"
done
exit $failed
