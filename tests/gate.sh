#!/bin/bash
# Tests of the gate: an image of a tree in which all has passed is verified, and that of another
# folder is the same; whatever has not passed as it is now is refused, by its name and no other.
# Works in copies of this tree with its stamps; nothing is proved or fuzzed here.
# usage: BIN=FOLDER-OF-PROGRAMS tests/gate.sh      run from the repository root, by `make gate-test`
set -u
not_passed=$(python3 verify/stamp.py stale) || exit 1
[ -z "$not_passed" ] || {
	names=$(sed 's/:.*//' <<<"$not_passed" | paste -sd ,)
	echo "the tree is not passed: ${names//,/, }; nothing to test"
	exit 1
}
root=$PWD
eif=$(cd "$BIN" && pwd)/eif
unset MAKEFLAGS MFLAGS MAKELEVEL FUZZ_COMPILER
export LC_ALL=C
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
		sed 's/^/# /' "$scratch/said" | head -n 30
	fi
}

copy() { # FOLDER: this tree and its stamps
	mkdir -p "$1/out"
	cp -a GNUmakefile LICENSE README.md fsm fuzz gen host rbuilds runtime services spec tests verify "$1"
	cp -a out/stamps "$1/out"
}
application() { # a small one, whose kernel needs no network
	mkdir -p app/root/srv app/units
	echo kernel >app/bzImage
	printf '#\n#\n# Linux/x86 6.1.0 Kernel Configuration\n' >app/config
	printf '%s\n' 'name = "small"' 'version = "1.0"' 'kernel = "bzImage"' 'programs = ["slc"]' \
		>app/cloister.toml
	echo 'ExecStart = "/usr/bin/slc"' >app/units/slc.service
}
build() { make -s eif APP=app "$@"; }
same() { [ "$1" = "$2" ] || { printf 'expected: %s\nfound:    %s\n' "$1" "$2"; false; }; }

# What is stale in the first copy, as lines of kind and name: these, and nothing else.
stale() { # LINES
	make -s stale >"$scratch/stale" || return
	cat "$scratch/stale"
	same "$1" "$(sed 's/:.*//' "$scratch/stale")"
}
because() { grep -qF -- "$1" "$scratch/stale"; } # WORDS: that `stale` has found
with() { # FILE... -- COMMAND...: done in the first copy; what it does to the files is undone
	local files=() status
	while [ "$1" != -- ]; do
		files+=("$1")
		shift
	done
	shift
	rm -rf "$scratch/before" && mkdir "$scratch/before" &&
		cp -a --parents "${files[@]}" "$scratch/before" || return
	"$@"
	status=$?
	rm -rf "${files[@]}"
	cp -a "$scratch/before/." .
	return $status
}
change() { # STAMP JQ-PROGRAM
	jq "$2" "out/stamps/$1.json" >"$scratch/stamp" && cp "$scratch/stamp" "out/stamps/$1.json"
}
change_log() { # STAMP SED-PROGRAM: and let the stamp agree
	sed -i "$2" "out/stamps/$1.log" &&
		change "$1" ".log = \"$(sha256sum <"out/stamps/$1.log" | cut -d' ' -f1)\""
}

# The first has the programs that are here; the second builds its own.
copy "$scratch/a" && copy "$scratch/b" && cp -a out/bin out/obj out/musl "$scratch/a/out" &&
	cd "$scratch/a" || exit 1
application && cp -a app "$scratch/b" || exit 1

