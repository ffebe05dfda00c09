#!/bin/bash
# Runs unit tests, integration tests and the replay of fuzz corpora; ends with one line
# 'N passed, N failed' and a table of where the time went.
# usage: tests/run.sh DIR-OF-UNIT-TESTS [WORD]      BIN and SANITIZED name the programs' folders
# The names of tests that have passed are left beside that folder, in ran/KIND/NAME, for
# verify/shown.py.
set -u
units=$1 word=${2:-}
ran=$(dirname "$1")/ran
passed=0 failed=0 table=''
logs=$(mktemp -d)
export XDG_CONFIG_HOME=$logs # what somebody has written into a pipeline.conf is not for tests
trap 'rm -rf "$logs"' EXIT

# Runs one test program that prints TAP-like lines, and adds up what it says. Signals that whoever
# started us ignores, as nohup does, are not ignored by the tests: some are about them.
run() { # KIND NAME COMMAND...
	local kind=$1 name=$2 begin ok bad status seconds
	shift 2
	mkdir -p "$ran/$kind" && rm -f "$ran/$kind/$name"
	begin=$(date +%s%N)
	CMOCKA_MESSAGE_OUTPUT=TAP env --default-signal=HUP,INT,QUIT,TERM,PIPE "$@" >"$logs/log" 2>&1 </dev/null
	status=$?
	seconds=$((($(date +%s%N) - begin) / 10000000))
	ok=$(grep -c '^ok ' "$logs/log")
	bad=$(grep -c '^not ok ' "$logs/log")
	if [ $status -ne 0 ] && [ "$bad" -eq 0 ]; then
		bad=1
		echo "not ok - $name ended with status $status" >>"$logs/log"
	elif [ "$ok" -eq 0 ] && [ "$bad" -eq 0 ]; then
		bad=1
		echo "not ok - $name ran no test" >>"$logs/log"
	fi
	passed=$((passed + ok)) failed=$((failed + bad))
	sed -nE '/# SKIP/d; s/^ok [0-9]* ?- //p' "$logs/log" >"$ran/$kind/$name"
	table+=$(printf '%6d.%02d s %5d ok %3d failed  %s %s' $((seconds / 100)) $((seconds % 100)) \
		"$ok" "$bad" "$kind" "$name")$'\n'
	if [ "$bad" -gt 0 ]; then
		echo "--- $kind $name"
		cat "$logs/log"
	else
		echo "ok   $kind $name ($ok)"
		grep '^# skipped' "$logs/log"
	fi
}

wanted() { case $1 in *"$word"*) true ;; *) false ;; esac; }

for unit in tests/unit/*.c; do
	name=$(basename "$unit" .c)
	wanted "$name" && run unit "$name" "$units/$name"
done
for script in tests/integration/*.sh; do
	[ -e "$script" ] || continue
	name=$(basename "$script" .sh)
	wanted "$name" && run integration "$name" "$script"
done
for script in tests/integration/slc_*.py; do
	grep -q '^if __name__ == .__main__.:$' "$script" || continue # one that others import
	name=$(basename "$script" .py)
	wanted "$name" && run integration "$name" python3 "$script"
done
for harness in fuzz/*.c; do
	name=$(basename "$harness" .c)
	[ "$name" != replay ] && wanted "$name" || continue
	inputs=("fuzz/corpus/$name")
	[ -d "fuzz/crashes/$name" ] && inputs+=("fuzz/crashes/$name") # that were found once
	run replay "$name" "$units/replay-$name" "${inputs[@]}"
done

echo
printf '%s' "$table" | sort -rn
echo "$passed passed, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
