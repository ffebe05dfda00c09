#!/bin/sh
# Builds the kernel twice, into other folders, from another checkout, with another umask, number of
# jobs, environment and, as root, user: both must be the same bytes. usage: rbuilds/kernel/check.sh
set -eu
cd "$(dirname "$0")/../.."
package=$(rbuilds/fetch.sh linux-source-6.12)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
chmod 755 "$scratch"

place() { # NAME: a copy of what builds, with a cache of its own that has the package already
	mkdir -p "$scratch/$1/cache/files" "$scratch/$1/into"
	cp -r rbuilds "$scratch/$1/rbuilds"
	cp "$package" "$scratch/$1/cache/files"
}
build() { # NAME COMMAND...: with COMMAND in front
	folder=$scratch/$1
	shift
	CLOISTER_CACHE=$folder/cache "$@" "$folder/rbuilds/kernel/build.sh" --into "$folder/into" || {
		echo "kernel-check: one of the two does not build: see above" >&2
		exit 1
	}
}

place a
place another/and/a/longer/name
(umask 022 && JOBS=2 build a)
other=
if [ "$(id -u)" = 0 ]; then
	chown -R 65534:65534 "$scratch/another"
	other='setpriv --reuid 65534 --regid 65534 --clear-groups'
fi
# shellcheck disable=SC2086
(umask 077 && JOBS=3 build another/and/a/longer/name env USER=somebody LANG=C.UTF-8 TZ=Asia/Tokyo $other)

for file in bzImage config; do
	cmp "$scratch/a/into/$file" "$scratch/another/and/a/longer/name/into/$file"
done
sha256sum <"$scratch/a/into/bzImage"
echo 'the kernel is the same, wherever, whenever and by whomever it is built'
