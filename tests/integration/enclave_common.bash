# What the tests of the launcher share: programs, images with a small static /init, and how a test is
# run. The images' kernel section is any file: a sandbox measures it and does not boot it.
set -u
here=$(cd "$(dirname "$0")" && pwd)
BIN=${BIN:-out/bin}
BIN=$(cd "$BIN" && pwd) || exit 1
folder=$BIN
if [ -n "${SANITIZED:-}" ] && [ -x "$SANITIZED/enclave" ]; then
	folder=$(cd "$SANITIZED" && pwd)
fi
enclave=$folder/enclave
unset CLOISTER_ADDR CLOISTER_VSOCK_DIR CLOISTER_TRACE
export LC_ALL=C TZ=UTC PYTHONDONTWRITEBYTECODE=1
export ASAN_OPTIONS=detect_leaks=0 # the first process of a sandbox has no /proc to look into
scratch=$(mktemp -d)
chmod 755 "$scratch"
export XDG_RUNTIME_DIR=$scratch/run
mkdir "$XDG_RUNTIME_DIR"
export XDG_STATE_HOME=$scratch/kept # where nsmsim keeps its root
state=$XDG_RUNTIME_DIR/cloister
trap '"$enclave" terminate --all >/dev/null 2>&1; rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
passed=0 failed=0

ok() { # NAME COMMAND...: a test that passes if the command succeeds
	local name=$1
	shift
	if "$@" >log 2>&1 </dev/null; then
		passed=$((passed + 1))
		echo "ok - $name"
	else
		failed=$((failed + 1))
		echo "not ok - $name"
		sed 's/^/# /' log | head -n 40
	fi
}

same() { [ "$1" = "$2" ] || { printf 'expected: %s\nfound:    %s\n' "$1" "$2"; false; }; }
contains() { grep -qF -- "$2" "$1" || { echo "no '$2' in:"; cat "$1"; false; }; }
lacks() { ! grep -F -- "$2" "$1"; }

# Waits until a condition holds; nobody says when.
await() { # COMMAND...
	local until=$((SECONDS + 60))
	while [ $SECONDS -lt $until ]; do
		"$@" >/dev/null 2>&1 && return 0
		sleep 0.01
	done
	echo "it never came to: $*"
	return 1
}

finish() { # the last line of a script, and its status
	echo "$passed passed, $failed failed"
	[ $failed -eq 0 ]
}

# Runs the program and compares exit code and reason; stdout goes to `out`, stderr to `err`.
ends() { # CODE WORD ARGUMENT...
	local code=$1 word=$2 status reason
	shift 2
	"$enclave" "$@" >"$scratch/out" 2>"$scratch/err"
	status=$?
	reason=$(sed -n 's/^reason: //p' "$scratch/err")
	[ "$status $reason" = "$code ${word#-}" ] && return 0
	echo "expected $code $word, found $status $reason"
	cat "$scratch/err" "$state"/*/log 2>/dev/null
	return 1
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

# Nothing of ours is left: no folder, no process, no mount.
nothing_left() {
	same '.lock' "$(ls -A "$state")" && same '' "$(processes)" &&
		! grep cloister /proc/self/mounts
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

echo KERNEL >kernel
[ -z "${without_sandbox:-}" ] || return 0
"${CC:-gcc}" -static -O1 -D_GNU_SOURCE -o init "$here/enclave_init.c" || exit 1
if ! unshare -Ur true 2>/dev/null; then
	echo "# skipped: this machine allows no user namespaces"
	echo "ok - nothing to test without user namespaces"
	exit 0
fi