verified() {
	build && "$eif" evidence out/cloister.eif --tree . --json >"$scratch/json" &&
		jq -e '.Verified and ([.SameTrees[]] | all) and (.Measured.summary | (.goals, .rows, .arrows)
			| split("/") | .[0] == .[1] and .[0] != "0")' "$scratch/json" &&
		"$eif" describe out/cloister.eif | jq -e '.ImageName == "small" and
			.Metadata.cloister.verified'
}
ok 'what has passed gives a verified image, of these sources' verified
stated() {
	jq -e '.predicate.verified and (.predicate.runs | (."fuzz/unit".seconds >= 1) and
		(."fuzz/unit".executions > 0) and (."proof/unit".goals > 0))' out/cloister.intoto.json &&
		same "$(sha256sum <out/cloister.eif | cut -d' ' -f1)" \
			"$(jq -r '.subject[0].digest.sha256' out/cloister.intoto.json)"
}
ok 'the statement beside it names it, and says what was run' stated
elsewhere() {
	(cd "$scratch/b" && make -s -j2 all && build) >"$scratch/built" &&
		cmp out/cloister.pcr.json "$scratch/b/out/cloister.pcr.json" &&
		cmp out/cloister.eif "$scratch/b/out/cloister.eif"
}
ok 'another folder, with programs built there, gives the same bytes' elsewhere
unverified() (
	rm -rf "$scratch/b/out/stamps" && cd "$scratch/b" && build UNVERIFIED=1 >/dev/null || return
	"$eif" evidence out/cloister.eif --json >"$scratch/json" 2>"$scratch/why"
	same 76 $? && grep -q '^reason: unverified' "$scratch/why" &&
		jq -e '(.Verified or .Measured.verified or .NotMeasured.verified | not) and
			(.Measured.summary.goals | startswith("0/"))' "$scratch/json" &&
		"$eif" describe out/cloister.eif | jq -e '.ImageName == "small-unverified"' &&
		jq -e '.predicate.verified == false and .predicate.runs == {}' out/cloister.intoto.json
)
ok 'UNVERIFIED=1 asks nobody; name, metadata, evidence and statement say so' unverified
no_stamps() (
	cd "$scratch/b" && rm -rf out/cloister* && ! build && [ ! -e out/cloister.eif ] &&
		same "$(find verify fuzz \( -path 'verify/*.acsl' -o -path 'verify/eva/*.c' -o -path \
			'verify/spin/*.pml' -o -path 'fuzz/*.c' \) ! -name replay.c | wc -l)" "$(make -s stale | wc -l)"
)
ok 'without stamps all is stale, as in a clean clone' no_stamps

comment() {
	sed -i '1i /* A word more. */' fsm/unit.rl && make -s gen && stale 'proof unit
fuzz unit' && ! build >"$scratch/refusal" 2>&1 && grep -q 'no image is built' "$scratch/refusal"
}
ok 'a comment in a machine, made again: that machine is named, and no other' with fsm/unit.rl gen verify/REPORT.md -- comment
forgotten() {
	sed -i '1i /* A word more. */' fsm/unit.rl && stale 'proof unit
fuzz unit' && because 'run `make gen`'
}
ok 'a machine that was not made again is refused' with fsm/unit.rl -- forgotten
by_hand() {
	echo 'static int x;' >>gen/unit.c &&
		make -s stale | grep -q '^proof unit: changed'
}
ok 'a machine that was changed by hand is refused' with gen/unit.c -- by_hand
contract() {
	echo '/*@ predicate nothing = \true; */' >>verify/unit.acsl && stale 'proof unit'
}
ok 'another contract is refused' with verify/unit.acsl -- contract
goals() { echo 1 >verify/unit.goals && stale 'proof unit'; }
ok 'another number of goals is refused' with verify/unit.goals -- goals
corpus() { printf 'input' >fuzz/corpus/unit/new && stale 'fuzz unit'; }
ok 'another corpus is refused' with fuzz/corpus/unit -- corpus
new_harness() {
	echo >fuzz/new.c
	stale 'fuzz new' && because 'never passed here'
	local status=$?
	rm fuzz/new.c
	return $status
}
ok 'a harness that never ran is refused' new_harness
header() {
	echo 'struct other;' >>fuzz/machine.h && make -s stale >"$scratch/stale" &&
		grep -q '^fuzz unit: changed' "$scratch/stale" && ! grep -qv '^fuzz ' "$scratch/stale"
}
ok "what harnesses include is theirs, and no proof's" with fuzz/machine.h -- header
header_comment() { echo '/* A word. */' >>fuzz/machine.h && stale ''; }
ok 'a comment there is nothing to a fuzzer' with fuzz/machine.h -- header_comment
longer() { echo 100000 >fuzz/seconds && make -s stale | grep -q '^fuzz unit: was fuzzed for'; }
ok 'a longer campaign that is wanted makes all of them too short' with fuzz/seconds -- longer

