#!/bin/sh
# Fetches what rbuilds/lock.txt pins, each file once, and prints where each lies. Apt's lists and
# sources are left alone: files come from the mirror's pool by their path and count only with their
# SHA-256. usage: rbuilds/fetch.sh NAME... | --all | --move [NAME...]
# --move pins the newest versions instead. Ends with 75 when something can't be had from here (no
# network, no mirror, gone from the pool), and with 1 for every other failure.
set -eu

lock=$(dirname "$0")/lock.txt
cache=${CLOISTER_CACHE:-${XDG_CACHE_HOME:-${HOME:-/var/tmp}/.cache}/cloister}
files=$cache/files

fail() { # STATUS TEXT
	echo "fetch: $2" >&2
	exit "$1"
}
entry() { # NAME: VERSION SUITE PATH SHA256 SIZE
	awk -v name="$1" '$1 == name { print $2, $3, $4, $5, $6; found = 1; exit }
		END { exit !found }' "$lock" || fail 1 "$lock has no line for $1"
}

# --- One file -------------------------------------------------------------------------------------

bases() { # SUITE: where its pool may be, the best first
	case $1 in
	*-security) archive=debian-security ;;
	*) archive=debian ;;
	esac
	if [ -n "${CLOISTER_MIRROR:-}" ]; then
		echo "$CLOISTER_MIRROR/$archive"
		return
	fi
	{
		apt-get indextargets --format '$(REPO_URI)' 2>/dev/null | grep -E "/$archive/?$" || true
		echo "http://deb.debian.org/$archive"
		date=$(awk '$1 == "snapshot" { print $2 }' "$lock")
		echo "http://snapshot.debian.org/archive/$archive/$date"
	} | sed 's,/$,,' | awk '!seen[$0]++'
}
download() { # URL FILE
	/usr/lib/apt/apt-helper -o APT::Sandbox::User=root -o Acquire::Retries=2 \
		-o Acquire::http::Timeout=30 -o Acquire::https::Timeout=30 download-file "$1" "$2" >&2
}
digest() { sha256sum "$1" | cut -d ' ' -f 1; }

fetch() { # NAME: its file, fetched if it is not here yet
	found=$(entry "$1")
	# shellcheck disable=SC2086
	set -- "$1" $found
	name=$1 version=$2 suite=$3 path=$4 sha=$5 size=$6
	file=$files/$(basename "$path")
	if [ -f "$file" ] && [ "$(digest "$file")" = "$sha" ]; then
		echo "$file"
		return
	fi
	mkdir -p "$files" || fail 1 "can't make the folder $files: set CLOISTER_CACHE to one that works"
	partial=$file.$$
	wrong=
	for base in $(bases "$suite"); do
		echo "  GET $base/$path ($size bytes)" >&2
		if download "$base/$path" "$partial"; then
			seen=$(digest "$partial")
			if [ "$seen" = "$sha" ]; then
				[ ! -h "$partial" ] || cp --remove-destination "$(readlink -f "$partial")" "$partial"
				mv "$partial" "$file" # (a mirror that is a folder gives a link)
				echo "$file"
				return
			fi
			wrong="$base/$path has SHA-256 $seen, and $lock says $sha: don't use it"
		fi
		rm -f "$partial"
	done
	[ -z "$wrong" ] || fail 1 "$wrong"
	fail 75 "no mirror has $name $version ($suite), or none can be reached from here. If its pool \
has only newer ones, pin those: rbuilds/fetch.sh --move $name"
}

# --- The lock moved to the newest versions ---------------------------------------------------------

# An apt of its own: its sources are the suites of the lock, its lists lie in the cache.
private_apt() {
	home=$cache/apt
	mkdir -p "$home/lists/partial" "$home/archives/partial" "$home/parts"
	keys=/usr/share/keyrings/debian-archive-keyring.gpg
	for suite in $(awk '$1 !~ /^(#|snapshot)/ && NF { print $3 }' "$lock" | sort -u); do
		base=$(bases "$suite" | head -n 1)
		echo "deb [signed-by=$keys] $base $suite main"
		echo "deb-src [signed-by=$keys] $base $suite main"
	done >"$home/sources.list"
	cat >"$home/apt.conf" <<-END
		Dir::State "$home";
		Dir::State::lists "$home/lists";
		Dir::Cache "$home";
		Dir::Cache::archives "archives";
		Dir::Etc::sourcelist "$home/sources.list";
		Dir::Etc::sourceparts "$home/parts";
		Dir::Etc::preferencesparts "$home/parts";
		APT::Sandbox::User "root";
	END
	export APT_CONFIG="$home/apt.conf"
	apt-get update -qq >&2 || fail 75 "the lists of $(tr '\n' ';' <"$home/sources.list") don't come"
}
of_deb() { # NAME SUITE: the line of the lock, of a binary package
	suite_version=$(apt-cache madison "$1" | awk -F ' *[|] *' -v suite=" $2/" \
		'index(" " $3, suite) && $3 !~ /Sources/ { print $2; exit }')
	[ -n "$suite_version" ] || fail 1 "$2 has no package $1"
	apt-cache show "$1=$suite_version" | awk -v name="$1" -v suite="$2" '
		/^Version: / { version = $2 } /^Filename: / { path = $2 } /^SHA256: / { sha = $2 }
		/^Size: / { size = $2 } END { print name, version, suite, path, sha, size }'
}
of_source() { # PACKAGE:PART SUITE: the same, of a file of a source package
	package=${1%%:*} part=${1#*:}
	suite_version=$(apt-cache madison "$package" | awk -F ' *[|] *' -v suite=" $2/" \
		'index(" " $3, suite) && $3 ~ /Sources/ { print $2; exit }')
	[ -n "$suite_version" ] || fail 1 "$2 has no source $package"
	apt-cache showsrc --only-source "$package" | awk -v name="$1" -v suite="$2" \
		-v wanted="$suite_version" -v part="[.]$part[.]tar[.]" '
		/^Package: / { version = "" } /^Version: / { version = $2 }
		/^Directory: / && version == wanted { folder = $2 }
		/^Checksums-Sha256:/ { inside = 1; next } /^[^ ]/ { inside = 0 }
		inside && version == wanted && $3 ~ part && $3 !~ /[.]asc$/ { sha = $1; size = $2; file = $3 }
		END { print name, wanted, suite, folder "/" file, sha, size }'
}
move() { # NAME...
	private_apt
	moved=$(mktemp)
	while read -r name version suite rest; do
		case " $* " in
		*" $name "* | '  ') ;;
		*)
			echo "$name${version:+ $version}${suite:+ $suite}${rest:+ $rest}"
			continue
			;;
		esac
		case $name in
		'#'* | '') echo "$name${version:+ $version}${suite:+ $suite}${rest:+ $rest}" ;;
		snapshot) echo "snapshot $(date -u +%Y%m%dT000000Z)" ;;
		*:*) of_source "$name" "$suite" ;;
		*) of_deb "$name" "$suite" ;;
		esac
	done <"$lock" >"$moved"
	diff "$lock" "$moved" && echo "fetch: nothing is newer" >&2
	cat "$moved" >"$lock"
	rm -f "$moved"
}

if [ "${1:-}" = --move ]; then
	shift
	move "$@"
	exit
fi
[ $# -gt 0 ] || fail 2 "usage: rbuilds/fetch.sh NAME... | --all | --move [NAME...]"
# shellcheck disable=SC2046
[ "$1" != --all ] || set -- $(awk '!/^(#|snapshot )/ && NF { print $1 }' "$lock")
for wanted in "$@"; do
	(fetch "$wanted")
done
