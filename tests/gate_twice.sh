#!/bin/bash
# What is committed here, taken through the whole gate in two folders that know nothing of each other:
# the images and their measurements must be the same, byte for byte. Takes as long as two gates do.
# usage: tests/gate_twice.sh [WORD...]      run from the repository root, by `make gate-twice`; WORDs are
#        for make in place of `gate`
set -u
unset MAKEFLAGS MFLAGS MAKELEVEL FUZZ_COMPILER
[ $# -gt 0 ] || set -- gate
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
commit=$(git rev-parse HEAD) # the same for both, whatever is committed meanwhile
folders=("$scratch/one" "$scratch/another-with-a-longer-name/below")
for folder in "${folders[@]}"; do
	echo "=== make $* in $folder"
	git clone -q . "$folder" && git -C "$folder" checkout -q "$commit" && make -C "$folder" -j2 "$@" || {
		echo "not ok - make $* in $folder"
		exit 1
	}
done
for file in cloister.eif cloister.pcr.json; do
	cmp "${folders[0]}/out/$file" "${folders[1]}/out/$file" || {
		echo "not ok - the two folders have other bytes in out/$file"
		exit 1
	}
done
sha256sum "${folders[0]}/out/cloister.eif" | cut -d ' ' -f 1
echo 'ok - two folders, one image'
