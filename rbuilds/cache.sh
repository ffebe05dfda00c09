# Things that take minutes to build, kept outside the tree by a hash of what they are made of: once a
# machine, whatever folder asks. Sourced by builders from the repository's root; fail() is theirs.

cache=${CLOISTER_CACHE:-${XDG_CACHE_HOME:-${HOME:-/var/tmp}/.cache}/cloister}

# key FILE-OR-WORD...: a hash of these files' bytes and these words, and of the compiler.
key() {
	{
		for input in "$@"; do
			echo "$input"
			[ ! -f "$input" ] || cat "$input"
		done
		gcc --version | head -n 1
	} | sha256sum | cut -c 1-16
}

# pinned NAME...: the lines of the lock that a thing depends on, as one word.
pinned() {
	for input in "$@"; do
		awk -v name="$input" '$1 == name { print $1 "=" $5 }' rbuilds/lock.txt
	done | paste -s -d ,
}

# built NAME KEY COMMAND...: $cache/NAME points at the folder NAME-KEY when this ends. The command, a
# program, gets an empty folder to fill, which takes its name only when it is whole; two that ask at
# one time build it once. Its status is ours when it fails.
built() {
	thing=$1 folder=$cache/$1-$2
	shift 2
	mkdir -p "$cache" || fail 1 "can't make $cache: set CLOISTER_CACHE to a folder that can be written"
	exec 9>"$cache/$thing.lock"
	flock -n 9 || {
		echo "  another build of $thing is at work: waiting for it" >&2
		flock 9
	}
	if [ ! -d "$folder" ]; then
		rm -rf "$folder.partial"
		mkdir "$folder.partial"
		"$@" "$folder.partial" 9>&- || {
			status=$?
			rm -rf "$folder.partial"
			exit "$status"
		}
		mv "$folder.partial" "$folder"
	fi
	ln -sfn "$(basename "$folder")" "$cache/$thing"
	exec 9>&-
}
