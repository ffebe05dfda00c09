#!/bin/bash
# Prints the source that a harness is about, with a fault in it: fuzz/planted/NAME.sed, applied to
# the file that its first line names.
# usage: fuzz/plant.sh NAME
set -eu
script=fuzz/planted/$1.sed
[ -e "$script" ] || {
	echo "not ok - no fault is planted for $1: write $script" >&2
	exit 1
}
source=$(sed -n '1s/^# \([^:]*\): .*/\1/p' "$script")
[ -e "$source" ] || {
	echo "not ok - the first line of $script is not of the form '# SOURCE: the fault'" >&2
	exit 1
}
if sed -f "$script" "$source" | cmp -s - "$source"; then
	echo "not ok - $script changes nothing in $source" >&2
	exit 1
fi
sed -f "$script" "$source"
