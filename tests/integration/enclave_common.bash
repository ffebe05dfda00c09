# What the tests of the launcher share: images with a small static /init, enclaves, what is left of
# them. The images' kernel section is any file: a sandbox measures it and does not boot it.
. "$(dirname "$0")/tap.bash"
enclave=$(program enclave)
export ASAN_OPTIONS=detect_leaks=0 # the first process of a sandbox has no /proc to look into
chmod 755 "$scratch"
export XDG_RUNTIME_DIR=$scratch/run
mkdir "$XDG_RUNTIME_DIR"
export XDG_STATE_HOME=$scratch/kept # where nsmsim keeps its root
state=$XDG_RUNTIME_DIR/cloister
leave() { "$enclave" terminate --all >/dev/null 2>&1; }

ends() { # CODE WORD ARGUMENT...
	says "$enclave" "$@" || { cat "$state"/*/log 2>/dev/null; false; }
}

# An image of a ramdisk folder, or of more.
image() { # FILE RAMDISK...
	local file=$1 arguments=()
	shift
	for ramdisk in "$@"; do arguments+=(--ramdisk "$ramdisk"); done
	"$BIN/eif" build --kernel "$scratch/kernel" --cmdline 'console=ttyS0 nomodules' \
		"${arguments[@]}" --output "$file" --name test --version 1 >/dev/null
}

# An image whose /init does what the words say.
image_that() { # FILE WORD...
	local file=$1
	shift
	mkdir -p "$file.root"
	cp "$scratch/init" "$file.root/init"
	echo "$*" >"$file.root/mode"
	image "$file" "$file.root"
}

run() { # NAME IMAGE ARGUMENT...
	local name=$1 file=$2
	shift 2
	"$enclave" run --eif "$file" --backend sandbox --name "$name" --boot-timeout 120 \
		--ready-timeout 120 --wait-ready "$@" >"$scratch/started"
}
console_of() { cat "$state/$1/console.old" "$state/$1/console" 2>/dev/null; }

# The processes behind the enclave that was started last.
keeper() { pgrep -f -P "$(jq .ProcessID "$scratch/started")" enclave-keeper; }
inside() { pgrep -P "$(keeper)"; }

# Nothing of ours is left: no folder, no process, no mount. Processes take a moment to go.
nothing_left() {
	await none_left && return
	ls -A "$state"
	processes
	return 1
}
none_left() {
	[ "$(ls -A "$state")" = .lock ] && [ -z "$(processes)" ] && lacks /proc/self/mounts cloister
}
# Processes of this test's enclaves that are not just waiting to be reaped.
processes() {
	local process
	for process in $(pgrep -x "enclave|exe|nsmsim"); do
		[ -n "$(readlink "/proc/$process/exe")" ] &&
			grep -qs "$scratch" "/proc/$process/environ" && echo "$process"
	done
	true
}

# Runs what has a second to come so far that there is something to see; then ever longer.
in_time() { # FILE WORDS COMMAND...: the seconds are the command's last argument
	local file=$1 words=$2 seconds
	shift 2
	for seconds in 1 5 25 100; do
		"$@" $seconds || return 1
		grep -qF -- "$words" "$file" && return 0
	done
	contains "$file" "$words"
}

echo KERNEL >kernel
[ -z "${without_sandbox:-}" ] || return 0
${CC:-gcc} -static -O1 -D_GNU_SOURCE -o init "$here/enclave_init.c" || exit 1
if ! unshare -Ur true 2>/dev/null; then
	echo "# skipped: this machine allows no user namespaces"
	echo "ok - nothing to test without user namespaces"
	exit 0
fi
