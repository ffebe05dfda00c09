#!/bin/bash
# Runs a campaign of AFL++ on each harness, two at a time, and replays its corpus; ends with a table
# and with what was found (fuzz/judge.sh), which lies in DIR/found/NAME. What was clean for long enough
# gets a stamp (fuzz/campaign.py).
# usage: fuzz/run.sh DIR REPLAYS SECONDS NAME...
#        DIR holds the built harnesses and gets the findings, REPLAYS holds those without a fuzzer
set -u
dir=$1 replays=$2 seconds=$3
shift 3
export AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_SKIP_CPUFREQ=1 AFL_NO_UI=1 AFL_NO_AFFINITY=1
export AFL_QUIET=1 ASAN_OPTIONS=abort_on_error=1:symbolize=0:detect_leaks=0

campaign() { # NAME
	local name=$1 seeds=$dir/seeds/$1 found=$dir/found/$1 folder inputs=() options=()
	rm -rf "$seeds" "$found"
	mkdir -p "$seeds" "$dir/found"
	printf '\0\0\0\0' >"$seeds/empty"
	for folder in "fuzz/corpus/$name" "fuzz/crashes/$name"; do
		[ -d "$folder" ] && inputs+=("$folder") && cp "$folder"/* "$seeds/"
	done
	[ -e "fuzz/$name.dict" ] && options=(-x "fuzz/$name.dict")
	afl-fuzz -V "$seconds" -t 1000 -i "$seeds" -o "$found" ${options[@]+"${options[@]}"} \
		-- "$dir/$name" >"$dir/$name.log" 2>&1
	echo $? >"$dir/$name.status"
	{
		echo
		cat "$found/default/fuzzer_stats"
		"$replays/replay-$name" ${inputs[@]+"${inputs[@]}"}
	} >>"$dir/$name.log" 2>&1
}

line() { # NAME: what its campaign came to; false if anything was found
	local name=$1 found=$dir/found/$1/default stats runs paths crashes hangs result=clean
	"${0%/*}/judge.sh" "$dir" "$replays" "$name" >>"$dir/found/said" || result='FAILED: see below'
	stats=$found/fuzzer_stats
	runs=$(sed -n 's/^execs_done *: //p' "$stats" 2>/dev/null)
	paths=$(sed -n 's/^corpus_count *: //p' "$stats" 2>/dev/null)
	crashes=$(find "$found/crashes" -name 'id*' 2>/dev/null | wc -l)
	hangs=$(grep -c '^hang confirmed: ' "$dir/$name.log")
	[ "$(cat "$dir/$name.status")" = 0 ] && [ -n "$runs" ] || result="FAILED: see $dir/$name.log"
	printf '%-16s %12s %8s %8s %6s  %s\n' "$name" "${runs:-0}" "${paths:-0}" "$crashes" "$hangs" \
		"$result"
	[ "$result" = clean ]
}

python3 fuzz/campaign.py begin "$dir" "$@" || exit 1
for name in "$@"; do
	while [ "$(jobs -rp | wc -l)" -ge 2 ]; do wait -n; done
	campaign "$name" &
done
wait

: >"$dir/found/said"
printf '%-16s %12s %8s %8s %6s  %s\n' harness executions inputs crashes hangs result
failed=0
for name in "$@"; do line "$name" || failed=1; done
cat "$dir/found/said"
python3 fuzz/campaign.py end "$dir" "$@" || failed=1
exit $failed
