#!/bin/bash
# Tests of tests/each.py, which lint asks with: of what was clean it does not ask again, and only of
# that; a file, what it includes, the command and the stamp decide.
. "$(dirname "$0")/tap.bash"
mkdir tests verify sub
cp "$repository/tests/each.py" tests
cp "$repository/verify/stamp.py" verify
printf '#include "sub/a.h"\n' >sub/a.c
printf '#include "b.h"\n' >sub/a.h
echo 'int b;' >sub/b.h
echo 'int other;' >other.c

each() { # SCRIPT: asks of both files; `asked` has those it was run on, `said` what it said
	: >asked
	python3 tests/each.py fake sh -c "$1" sh {} -- sub/a.c other.c >said
}
look='echo "$1" >>asked; grep -n BAD "$1"; true'
asked() { same "$1" "$(sort asked | paste -sd ' ')"; }
silent() { each "$look" && asked "$1" && [ ! -s said ]; }
changed() { silent "$1" && silent ''; }

if ! command -v dpkg-query >/dev/null; then
	each "$look" && each "$look"
	ok 'where no packages can be asked for, always of all' asked 'other.c sub/a.c'
	finish
	exit
fi
ok 'at first, of all; then of none' changed 'other.c sub/a.c'
echo 'int c;' >>other.c
ok 'of a file that changed' changed other.c
echo 'int d;' >>sub/b.h
ok 'of a file whose header changed, beside another header' changed sub/a.c
found() {
	echo 'int BAD;' >>other.c
	each "$look" && asked other.c && grep -q '^3:int BAD;$' said && each "$look" && asked other.c &&
		grep -q BAD said && sed -i '$d' other.c && silent other.c
}
ok 'of a file in which something was found, until it is gone' found
command() { each "$look # once more" && asked 'other.c sub/a.c'; }
ok 'by another command, of all' command
ok 'and back again, of all' changed 'other.c sub/a.c'
stamp=out/stamps/lint-fake/other.c
sed -i 's/"key": "../"key": "zz/' $stamp.json
ok 'where the stamp is of something else' changed other.c
sed -i 's/"packages": "../"packages": "zz/' $stamp.json
ok 'where the packages were others' changed other.c
echo '{' >$stamp.json
ok 'where the stamp is no JSON' changed other.c
echo words >$stamp.log
ok 'where the log is another' changed other.c
crash() {
	each 'exit 3' && grep -qx 'other.c: error: sh ended with status 3' said &&
		silent 'other.c sub/a.c'
}
ok 'what fails without a word is said, and not taken for clean' crash

finish
