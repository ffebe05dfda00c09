#!/bin/bash
# Tests of fuzz/run.sh with small harnesses: a loop without an end and a crash are found, and printed
# so that they can be seen again; an input that is only slow is named, and counts for nothing.
# Works in a copy of what it needs.
# usage: tests/fuzz.sh      run from the repository root, by `make fuzz-test`
set -u
unset MAKEFLAGS MFLAGS MAKELEVEL
export LC_ALL=C AFL_QUIET=1 AFL_USE_ASAN=1 FUZZ_COMPILER=none
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
passed=0 failed=0

ok() { # NAME COMMAND...
	local name=$1
	shift
	if "$@" >"$scratch/said" 2>&1; then
		passed=$((passed + 1))
		echo "ok - $name"
	else
		failed=$((failed + 1))
		echo "not ok - $name"
		sed 's/^/# /' "$scratch/said" "$scratch/run" | tail -n 60
	fi
}

harness() { # NAME STATEMENT: a harness that does this on every fourth input
	printf '#include "fuzz/input.h"\n#include <unistd.h>\nstatic volatile unsigned turns;\n%s\n%s\n%s\n' \
		'int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)' \
		"{ if (size > 0 && data[0] % 4 == 1) { $2 }" 'return 0; }' >"fuzz/$1.c"
	afl-clang-fast -fsanitize=fuzzer -I. -c "fuzz/$1.c" -o "out/afl/fuzz/$1.o" &&
		afl-clang-fast -fsanitize=fuzzer "out/afl/fuzz/$1.o" -Wl,-Map="out/fuzz/$1.map" \
			-o "out/fuzz/$1" &&
		gcc -g -I. -fsanitize=address -O1 "fuzz/$1.c" fuzz/replay.c -o "out/tests/replay-$1" &&
		mkdir -p "fuzz/corpus/$1" && printf '\0' >"fuzz/corpus/$1/even"
}
saved() { # NAME KIND: afl-fuzz has saved one
	[ -n "$(find "out/fuzz/found/$1/default/$2" -name 'id*' 2>/dev/null)" ]
}
campaign() { # NAME KIND: until afl-fuzz has saved one, which takes it a second or two
	local try
	for try in 1 2 3 4 5 6 7 8; do
		fuzz/run.sh out/fuzz out/tests 5 "$1" >"$scratch/run" 2>&1
		echo $? >"$scratch/status"
		! saved "$1" "$2" || return 0
		echo "campaign $try has saved nothing"
	done
	return 1
}
ended() { [ "$(cat "$scratch/status")" = "$1" ]; }
printed() { # NAME FOLDER KIND: what was printed is what was saved
	local input
	input=$(find "out/fuzz/found/$1/default/$2" -name 'id*' | sort | head -n 1)
	grep -A 1 "^fuzz: $1: a ${3}: ${input##*/}, " "$scratch/run" | tail -n 1 | base64 -d | cmp - "$input"
}

mkdir -p "$scratch/tree"
cp -a fuzz fsm verify "$scratch/tree"
cd "$scratch/tree" || exit 1
mkdir -p out/afl/fuzz out/fuzz out/tests && echo 1 >fuzz/seconds

looping() {
	harness looping 'for (;;) turns++;' && campaign looping hangs && ended 1 &&
		printed looping hangs hang && grep -q 'ends with status 152' "$scratch/run" &&
		grep -q '^looping: no stamp: it found a hang$' "$scratch/run" &&
		[ ! -e out/stamps/fuzz/looping.json ]
}
ok 'a loop without an end is confirmed by its processor time, and printed' looping
slow() {
	harness slow 'usleep(1500000);' && campaign slow hangs && ended 0 &&
		grep -q '^fuzz: slow: no hang, it ends well alone: id' "$scratch/run" &&
		[ -e out/stamps/fuzz/slow.json ]
}
ok 'what is only slow is named, and is no hang' slow
crashing() {
	harness crashing 'abort();' && campaign crashing crashes && ended 1 &&
		printed crashing crashes crash && grep -q 'fuzz/crashing.c:5' "$scratch/run" &&
		grep -q '^crashing: no stamp: it found a crash$' "$scratch/run"
}
ok 'a crash is printed, with the line that it is in' crashing
said() { # SED-PROGRAM WORDS: of the clean log, changed so
	sed "$1" out/fuzz/slow.log >log && python3 -c 'import sys; sys.path.insert(0, "fuzz")
from campaign import log_fault
print(log_fault("slow", open("log").read()))' | grep -qxF "$2"
}
ok 'a hang that nobody has looked at counts' said '/^hang not/d' 'of its hangs, 1, 0 were looked at'
ok 'a hang that is confirmed counts' said 's/^hang not/hang/' 'it found a hang'

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
