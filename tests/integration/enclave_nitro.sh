#!/bin/bash
# The backend nitro, with a stand-in for nitro-cli (nitro_cli.py): what it is asked, what is made of its
# answers, each of its errors, and that no enclave is left.
without_sandbox=yes
. "$(dirname "$0")/enclave_common.bash"
export STAND_IN=$scratch/stand-in NITRO_CLI=$here/nitro_cli.py CLOISTER_VSOCK_DIR=$scratch/vsock
mkdir -p "$STAND_IN" "$CLOISTER_VSOCK_DIR/any" plain.root
echo content >plain.root/init && image plain.eif plain.root || exit 1

mode() { echo "$*" >"$STAND_IN/mode"; }
nitro() { # NAME ARGUMENT...: starts an enclave
	local name=$1
	shift
	"$enclave" run --eif plain.eif --backend nitro --name "$name" --boot-timeout 120 \
		--ready-timeout 120 "$@" >started
}
ran_of() { jq -r ".$1" started; }
# Neither here nor at nitro-cli.
nothing_anywhere() {
	nothing_left && same '' "$(cd "$STAND_IN" && ls -- *.enclave 2>/dev/null)"
}
fails() { # WORD ARGUMENT...: a start
	local word=$1
	shift
	ends 75 "$word" run --eif plain.eif --backend nitro --name demo "$@" && nothing_anywhere
}

# --- A life -----------------------------------------------------------------------------------------

test_life() {
	mode ok && rm -f "$STAND_IN/calls" && nitro life --cid 20 --cpu-count 2 --memory 128 || return 1
	contains "$STAND_IN/calls" "run-enclave --eif-path $scratch/plain.eif --enclave-name life --enclave-cid 20 --memory 128 --cpu-count 2" &&
		same 'EnclaveName EnclaveID ProcessID EnclaveCID NumberOfCPUs CPUIDs MemoryMiB' \
			"$(jq -r 'keys_unsorted | join(" ")' started)" &&
		same "$(jq -r .EnclaveID "$STAND_IN/life.enclave") life 20 2 1,3 128" \
			"$(jq -r '"\(.EnclaveID) \(.EnclaveName) \(.EnclaveCID) \(.NumberOfCPUs) \(.CPUIDs |
			map(tostring) | join(",")) \(.MemoryMiB)"' started)" &&
		same "unix:$CLOISTER_VSOCK_DIR/20/5005" "$(cat "$state/life/address")" &&
		ends 0 - describe life && same 'RUNNING NONE nitro' \
		"$(jq -r '.[0] | "\(.State) \(.Flags) \(.Cloister.Backend)"' out)" &&
		same "$("$BIN/eif" describe plain.eif | jq -c .Measurements)" \
			"$(jq -c '.[0].Measurements' out)" &&
		ends 77 not_debug console life &&
		ends 0 - terminate --id "$(ran_of EnclaveID)" && jq -e .Terminated out &&
		contains "$STAND_IN/calls" "terminate-enclave --enclave-id $(ran_of EnclaveID)" &&
		nothing_anywhere
}
ok 'nitro-cli runs an enclave, and what it tells of it is told' test_life
test_ids() {
	mode ok && nitro ids --cpu-ids 5 7 9 --memory 128 &&
		contains "$STAND_IN/calls" '--cpu-ids 5 7 9' && same '3 5,7,9' \
		"$(jq -r '"\(.NumberOfCPUs) \(.CPUIDs | map(tostring) | join(","))"' started)" &&
		ends 0 - terminate ids && nothing_anywhere
}
ok 'CPUs are named' test_ids
test_debug() {
	mode ok && nitro debug --debug-mode && contains "$STAND_IN/calls" --debug-mode &&
		await contains "$state/debug/console" 'init begins' &&
		ends 0 - describe debug && same DEBUG_MODE "$(jq -r '.[0].Flags' out)" || return 1
	"$enclave" console debug >shown &
	await contains shown 'init begins' && ends 0 - terminate debug && wait $! && nothing_anywhere
}
ok 'the console of one in debug mode is nitro-cli s' test_debug
test_two() {
	mode daemon && nitro one && nitro two && ends 0 - list && contains out one && contains out two &&
		ends 0 - terminate --all && nothing_anywhere
}
ok 'two run; a daemon that holds the pipes of nitro-cli holds up nobody' test_two

# --- Readiness --------------------------------------------------------------------------------------

