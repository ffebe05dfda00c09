#!/bin/bash
# The rules of the house, checked: layout, a second compiler, static analysis, sizes, dialect.
# usage: tests/lint.sh OUT C-FILE...
set -u
out=$1
shift
files=()
for file in "$@"; do case $file in "$out"/*) ;; *) files+=("$file") ;; esac; done
failed=0

report() { # WHAT LINES: names what was found, if anything was
	if [ -n "$2" ]; then
		printf '%s\n' "lint: $1" "$2" | head -n 40
		failed=1
	else
		echo "ok   $1"
	fi
}

each() { python3 tests/each.py "$@" 2>&1 || echo "error: tests/each.py has failed"; } # see there

flags=(-std=c17 -D_GNU_SOURCE -DCLOISTER_VERSION='"lint"' -I. -I"$out/tests"
	-Iruntime/channel) # where examples find the header that is installed
sources=()
for file in "${files[@]}"; do case $file in *.c) sources+=("$file") ;; esac; done
product=()
for file in "${sources[@]}"; do case $file in runtime/* | services/* | host/*) product+=("$file") ;; esac; done

report "layout is that of .clang-format" \
	"$(clang-format --dry-run "${files[@]}" 2>&1 | grep 'warning:')"
compiled=(clang "${flags[@]}" -fsyntax-only -Wall -Wextra -Wconversion -Wsign-conversion -Wshadow
	-Wstrict-prototypes -Wmissing-prototypes -Wvla -Wundef {})
checked=(cppcheck --quiet --inline-suppr --std=c11 -I. --enable=warning,portability,performance
	--suppress=missingIncludeSystem --suppress=normalCheckLevelMaxBranches --error-exitcode=0 {})
tidy='-*,bugprone-*,-bugprone-easily-swappable-parameters,-bugprone-reserved-identifier,-bugprone-implicit-widening-of-multiplication-result,-bugprone-branch-clone,-bugprone-sizeof-expression,-bugprone-suspicious-memory-comparison,clang-analyzer-*,-clang-analyzer-valist.Uninitialized,-clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling,cert-err34-c,performance-*,-performance-no-int-to-ptr'
tidied=(--stdout clang-tidy --quiet --checks="$tidy" {} -- "${flags[@]}")
report "clang has no warning" "$(each clang "${compiled[@]}" -- "${sources[@]}")"
report "cppcheck finds nothing" "$(each cppcheck "${checked[@]}" -- "${product[@]}")"
report "clang-tidy finds nothing" \
	"$(each tidy "${tidied[@]}" -- "${product[@]}" | grep -E 'warning:|error:')"
report "no line is longer than 100 columns" \
	"$(for file in "${files[@]}" fsm/*.rl; do
		expand -t8 "$file" | awk -v file="$file" 'length > 100 { print file ":" NR ": " length " columns" }'
	done)"
report "no file is longer than 400 lines" \
	"$(wc -l "${files[@]}" fsm/*.rl fsm/*/*.py verify/*.py | awk '$1 > 400 && $2 != "total"')"
report "no function is longer than 60 lines" "$(awk '
	FNR == 1 { begin = 0 }
	/^\{$/ { begin = FNR }
	/^\}$/ && begin { if (FNR - begin > 60) print FILENAME ":" begin ": " FNR - begin " lines"; begin = 0 }
	' "${sources[@]}")"
report "what pages say is shown by a test names one" "$(python3 verify/shown.py | grep -v ' are shown by tests')"
report "machines keep the dialect" \
	"$(grep -nE '\b(fgoto|fhold|fcall|fret|fnext|fexec)\b|action [a-z_]+ \{[^}]*\bcs\b|action [a-z_0-9]+ \{[^}]*(<<|>>)' fsm/*.rl
	grep -n 'fbreak' fsm/*.rl | grep -v 'action step { fbreak; }'
	grep -LE '\$step' fsm/*.rl)"
report "nothing is proved by assumption" \
	"$(grep -nE '\b(admit|assume|axiom|axiomatic)\b|(^|[^>.])\bcheck\b' verify/*.acsl fsm/*.inc 2>/dev/null | grep -v ':/\*')"
report "fsm/ and gen/ touch nothing but themselves" \
	"$(grep -nE '#include' fsm/*.rl fsm/*.h fsm/*.inc gen/*.[ch] 2>/dev/null |
		grep -vE '"(fsm|gen)/|<(stddef|stdint)\.h>')"
report "no path of a machine and no unfinished work is committed" \
	"$(git grep -nIE '(^|[^a-z0-9}])/(work|home|root)/[a-z]|\b(TODO|FIXME|XXX)\b' -- . ':!tests/lint.sh' ':!spec/*.svg')"
exit $failed
