#!/bin/bash
# Adds what campaigns found to the committed corpora, keeping the fewest, smallest inputs that reach
# the same: names are digests, so that the same inputs give the same folder.
# usage: fuzz/keep.sh DIR NAME...
set -eu
dir=$1
shift
export AFL_SKIP_CPUFREQ=1 AFL_QUIET=1 AFL_ALLOW_TMP=1 ASAN_OPTIONS=abort_on_error=1:symbolize=0:detect_leaks=0

for name in "$@"; do
	all=$dir/keep/$name/all few=$dir/keep/$name/few
	rm -rf "$dir/keep/$name"
	mkdir -p "$all" "fuzz/corpus/$name"
	for input in "fuzz/corpus/$name"/* "$dir/found/$name/default/queue"/id*; do
		[ -f "$input" ] && cp "$input" "$all/$(sha256sum <"$input" | cut -c1-16)"
	done
	afl-cmin -e -i "$all" -o "$few" -- "$dir/$name" >"$dir/keep/$name/log" 2>&1 || {
		cat "$dir/keep/$name/log"
		exit 1
	}
	rm -rf "fuzz/corpus/$name"
	mkdir -p "fuzz/corpus/$name"
	for input in "$few"/*; do
		install -m 644 "$input" "fuzz/corpus/$name/$(sha256sum <"$input" | cut -c1-16)"
	done
	echo "$name: $(find "fuzz/corpus/$name" -type f | wc -l) of $(find "$all" -type f | wc -l) inputs"
done
