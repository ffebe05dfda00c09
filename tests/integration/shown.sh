#!/bin/bash
# verify/shown.py: rows of pages that name a test are refused where it is not there, or has not run.
. "$(dirname "$0")/tap.bash"

mkdir -p spec tests/unit tests/integration tests/e2e
printf 'static void good(void **unused)\n{\n}\n' >tests/unit/a.c
printf "ok 'it works' true\n" >tests/integration/b.sh
printf 'def c():\n\t"""it  has\n\ta name."""\n' >tests/integration/d.py
printf 'def e(enclave):\n\tpass\ncheck("it boots", e, enclave)\n' >tests/e2e/f.py

# Each test writes a page of one row, and asks.
row() { printf '| row | what | test |\n|---|---|---|\n| A1 | something | %s |\n' "$1" >spec/page.md; }
asked() { python3 "$repository/verify/shown.py" "$@" >out 2>&1; }
there() { row "$1" && asked; }
refused() { # WORDS TEST [--ran ...]: it says so
	local words=$1 test=$2
	shift 2
	row "$test"
	if asked "$@"; then cat out; return 1; fi
	contains out "$words"
}
record() { mkdir -p "ran/$1" && printf '%s\n' "$3" >"ran/$1/$2"; }
ran() { # KIND NAME WHAT-IT-IS-CALLED TEST
	row "$4"
	rm -rf ran
	refused 'has not run' "$4" --ran ran "$1" && record "$1" "$2" other &&
		refused 'has not run' "$4" --ran ran "$1" && record "$1" "$2" "$3" &&
		asked --ran ran "$1"
}

ok 'a function of a unit test is found' there 'tests/unit/a.c:good'
ok 'a name in a script is found' there 'tests/integration/b.sh:it works'
ok 'a function of a Python test is found' there 'tests/integration/d.py:c'
ok 'an end-to-end test is found' there 'tests/e2e/f.py:e'
ok 'a file that is not there' refused 'there is no' 'tests/unit/none.c:good'
ok 'a test that is not there' refused "has no test 'bad'" 'tests/unit/a.c:bad'
ok 'a row without a test' refused 'names no test' 'see elsewhere'
ok 'a unit test has run' ran unit a good 'tests/unit/a.c:good'
ok 'a script has run' ran integration b 'it works' 'tests/integration/b.sh:it works'
ok 'a Python test has run, under its long name' ran integration d 'it has a name' \
	'tests/integration/d.py:c'
ok 'an end-to-end test has run' ran e2e f 'it boots' 'tests/e2e/f.py:e'
cp "$repository/spec/slc.md" spec/slc.md && sed -i '/^| D7 /d; s/^| D8 .*/| D8 | x | tests\/unit\/a.c:good |/' spec/slc.md
ok 'a page that lacks one of its rows' refused 'there is no row of D7' 'tests/unit/a.c:good'
finish
