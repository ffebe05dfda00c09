#!/bin/bash
# vsockd as a whole program: its command line, and a guest that is played by Python
# (vsockd_guest.py): one that behaves, and one that does not.
set -u
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
vsockd=${SANITIZED:-${BIN:-out/bin}}/vsockd
export PYTHONDONTWRITEBYTECODE=1
unset CLOISTER_TRACE CLOISTER_VSOCK_DIR
failed=0

check() { # WHAT COMMAND...
	local what=$1
	shift
	if "$@" >"$dir/out" 2>"$dir/err"; then
		echo "ok - $what"
	else
		echo "not ok - $what"
		failed=1
		sed 's/^/# /' "$dir/out" "$dir/err"
	fi
}

ends() { # CODE WORD OPTION...
	local code=$1 word=$2 status
	shift 2
	"$vsockd" "$@" >"$dir/stdout" 2>"$dir/stderr"
	status=$?
	cat "$dir/stdout" "$dir/stderr"
	[ $status -eq "$code" ] || { echo "status $status"; return 1; }
	[ -z "$word" ] || grep -qx "reason: $word" "$dir/stderr"
}

right=(--socket "$dir/vhost" --cid 16 --dir "$dir")
check 'help fits a screen' bash -c '[ "$("$1" --help | wc -l)" -le 40 ]' - "$vsockd"
check 'there is a version' ends 0 '' --version
check 'the CID is needed' ends 2 usage --socket "$dir/vhost" --dir "$dir"
for cid in 0 3 4294967295 4294967300 -1 16x ''; do
	check "no guest has the CID '$cid'" ends 2 usage --socket "$dir/vhost" --dir "$dir" --cid "$cid"
done
check 'no connection at all is refused' ends 2 usage "${right[@]}" --connections 0
check 'too small a buffer is refused' ends 2 usage "${right[@]}" --buffer 4095
check 'an unknown level is refused' ends 2 usage "${right[@]}" --log loud
check 'a closed descriptor is refused' ends 2 usage "${right[@]}" --ready-fd 99
check 'a word is refused' ends 2 usage "${right[@]}" word
check 'a folder that is missing is told' ends 73 refused --socket "$dir/vhost" --cid 16 --dir "$dir/none"
check 'so is that of the socket' ends 73 refused --socket "$dir/none/vhost" --cid 16 --dir "$dir"
check 'nothing is left of that' test ! -e "$dir/16/vsock" -a ! -e "$dir/vhost"
touch "$dir/file"
check 'a file is not replaced' ends 73 in_use --socket "$dir/file" --cid 16 --dir "$dir"
check 'and stays' test -f "$dir/file"
for script in vsockd_flow vsockd_hostile; do
	/usr/bin/python3 "$here/$script.py" || failed=1
done
exit $failed
