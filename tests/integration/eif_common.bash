# What the tests of the program eif share: where things are, a scratch folder, how a test is run.
# BIN is the folder of the program; SANITIZED, if given, that of one with sanitizers.
set -u
here=$(cd "$(dirname "$0")" && pwd)
data=$here/../data/eif
vectors=$here/../../../shared/vectors/eif
BIN=${BIN:-out/bin}
BIN=$(cd "$BIN" && pwd) || exit 1
plain=$BIN/eif
eif=$plain
if [ -n "${SANITIZED:-}" ] && [ -x "$SANITIZED/eif" ]; then eif=$(cd "$SANITIZED" && pwd)/eif; fi
unset SOURCE_DATE_EPOCH
export LC_ALL=C TZ=UTC PYTHONDONTWRITEBYTECODE=1
scratch=$(mktemp -d)
mounted=''
trap '[ -z "$mounted" ] || umount "$mounted"; rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
passed=0 failed=0

ok() { # NAME COMMAND...: a test that passes if the command succeeds
	local name=$1
	shift
	if "$@" >log 2>&1; then
		passed=$((passed + 1))
		echo "ok - $name"
	else
		failed=$((failed + 1))
		echo "not ok - $name"
		sed 's/^/# /' log | head -n 20
	fi
}

# Runs eif and compares its exit code and its reason; stdout goes to `out`, stderr to `err`.
ends() { # CODE WORD ARGUMENT...
	local code=$1 word=$2 status reason
	shift 2
	"$eif" "$@" >out 2>err
	status=$?
	reason=$(sed -n 's/^reason: //p' err)
	[ "$status $reason" = "$code ${word#-}" ] && return 0
	echo "expected $code $word, found $status $reason"
	cat err
	return 1
}
same() { [ "$1" = "$2" ] || { printf 'expected: %s\nfound:    %s\n' "$1" "$2"; false; }; }
contains() { grep -qF -- "$2" "$1" || { echo "no '$2' in:"; cat "$1"; false; }; }
empty_folder() { [ -z "$(ls -A "$1")" ] || { ls -la "$1"; false; }; }
pcr() { jq -r ".Measurements.$2" <"$1"; }

finish() { # the last line of a script, and its status
	echo "$passed passed, $failed failed"
	[ $failed -eq 0 ]
}