tampered() { change proof/unit '.key |= sub("^.."; "zz")' && stale 'proof unit'; }
ok 'a stamp with another key is refused' with out/stamps/proof -- tampered
broken() { echo '{' >out/stamps/eva/newc.json && stale 'eva newc'; }
ok 'a stamp that is no JSON is refused' with out/stamps/eva -- broken
tool() {
	change proof/unit '.tools.z3 = "4.8.13"' && stale 'proof unit' && because '4.8.12 is needed'
}
ok 'another version of a prover is refused' with out/stamps/proof -- tool
fuzzer() { change fuzz/unit '.tools["afl-fuzz"] = "++4.05c"' && stale 'fuzz unit'; }
ok 'another version of the fuzzer is refused' with out/stamps/fuzz -- fuzzer
no_log() { rm out/stamps/fuzz/unit.log && stale 'fuzz unit' && because 'is missing'; }
ok 'a log that is missing is refused' with out/stamps/fuzz -- no_log
other_log() { echo >>out/stamps/proof/unit.log && stale 'proof unit' && because 'is not the log'; }
ok 'a log that was changed is refused' with out/stamps/proof -- other_log
short() {
	change_log fuzz/unit 's/^run_time .*/run_time : 1/' && change fuzz/unit '.seconds = 1000' &&
		stale 'fuzz unit' && because 'was fuzzed for 1 s'
}
ok 'a campaign that was too short is refused, whatever its stamp says' with out/stamps/fuzz -- short
crash() {
	change_log fuzz/unit 's/^saved_crashes .*/saved_crashes : 1/' && stale 'fuzz unit' &&
		because 'found a crash'
}
ok 'a campaign that has found something is refused' with out/stamps/fuzz -- crash
hung() {
	change_log fuzz/unit 's/^saved_hangs .*/saved_hangs : 1/' && stale 'fuzz unit' &&
		because 'of its hangs, 1, 0 were looked at' &&
		change_log fuzz/unit '1i hang confirmed: id:0, 1 bytes, ends with status 152' &&
		stale 'fuzz unit' && because 'found a hang'
}
ok 'a hang is refused that was confirmed, or that nobody has looked at' with out/stamps/fuzz -- hung
slow() {
	change_log fuzz/unit '1i hang not confirmed: id:0, 1 bytes, ends well alone' &&
		change_log fuzz/unit 's/^saved_hangs .*/saved_hangs : 1/' && stale ''
}
ok 'an input that was only slow is no hang' with out/stamps/fuzz -- slow
unwalked() {
	change_log fuzz/unit '0,/^arrow \(.*\) [1-9][0-9]*$/s//arrow \1 0/' && stale 'fuzz unit' &&
		because 'arrows'
}
ok 'a corpus that does not walk every arrow is refused' with out/stamps/fuzz -- unwalked
open_goal() {
	change_log proof/unit 's/^\(.*Proved goals: *\)[0-9]*/\11/' && stale 'proof unit' &&
		because 'goals are open'
}
ok 'a proof with an open goal is refused, whatever its stamp says' with out/stamps/proof -- open_goal
alarm() {
	change_log eva/newc 's/  0 alarms generated/  1 alarms generated/' && stale 'eva newc'
}
ok 'an analysis with an alarm is refused' with out/stamps/eva -- alarm
ok 'nothing is stale any more' stale ''

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