test_early() {
	mode early && nitro early --wait-ready && ends 0 - describe early &&
		same "$(ran_of EnclaveID)" "$(jq -r '.[0].EnclaveID' out)" &&
		ends 0 - terminate early && nothing_anywhere
}
ok 'one that is ready before nitro-cli returns is ready' test_early
say() { # LINE: as init does over vsock
	python3 -c 'import os, socket, sys
end = socket.socket(socket.AF_UNIX)
end.connect(os.environ["CLOISTER_VSOCK_DIR"] + "/any/9002")
end.sendall(sys.argv[1].encode() + b"\n")
end.shutdown(socket.SHUT_WR)
end.recv(1)' "$1"
}
health_is() { [[ $("$enclave" describe "$1" | jq -r '.[0].Cloister.Health') =~ $2 ]]; }
test_ready() {
	# Nobody answers for its health, so that it is soon called unreachable.
	mode ok && nitro late && health_is late running && say 'ready 2' &&
		await health_is late 'ready|unreachable' &&
		nitro deaf && ends 0 - terminate deaf && # whose lines nobody can hear
		say 'farewell 0 poweroff' && rm "$STAND_IN/late.enclave" &&
		await nothing_anywhere
}
ok 'readiness and farewell are heard; a second one goes without, and runs' test_ready
test_lost() {
	mode ok && nitro lost && rm "$STAND_IN/lost.enclave" || return 1
	"$enclave" terminate lost >/dev/null 2>&1 # or it has been found out before
	await nothing_anywhere && nitro lost && rm "$STAND_IN/lost.enclave" && await nothing_anywhere
}
ok 'an enclave that nitro-cli does not list any more has ended' test_lost
test_unreachable() {
	mode ok && nitro there && mode errors &&
		await grep -q 'does not tell which enclaves run' "$state/there/log" &&
		ends 0 - list && contains out there && mode ok && ends 0 - terminate there && nothing_anywhere
}
ok 'one that nitro-cli can not reach now is not taken for gone' test_unreachable

# --- What fails -------------------------------------------------------------------------------------

test_errors() { # by a script that begins sooner than Python
	local number code
	for number in $(seq 0 60); do
		code=$(printf 'E%02d' "$number")
		printf '#!/bin/sh\necho "[ %s ] what it says" >&2\nexit %d\n' "$code" "$number" >failing
		chmod +x failing
		NITRO_CLI=$scratch/failing fails "${code,}" && contains err "$code: " &&
			contains err 'what it says' || return 1
	done
	mode fail E26 && fails e26 && contains err 'enclave size' && mode fail E99 && fails nitro_cli &&
		contains err 'code 99'
}
ok 'each error of nitro-cli, E00 to E60, is told with what it is about' test_errors
test_odd() {
	mode silent && fails nitro_cli && contains err 'code 3' && mode garbage && fails nitro_cli &&
		contains err 'no JSON' && mode huge && fails nitro_cli && contains err 'more than' &&
		mode form && fails nitro_cli && contains err 'EnclaveID' &&
		mode form '../up' && fails nitro_cli && mode form "$(printf '%070d' 7)" && fails nitro_cli
}
ok 'no JSON, JSON of another form, or without an end' test_odd
test_absent() {
	mode ok && NITRO_CLI=$scratch/none ends 75 nitro_cli run --eif plain.eif --backend nitro &&
		contains err NITRO_CLI && NITRO_CLI=$enclave ends 75 nitro_cli run --eif plain.eif \
		--backend nitro && contains err itself && nothing_anywhere || return 1
	mkdir -p bin && ln -sf "$enclave" bin/nitro-cli
	(unset NITRO_CLI && PATH=$scratch/bin:$PATH ends 75 nitro_cli run --eif plain.eif \
		--backend nitro && contains err 'dnf install') && nothing_anywhere
}
ok 'without nitro-cli, or where it is this program itself' test_absent
test_hang() {
	mode hang && rm -f "$STAND_IN/calls" || return 1
	"$enclave" run --eif plain.eif --backend nitro --name hang >/dev/null 2>&1 &
	await test -e "$STAND_IN/hang.enclave" && mode ok && ends 0 - terminate hang
	wait $!
	contains "$STAND_IN/calls" 'terminate-enclave --enclave-name hang' && nothing_anywhere
}
ok 'one that is not wanted any more while nitro-cli starts it is ended' test_hang
test_deaf() {
	mode ok && nitro deaf --stop-timeout 600 && mode deaf || return 1
	"$enclave" terminate deaf >/dev/null &
	await grep -q 'does not end the enclave' "$state/deaf/log" && mode ok && wait $! &&
		nothing_anywhere
}
ok 'where nitro-cli does not end an enclave it is asked again' test_deaf

finish
