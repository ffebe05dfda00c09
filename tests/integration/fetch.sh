#!/bin/bash
# rbuilds/fetch.sh and the cache of what is built once, with a folder as the mirror: no network.
. "$(dirname "$0")/tap.bash"
folder=$scratch
cd "$repository" || exit 1
export CLOISTER_CACHE=$folder/cache CLOISTER_MIRROR=file://$folder/mirror

ends() { # STATUS NAME: of a fetch; what it printed is in out, what it said in err
	local status=0
	"$folder/rbuilds/fetch.sh" "$2" >"$folder/out" 2>"$folder/err" || status=$?
	cat "$folder/err"
	same "$1" "$status"
}

mkdir -p "$folder/rbuilds" "$folder/mirror/debian/pool" "$folder/mirror/debian-security/pool"
cp rbuilds/fetch.sh "$folder/rbuilds"
sums() { sha256sum "$1" | cut -d ' ' -f 1; }
echo plain >"$folder/mirror/debian/pool/plain.deb"
echo secure >"$folder/mirror/debian-security/pool/secure.deb"
cat >"$folder/rbuilds/lock.txt" <<-END
	# a lock
	snapshot 20260101T000000Z
	plain 1 trixie pool/plain.deb $(sums "$folder/mirror/debian/pool/plain.deb") 6
	secure 1 bookworm-security pool/secure.deb $(sums "$folder/mirror/debian-security/pool/secure.deb") 7
	gone 1 trixie pool/gone.deb $(sums "$folder/mirror/debian/pool/plain.deb") 6
	forged 1 trixie pool/plain.deb $(sums /dev/null) 6
END

test_fetched() {
	ends 0 plain && same plain "$(cat "$(cat "$folder/out")")" &&
		ends 0 secure && same secure "$(cat "$(cat "$folder/out")")" &&
		[ -z "$(find "$folder/cache" -name '*.[0-9]*' -type f)" ]
}
ok 'a file comes from its archive, and its path is printed' test_fetched
test_once() {
	mv "$folder/mirror" "$folder/away" && ends 0 plain && [ ! -s "$folder/err" ]
	local status=$?
	mv "$folder/away" "$folder/mirror"
	return $status
}
ok 'it comes once' test_once
test_damaged() {
	echo other >"$folder/cache/files/plain.deb" && ends 0 plain &&
		same plain "$(cat "$folder/cache/files/plain.deb")"
}
ok 'a damaged one is fetched anew' test_damaged
test_gone() { ends 75 gone && grep -q -- '--move gone' "$folder/err" && [ ! -s "$folder/out" ]; }
ok 'what no mirror has ends with 75, and with what to do' test_gone
test_forged() {
	rm -f "$folder/cache/files/plain.deb"
	ends 1 forged && grep -q "don't use it" "$folder/err" && [ ! -e "$folder/cache/files/plain.deb" ]
}
ok 'another SHA-256 is refused, and is no matter of the network' test_forged
test_usage() {
	ends 1 unknown && grep -q 'no line for unknown' "$folder/err" && CLOISTER_CACHE=/proc/none ends 1 plain
}
ok 'a name that the lock lacks, a cache that cannot be' test_usage
test_lock() { # each line whole, each digest a digest
	same '' "$(awk '!/^(#|snapshot )/ && (NF != 6 || $5 !~ /^[0-9a-f]+$/ || length($5) != 64 ||
		$6 !~ /^[0-9]+$/ || $4 !~ /^pool\//)' "$repository/rbuilds/lock.txt")"
}
ok 'every line of the lock of ours is whole' test_lock

builder() { # NAME KEY COMMAND...
	sh -c 'set -eu; fail() { echo "$2" >&2; exit "$1"; }; . rbuilds/cache.sh; built "$@"' sh "$@"
}
cat >"$folder/make" <<-'END'
	#!/bin/sh
	echo made >>"$(dirname "$0")/made"
	[ ! -e "$(dirname "$0")/broken" ] || exit 75
	echo thing >"$1/thing"
END
chmod +x "$folder/make"
test_built() {
	builder thing 1 "$folder/make" && builder thing 1 "$folder/make" &&
		same made "$(cat "$folder/made")" && same thing "$(cat "$folder/cache/thing/thing")" &&
		same thing-1 "$(readlink "$folder/cache/thing")"
}
ok 'a thing is built once' test_built
test_broken() {
	local status=0
	touch "$folder/broken"
	builder thing 2 "$folder/make" || status=$?
	rm "$folder/broken"
	same 75 $status && same thing-1 "$(readlink "$folder/cache/thing")" &&
		[ ! -e "$folder/cache/thing-2" ] && [ ! -e "$folder/cache/thing-2.partial" ] &&
		builder thing 2 "$folder/make" && same thing-2 "$(readlink "$folder/cache/thing")"
}
ok 'one that fails leaves nothing, and its status; another try builds it' test_broken
test_together() {
	rm "$folder/made"
	for _ in 1 2 3; do builder both 1 "$folder/make" & done
	wait
	same made "$(cat "$folder/made")" && same thing "$(cat "$folder/cache/both/thing")"
}
ok 'three that ask at one time build it once' test_together

finish
