#!/bin/bash
# nsmsim and attest as whole programs: an image is measured, a document is asked for through the
# socket by an independent client (nsm_peer.py), checked by it and judged by attest.
. "$(dirname "$0")/tap.bash"
dir=$scratch
cd "$repository" || exit 1
sim= slc= plain=
leave() {
	# shellcheck disable=SC2086
	[ -z "$sim$slc$plain" ] || kill $sim $slc $plain 2>/dev/null
	wait
}
nsmsim=$SANITIZED/nsmsim attest=$SANITIZED/attest
export XDG_STATE_HOME=$dir/state

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
	await is_decided && is_serving
}
is_serving() { grep -q '"listening"' "$dir/log"; }
is_decided() { is_serving || ! kill -0 "$sim"; }

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

ok 'nsmsim serves' start
ok 'the root is kept where the page says' test -f "$root"
ok 'its key is for its owner alone' test "$(stat -c %a "$dir/state/cloister/nsmsim/root.key")" = 600
ok 'nsmsim root says where' test "$("$nsmsim" root)" = "$root"
ok 'an independent client is answered, and checks a document' "${peer[@]}" "$root" 00ff
ok 'registers are those of the image' "$attest" verify --doc "$dir/doc" --root "$root" \
	--nonce 00ff --max-age 1h --pcr "0=$(pcr 0)" --pcr "1=$(pcr 1)" --pcr "2=$(pcr 2)"
ok 'its JSON says so' bash -c '
	"$1" verify --doc "$2" --root "$3" --json | jq -e ".accepted and .verdict == \"accepted\" and
		.document.module_id == \"i-1-enc2\" and .document.nonce == \"00ff\" and
		(.document.pcrs | has(\"16\") | not)"' - "$attest" "$dir/doc" "$root"
ok 'without the root it is refused' ends 76 root "$attest" verify --doc "$dir/doc"
ok 'another nonce is refused' ends 76 nonce "$attest" verify --doc "$dir/doc" --root "$root" --nonce 00fe
ok 'another register is refused' ends 76 pcr \
	"$attest" verify --doc "$dir/doc" --root "$root" --pcr "0=$(pcr 1)"
ok 'a day later it is expired' ends 76 expired \
	"$attest" verify --doc "$dir/doc" --root "$root" --at "$(($(date +%s) + 86400))"
ok 'show checks nothing' ends 0 '' "$attest" show --doc "$dir/doc"
head -c 1000 "$dir/doc" >"$dir/cut"
ok 'a piece of one is malformed' ends 65 malformed "$attest" verify --doc "$dir/cut" --root "$root"
ok 'a file that is not there is no input' ends 66 input "$attest" verify --doc "$dir/none"
ok 'a root that is none is no input' ends 66 certificate "$attest" verify --doc "$dir/doc" --root "$dir/doc"
ok 'wrong options are usage' ends 2 usage "$attest" verify --doc "$dir/doc" --at yesterday
ok 'a second one on the same socket is refused' ends 73 in_use \
	"$nsmsim" --socket "$dir/nsm" --eif "$dir/image.eif"

ok 'clients that do what they must not harm nobody' \
	/usr/bin/python3 tests/integration/nsm_hostile.py "$dir/nsm"

# --- The same through the channel -----------------------------------------------------------------

"$SANITIZED/slc" --addr "unix:$dir/slc" --nsm "$dir/nsm" 2>"$dir/slc.log" &
slc=$!
ok 'slc serves' await grep -q '"listening"' "$dir/slc.log"
pipeline=("$SANITIZED/pipeline" --addr "unix:$dir/slc" attest)
"$SANITIZED/slc" --insecure-dev --addr "unix:$dir/plain" --nsm "$dir/nsm" 2>"$dir/plain.log" &
plain=$!
ok 'a plain one serves, too' await grep -q '"listening"' "$dir/plain.log"
plainly=("$SANITIZED/pipeline" --insecure-dev --addr "unix:$dir/plain" attest)
ok 'pipeline attest accepts a document over a nonce of its own' "${pipeline[@]}" --root "$root"
ok 'it keeps one over the nonce that it was given' \
	"${pipeline[@]}" --root "$root" --nonce c0ffee -o "$dir/kept"
ok 'which attest accepts too' "$attest" verify --doc "$dir/kept" --root "$root" --nonce c0ffee
refused_and_shown() {
	ends 76 root "${plainly[@]}" --json &&
		jq -e '.accepted == false and .verdict == "root" and .document.pcrs["0"] != null' "$dir/stdout"
}
ok 'without the root it is refused, and shown' refused_and_shown
ok 'without the root there is no session' ends 77 document "${pipeline[@]}"
ok 'and so it is where what nobody signs is accepted' \
	ends 77 document "${pipeline[@]}" --accept-unsigned
printf 'hello' >"$dir/user"
ok 'user data is in it' bash -c '"$@" | jq -e ".document.user_data == \"68656c6c6f\""' - \
	"${pipeline[@]}" --root "$root" --json --user-data "$dir/user"
ok 'SIGTERM ends it, and removes the socket' stop
ok 'without an NSM there is no document' ends 66 not_found "${plainly[@]}" --root "$root"
ok 'and no session' ends 77 no_document "${pipeline[@]}" --root "$root"
ok 'the listeners end well' bash -c 'kill -TERM "$@"' - "$slc" "$plain"
ok 'and with no fault' wait "$slc"
ok 'nor has the plain one' wait "$plain"
slc= plain=

# --- Other modes ----------------------------------------------------------------------------------

told() {
	start --debug-mode --ready-fd 8 8>"$dir/told" && await contains "$dir/told" listening
}
ok 'in debug mode it serves, and says so to a descriptor' told
ok 'a descriptor that is not open is refused' ends 2 usage \
	"$nsmsim" --socket "$dir/other" --eif "$dir/image.eif" --ready-fd 99
ok 'and the same root signs' "${peer[@]}" "$root" 00ff debug
ok 'its documents are refused as such' ends 76 debug "$attest" verify --doc "$dir/doc" --root "$root"
kill -KILL "$sim"
wait "$sim" 2>/dev/null
ok 'a socket that was left behind is replaced' start
ok 'SIGTERM ends this one too' stop

cp "$dir/image.eif" "$dir/good.eif"
printf 'X' | dd of="$dir/image.eif" bs=1 seek=561 conv=notrunc 2>/dev/null
ok 'an image with a false CRC is refused' ends 76 crc \
	"$nsmsim" --socket "$dir/nsm" --eif "$dir/image.eif"
ok 'a file that is no image is malformed' ends 65 '' \
	"$nsmsim" --socket "$dir/nsm" --eif tests/integration/nsm.sh
ok 'no socket is left' test ! -e "$dir/nsm"

finish
