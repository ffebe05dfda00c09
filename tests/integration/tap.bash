# What all scripts here share: a scratch folder, in which they run, how a test is run and told, how
# something is waited for. BIN is the folder of the programs; SANITIZED, if given, that of those
# with sanitizers. A script that has more to clean up than its folder defines `leave`.
set -u
here=$(cd "$(dirname "$0")" && pwd)
repository=$(cd "$here/../.." && pwd)
BIN=$(cd "${BIN:-out/bin}" && pwd) || exit 1
SANITIZED=$(cd "${SANITIZED:-$BIN}" && pwd) || exit 1
unset CLOISTER_ADDR CLOISTER_VSOCK_DIR CLOISTER_TRACE SOURCE_DATE_EPOCH
export LC_ALL=C TZ=UTC PYTHONDONTWRITEBYTECODE=1
scratch=$(mktemp -d)
leave() { :; }
trap 'leave; rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
passed=0 failed=0

program() { # NAME: its path, with sanitizers if it is there with them
	if [ -x "$SANITIZED/$1" ]; then echo "$SANITIZED/$1"; else echo "$BIN/$1"; fi
}

ok() { # NAME COMMAND...: a test that passes if the command succeeds
	local name=$1
	shift
	if "$@" >"$scratch/log" 2>&1 </dev/null; then
		passed=$((passed + 1))
		echo "ok - $name"
	else
		failed=$((failed + 1))
		echo "not ok - $name"
		sed 's/^/# /' "$scratch/log" | head -n 40
	fi
}
finish() { # the last line of a script, and its status
	echo "$passed passed, $failed failed"
	[ $failed -eq 0 ]
}

same() { [ "$1" = "$2" ] || { printf 'expected: %s\nfound:    %s\n' "$1" "$2"; false; }; }
contains() { grep -qF -- "$2" "$1" || { echo "no '$2' in:"; cat "$1"; false; }; }
lacks() { ! grep -F -- "$2" "$1"; }
empty_folder() { [ -z "$(ls -A "$1")" ] || { ls -la "$1"; false; }; }

# Waits until a condition holds, which is asked each time: nobody says when.
await() { # COMMAND...
	local until=$((SECONDS + 120))
	while ! "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $until ] || { echo "it never came to: $*"; return 1; }
		sleep 0.01
	done
}

# Runs a program and compares its exit code and its reason; stdout goes to `out`, stderr to `err`
# in the scratch folder.
says() { # PROGRAM CODE WORD ARGUMENT...
	local program=$1 code=$2 word=$3 status reason
	shift 3
	"$program" "$@" >"$scratch/out" 2>"$scratch/err"
	status=$?
	reason=$(sed -n 's/^reason: //p' "$scratch/err")
	[ "$status $reason" = "$code ${word#-}" ] && return 0
	echo "expected $code $word, found $status $reason"
	cat "$scratch/err"
	return 1
}
