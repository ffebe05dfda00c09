#!/bin/bash
# conf against python3's tomllib: the files of tests/data/conf and some thousands of texts, made by a
# grammar and damaged. CONF_SEED and CONF_TEXTS choose others.
. "$(dirname "$0")/tap.bash"
cd "$repository" || exit 1
export LC_ALL=C.UTF-8

sources=(tests/lib/conf_json.c runtime/kernel/conf_*.c runtime/kernel/fault.c runtime/kernel/machine.c
	gen/conf.c gen/conf_line.c gen/utf8.c)
if ${CC:-gcc} -std=c17 -D_GNU_SOURCE -O1 -g -w -fsanitize=address,undefined \
	-fno-sanitize-recover=all -I. "${sources[@]}" -o "$scratch/conf_json" >"$scratch/log" 2>&1; then
	timeout 900 python3 tests/integration/conf_tomllib.py "$scratch/conf_json" "${CONF_SEED:-1}" \
		"${CONF_TEXTS:-6000}" tests/data/conf/good/* tests/data/conf/bad/* >"$scratch/log" 2>&1
	status=$?
else
	status=1
	echo "not ok - the driver does not compile" >>"$scratch/log"
fi
cat "$scratch/log"
passed=$(grep -c '^ok ' "$scratch/log")
failed=$(grep -c '^not ok ' "$scratch/log")
[ $status -eq 0 ] || [ "$failed" -gt 0 ] || failed=1
finish
