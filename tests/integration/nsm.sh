#!/bin/bash
# nsmsim and attest as whole programs: an image is measured, a document is asked for through the
# socket by an independent client (nsm_peer.py), checked by it and judged by attest.
set -u
dir=$(mktemp -d)
sim= slc=
trap 'kill $sim $slc 2>/dev/null; rm -rf "$dir"' EXIT
nsmsim=$SANITIZED/nsmsim attest=$SANITIZED/attest
export XDG_STATE_HOME=$dir/state

check() { # WHAT COMMAND...
	local what=$1
	shift
	if "$@" >"$dir/out" 2>"$dir/err"; then
		echo "ok - $what"
	else
		echo "not ok - $what"
		sed 's/^/# /' "$dir/out" "$dir/err"
	fi
}

ends() { # CODE WORD COMMAND...
	local code=$1 word=$2 status
	shift 2
	"$@" >"$dir/stdout" 2>"$dir/stderr"
	status=$?
	cat "$dir/stdout" "$dir/stderr"
	[ $status -eq "$code" ] || { echo "status $status"; return 1; }
	[ -z "$word" ] || grep -qx "reason: $word" "$dir/stderr"
}

start() { # OPTION...
	rm -f "$dir/log"
	"$nsmsim" --socket "$dir/nsm" --eif "$dir/image.eif" --module-id i-1-enc2 "$@" 2>"$dir/log" &
	sim=$!
	for _ in $(seq 600); do
		grep -q '"listening"' "$dir/log" && return 0
		kill -0 "$sim" 2>/dev/null || return 1
		sleep 0.1
	done
	return 1
}

stop() {
	kill -TERM "$sim" && wait "$sim"
	local status=$?
	sim=
	[ $status -eq 0 ] && [ ! -e "$dir/nsm" ]
}

pcr() { # N
	"$BIN/eif" describe "$dir/image.eif" | jq -r ".Measurements.PCR$1"
}

# Debian's python3 has the libraries; another one in the path may not.
"$BIN/eif" build --kernel tests/data/eif/kernel --kernel_config tests/data/eif/kernel.config \
	--cmdline 'console=ttyS0' --ramdisk tests/data/eif/ramdisk0 --ramdisk tests/data/eif/ramdisk1 \
	--output "$dir/image.eif" >/dev/null || exit 1
peer=(/usr/bin/python3 tests/integration/nsm_peer.py "$dir/nsm" "$dir/doc")
root=$dir/state/cloister/nsmsim/root.pem

check 'nsmsim serves' start
check 'the root is kept where the page says' test -f "$root"
check 'its key is for its owner alone' test "$(stat -c %a "$dir/state/cloister/nsmsim/root.key")" = 600
check 'nsmsim root says where' test "$("$nsmsim" root)" = "$root"
check 'an independent client is answered, and checks a document' "${peer[@]}" "$root" 00ff
check 'registers are those of the image' "$attest" verify --doc "$dir/doc" --root "$root" \
	--nonce 00ff --max-age 1h --pcr "0=$(pcr 0)" --pcr "1=$(pcr 1)" --pcr "2=$(pcr 2)"
check 'its JSON says so' bash -c '
	"$1" verify --doc "$2" --root "$3" --json | jq -e ".accepted and .verdict == \"accepted\" and
		.document.module_id == \"i-1-enc2\" and .document.nonce == \"00ff\" and
		(.document.pcrs | has(\"16\") | not)"' - "$attest" "$dir/doc" "$root"
check 'without the root it is refused' ends 76 root "$attest" verify --doc "$dir/doc"
check 'another nonce is refused' ends 76 nonce "$attest" verify --doc "$dir/doc" --root "$root" --nonce 00fe
check 'another register is refused' ends 76 pcr \
	"$attest" verify --doc "$dir/doc" --root "$root" --pcr "0=$(pcr 1)"
check 'a day later it is expired' ends 76 expired \
	"$attest" verify --doc "$dir/doc" --root "$root" --at "$(($(date +%s) + 86400))"
check 'show checks nothing' ends 0 '' "$attest" show --doc "$dir/doc"
head -c 1000 "$dir/doc" >"$dir/cut"
check 'a piece of one is malformed' ends 65 malformed "$attest" verify --doc "$dir/cut" --root "$root"
check 'a file that is not there is no input' ends 66 input "$attest" verify --doc "$dir/none"
check 'a root that is none is no input' ends 66 certificate "$attest" verify --doc "$dir/doc" --root "$dir/doc"
check 'wrong options are usage' ends 2 usage "$attest" verify --doc "$dir/doc" --at yesterday
check 'a second one on the same socket is refused' ends 73 in_use \
	"$nsmsim" --socket "$dir/nsm" --eif "$dir/image.eif"

check 'clients that do what they must not harm nobody' \
	/usr/bin/python3 tests/integration/nsm_hostile.py "$dir/nsm"

# --- The same through the channel -----------------------------------------------------------------

"$SANITIZED/slc" --addr "unix:$dir/slc" --nsm "$dir/nsm" 2>"$dir/slc.log" &
slc=$!
for _ in $(seq 600); do
	grep -q '"listening"' "$dir/slc.log" && break
	sleep 0.1
done
pipeline=("$SANITIZED/pipeline" --addr "unix:$dir/slc" attest)
check 'pipeline attest accepts a document over a nonce of its own' "${pipeline[@]}" --root "$root"
check 'it keeps one over the nonce that it was given' \
	"${pipeline[@]}" --root "$root" --nonce c0ffee -o "$dir/kept"
check 'which attest accepts too' "$attest" verify --doc "$dir/kept" --root "$root" --nonce c0ffee
refused_and_shown() {
	ends 76 root "${pipeline[@]}" --json &&
		jq -e '.accepted == false and .verdict == "root" and .document.pcrs["0"] != null' "$dir/stdout"
}
check 'without the root it is refused, and shown' refused_and_shown
printf 'hello' >"$dir/user"
check 'user data is in it' bash -c '"$@" | jq -e ".document.user_data == \"68656c6c6f\""' - \
	"${pipeline[@]}" --root "$root" --json --user-data "$dir/user"
check 'SIGTERM ends it, and removes the socket' stop
check 'without an NSM there is no document' ends 66 not_found "${pipeline[@]}" --root "$root"
check 'the listener ends well' bash -c 'kill -TERM "$1"' - "$slc"
wait "$slc" || echo 'not ok - the listener has failed'

# --- Other modes ----------------------------------------------------------------------------------

check 'in debug mode it serves' start --debug-mode
check 'and the same root signs' "${peer[@]}" "$root" 00ff debug
check 'its documents are refused as such' ends 76 debug "$attest" verify --doc "$dir/doc" --root "$root"
kill -KILL "$sim"
wait "$sim" 2>/dev/null
check 'a socket that was left behind is replaced' start
check 'SIGTERM ends this one too' stop

cp "$dir/image.eif" "$dir/good.eif"
printf 'X' | dd of="$dir/image.eif" bs=1 seek=561 conv=notrunc 2>/dev/null
check 'an image with a false CRC is refused' ends 76 crc \
	"$nsmsim" --socket "$dir/nsm" --eif "$dir/image.eif"
check 'a file that is no image is malformed' ends 65 '' \
	"$nsmsim" --socket "$dir/nsm" --eif tests/integration/nsm.sh
check 'no socket is left' test ! -e "$dir/nsm"
