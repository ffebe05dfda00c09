#!/bin/bash
# The program pipeline with a real listener: statuses, streams, signals, addresses, what is left
# behind. Copies are in pipeline_cp.sh.
# shellcheck disable=SC2016 # commands are expanded by the shell that they are for
. "$(dirname "$0")/pipeline_common.bash"

address=unix:$scratch/s
listen service.log --addr "$address" || exit 1
service=$listener
export CLOISTER_ADDR=$address

# --- What a command ends with ---------------------------------------------------------------------

test_apart() {
	"$pipeline" --addr "$address" exec -- sh -c 'echo out; echo err >&2; exit 7' >out 2>err
	same 7 $? && same out "$(cat out)" && same err "$(cat err)"
}
ok 'output and error output come apart, with the status' test_apart
ok 'a command that is killed ends with 128 and the signal' ends 137 - exec -- sh -c 'kill -9 $$'
test_statuses() {
	for status in $(seq 0 255); do
		"$pipeline" exec -- sh -c "exit $status"
		same "$status" $? || return 1
	done
}
ok 'every status from 0 to 255 comes through' test_statuses
test_signals_of_commands() {
	for number in 1 2 3 6 11 13 15; do
		ends $((128 + number)) - exec -- sh -c "ulimit -c 0; kill -$number \$\$" || return 1
	done
}
ok 'whatever signal ends a command is in the status' test_signals_of_commands
test_not_run() {
	: >plain && printf '\001' >noise && chmod +x noise || return 1
	ends 127 not_found exec -- no-such-command && contains err no-such-command &&
		ends 127 not_found exec -- "$scratch/none" &&
		ends 126 not_executable exec -- "$scratch/plain" &&
		ends 126 not_executable exec -- "$scratch" &&
		ends 126 not_executable exec -- "$scratch/noise"
}
ok 'a command that can not run ends with 127 or 126, and a reason' test_not_run
test_arguments() {
	"$pipeline" exec -- printf '<%s>' '' 'a b' "$(printf 'new\nline')" '*' '$HOME' -- é >out &&
		same "<><a b><new
line><*><\$HOME><--><é>" "$(cat out)"
}
ok 'arguments arrive as they are' test_arguments
test_long() {
	ends 125 request exec -- echo "$(head -c 100000 /dev/zero | tr '\0' x)" &&
		"$pipeline" exec -- echo "$(head -c 60000 /dev/zero | tr '\0' x)" | wc -c >out &&
		same 60001 "$(xargs <out)"
}
ok 'a request that is too long is refused here' test_long

# --- Streams --------------------------------------------------------------------------------------

test_input() {
	same "$(head -c 100000000 /dev/zero | sha256sum)" \
		"$(head -c 100000000 /dev/zero | "$pipeline" exec -i -- sha256sum)"
}
ok '100 MB of input arrive' test_input
test_binary() {
	head -c 3000000 /dev/urandom >noise
	"$pipeline" exec -i -- cat <noise | cmp - noise &&
		"$pipeline" exec -- cat "$scratch/noise" >copy && cmp copy noise &&
		"$pipeline" exec -i -- sh -c 'cat >&2' <noise 2>copy && cmp copy noise
}
ok 'any bytes go through all three streams' test_binary
test_no_input() {
	same '' "$(echo text | "$pipeline" exec -- cat)" &&
		same text "$(echo text | "$pipeline" exec -i -- cat)" &&
		same '' "$("$pipeline" exec -i -- cat </dev/null)" &&
		same '' "$("$pipeline" exec -i -- cat <&-)"
}
ok 'input is passed on with -i only; one that is closed is at its end' test_no_input
test_leftover_input() {
	head -c 5000000 /dev/zero | "$pipeline" exec -i -- head -c 3 | wc -c >out
	same '0 0 3' "${PIPESTATUS[1]} ${PIPESTATUS[2]} $(xargs <out)"
}
ok 'a command that does not read its input just ends' test_leftover_input
test_bad_input() { ends 125 io exec -i -- cat <"$scratch" && contains err 'standard input'; }
ok 'an input that can not be read is told' test_bad_input
test_pipe() {
	"$pipeline" exec -- yes 2>err | head -n 1 >out
	same "$((128 + 13)) y" "${PIPESTATUS[0]} $(cat out)" && same '' "$(cat err)"
}
ok 'a reader that leaves ends the command, quietly' test_pipe
test_full_output() {
	"$pipeline" exec -- yes >/dev/full 2>err
	same 125 $? && contains err 'reason: io' && contains err 'standard output' || return 1
	"$pipeline" exec -- yes >&- 2>err
	same 125 $? && contains err 'reason: io'
}
ok 'output that can not be written is told' test_full_output
test_flags() { # what others see of a shared description does not change
	mkfifo pipe && { sleep 100 <pipe & } || return 1
	local reader=$!
	exec 8>pipe
	"$pipeline" exec -- sh -c 'echo x' >&8
	local flags
	flags=$(sed -n 's/^flags:[[:space:]]*//p' /proc/self/fdinfo/8)
	exec 8>&-
	kill $reader
	wait $reader
	same 0 $((8#$flags & 04000))
}
ok 'standard streams keep their flags' test_flags

# --- Signals, and clients that go away ------------------------------------------------------------

# A command that says it runs, and then waits for a signal for longer than any test.
waiting='trap "echo got $1; exit 42" $1; : >ready; while :; do sleep 0.05; done'
test_signal() { # NAME
	rm -f ready
	"$pipeline" exec -- sh -c "cd '$scratch'; $waiting" sh "$1" >out 2>err &
	local client=$! status
	await test -e ready && kill "-$1" $client
	wait $client
	status=$?
	same "42 got $1" "$status $(cat out)"
}
test_signals() {
	for signal in INT TERM HUP QUIT USR1 USR2; do test_signal $signal || return 1; done
}
set -m # else a shell's background has SIGINT and SIGQUIT ignored, and so has the client
ok 'signals are passed on to the command' test_signals
set +m
test_ignored() {
	rm -f ready
	(trap '' HUP; exec "$pipeline" exec -- sh -c "cd '$scratch'; $waiting" sh TERM) >out 2>err &
	local client=$!
	await test -e ready && kill -HUP $client && kill -TERM $client
	wait $client
	same '42 got TERM' "$? $(cat out)"
}
ok 'a signal that is ignored is not passed on' test_ignored
test_killed() {
	rm -f number
	"$pipeline" exec -i -- sh -c "echo \$\$ >'$scratch/part'; mv '$scratch/part' \
		'$scratch/number'; sleep 1000" </dev/zero >/dev/null 2>&1 &
	local client=$!
	await test -e number && kill -KILL $client || return 1
	wait $client
	await gone "$(cat number)" && ends 0 - exec -- true
}
gone() { ! kill -0 "$1"; }
ok 'a client that is killed leaves no command behind' test_killed
test_closing() {
	listen closing.log --addr "unix:$scratch/closing" --drain 1 || return 1
	rm -f ready
	"$pipeline" --addr "unix:$scratch/closing" exec -- sh -c "cd '$scratch'; $waiting" sh \
		USR1 >out 2>err &
	local client=$!
	await test -e ready
	kill -TERM "$listener"
	wait $client
	same 125 $? && contains err 'reason: timeout' && wait "$listener"
}
ok 'a listener that stops ends what runs' test_closing

# --- Addresses ------------------------------------------------------------------------------------

reaches() { # ADDRESS
	ends 3 - --addr "$1" exec -- sh -c 'exit 3' && ends 0 - --addr "$1" ping
}
test_abstract() {
	listen abstract.log --addr "unix:@cloister-$$" && reaches "unix:@cloister-$$" &&
		stop "$listener"
}
ok 'an abstract address works' test_abstract
test_tcp() {
	local port
	listen tcp.log --addr tcp:127.0.0.1:0 || return 1
	port=$(sed -n 's/.*tcp:127\.0\.0\.1:\([0-9]*\).*/\1/p' tcp.log)
	reaches "tcp:127.0.0.1:$port" &&
		reaches "tcp:localhost:$port" && stop "$listener"
}
ok 'TCP addresses work, names among them' test_tcp
test_stand_in() {
	export CLOISTER_VSOCK_DIR=$scratch/vsock
	mkdir -p vsock/7
	listen stand-in.log --addr vsock:7:5005 && reaches vsock:7:5005 &&
		ends 68 refused --addr vsock:8:5005 ping && stop "$listener"
}
ok 'vsock addresses work by sockets that stand in for them' test_stand_in
unset CLOISTER_VSOCK_DIR
test_nobody() {
	ends 125 refused --addr "unix:$scratch/nobody" exec true &&
		ends 68 refused --addr "unix:$scratch/nobody" ping &&
		ends 68 refused --addr tcp:127.0.0.1:1 ping &&
		ends 2 address --addr nonsense ping && ends 2 address --addr nonsense exec true &&
		ends 68 name --addr tcp:no-such-host.invalid:1 ping
}
ok 'nobody there, or no address: a clear end' test_nobody
test_environment() {
	CLOISTER_ADDR=nonsense ends 2 address ping && CLOISTER_ADDR='' ends 2 usage ping &&
		CLOISTER_ADDR=nonsense ends 0 - --addr "$address" ping
}
ok 'CLOISTER_ADDR is the default' test_environment
test_enclave() {
	export XDG_RUNTIME_DIR=$scratch/run
	local state=$scratch/run/cloister name
	ends 66 not_found --enclave web ping && ends 125 not_found --enclave web exec true || return 1
	mkdir -p "$state/web" "$state/none" "$state/bad" "$state/two" "$state/long" "$state/folder/address"
	echo "$address" >"$state/web/address" && printf %s "$address" >"$state/bare" &&
		: >"$state/none/address" && echo nonsense >"$state/bad/address" &&
		printf '%s\n%s\n' "$address" "$address" >"$state/two/address" &&
		head -c 10000 /dev/zero | tr '\0' x >"$state/long/address" &&
		ln -s web "$state/link" || return 1
	(unset CLOISTER_ADDR && ends 3 - --enclave web exec -- sh -c 'exit 3' &&
		ends 0 - ping --enclave web && contains out "$address") || return 1
	CLOISTER_ADDR=nonsense ends 0 - --enclave web ping &&
		ends 2 usage --enclave web --addr "$address" ping &&
		ends 66 not_found --enclave nobody ping && contains err "'nobody'" || return 1
	for name in none bad two long folder; do
		ends 66 input --enclave $name ping && contains err "'$name'" || return 1
	done
	ends 77 path --enclave link ping || return 1
	for name in '' . .. .web web/ ../cloister/web /web "$(head -c 300 /dev/zero | tr '\0' x)"; do
		ends 2 usage --enclave "$name" ping || return 1
	done
	unset XDG_RUNTIME_DIR
	[ "$(id -u)" = 0 ] || ends 2 usage --enclave web ping
}
ok '--enclave finds the address that the launcher keeps' test_enclave
test_starting() {
	export XDG_RUNTIME_DIR=$scratch/late
	local client listener status
	mkdir -p "$scratch/late/cloister/web"
	echo "unix:$scratch/late/socket" >"$scratch/late/cloister/web/address"
	ends 68 refused --enclave web --timeout 1 ping || return 1
	"$pipeline" --enclave web --timeout 60 exec true >late.out 2>late.err &
	client=$!
	sleep 0.2 # it is refused meanwhile, or has not begun: both must end well
	listen late.log --addr "unix:$scratch/late/socket"
	wait $client
	status=$?
	unset XDG_RUNTIME_DIR
	cat late.err
	same 0 $status
}
ok 'an enclave that runs and does not listen yet is waited for' test_starting
test_silent() {
	python3 -c 'import os, socket, time
s = socket.socket(socket.AF_UNIX); s.bind("silent.new"); s.listen()
os.rename("silent.new", "silent"); time.sleep(1000)' &
	local silent=$!
	await test -S silent
	ends 68 timeout --addr "unix:$scratch/silent" --timeout 1 ping &&
		ends 125 timeout --addr "unix:$scratch/silent" --timeout 1 exec true
	local status=$?
	kill $silent
	wait $silent
	return $status
}
ok 'a listener that says nothing is a timeout' test_silent

# --- Results --------------------------------------------------------------------------------------

test_ping() {
	ends 0 - ping && contains out "$address: 1 answer, least " &&
		ends 0 - --json ping -c 5 && same "$address 5 true" "$(jq -r '"\(.address) \(.count)
			\(0 < .least and .least <= .median and .median <= .most)"' out | xargs)" &&
		ends 0 - --quiet ping && same '' "$(cat out)"
}
ok 'ping measures, for people and for jq' test_ping
test_attest() {
	local without=unix:$scratch/without
	listen without.log --addr "$without" --nsm "$scratch/none" || return 1
	ends 77 no_document --addr "$without" attest -o document --nonce 00ff &&
		[ ! -e document ] && contains err 'NSM' &&
		ends 77 no_document --addr "$without" ping &&
		ends 125 no_document --addr "$without" exec true && stop "$listener" &&
		ends 66 certificate attest --root /dev/null
}
ok 'a listener without a security module can not prove itself' test_attest
test_help() {
	"$pipeline" >out 2>err
	same 2 $? && contains err 'usage: pipeline' || return 1
	"$pipeline" --help | contains /dev/stdin attest && "$pipeline" --version |
		grep -qE '^pipeline [0-9]+\.[0-9]+' || return 1
	for verb in exec shell cp ping attest audit listen; do
		"$pipeline" $verb --help >out && [ -s out ] && [ "$(wc -l <out)" -le 24 ] || return 1
	done
	ends 2 usage exec && ends 2 usage exec -x true
}
ok 'help, version, and wrong usage' test_help
test_trace() {
	CLOISTER_TRACE=slc_session ends 0 - exec -- true && jq -e -s 'length > 3 and
		all(.machine == "slc_session")' err
}
ok 'CLOISTER_TRACE shows the steps of machines' test_trace
test_many() {
	local processes=() i
	for i in $(seq 200); do
		"$BIN/pipeline" --timeout 60 exec -- sh -c "exit $((i % 200))" &
		processes+=($!)
	done
	for i in $(seq 200); do
		wait "${processes[i - 1]}"
		same $((i % 200)) $? || return 1
	done
}
ok '200 commands at once all come back, each with its own status' test_many

# --- And in the end -------------------------------------------------------------------------------

test_stop() { stop "$service" && [ ! -e s ] && ends 125 refused exec -- true; }
ok 'the listener ends well, and takes its socket away' test_stop

finish
