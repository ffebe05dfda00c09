#!/bin/bash
# The launcher called nitro-cli: its verbs, options, JSON and error numbers; and --config of both names.
. "$(dirname "$0")/enclave_common.bash"
export CLOISTER_BACKEND=sandbox STAND_IN=$scratch/stand-in
mkdir bin "$STAND_IN" && ln -s "$enclave" bin/nitro-cli && image_that plain.eif || exit 1

cli() { # CODE ARGUMENT...: stdout goes to `out`, stderr to `err`
	local code=$1 status
	shift
	bin/nitro-cli "$@" >out 2>err
	status=$?
	[ $status -eq "$code" ] || { echo "expected $code, found $status: $*" && cat err; return 1; }
	# A failure has its number, which is the exit code.
	[ "$code" -eq 0 ] || contains err "$(printf '[ E%02d ] ' "$code")"
}
start() { cli 0 run-enclave --eif-path plain.eif --memory 128 --cpu-count 2 "$@"; }

test_life() {
	start --enclave-cid 40 && same \
		'EnclaveName EnclaveID ProcessID EnclaveCID NumberOfCPUs CPUIDs MemoryMiB' \
		"$(jq -r 'keys_unsorted | join(" ")' out)" && same 'plain 40 2 128' \
		"$(jq -r '"\(.EnclaveName) \(.EnclaveCID) \(.NumberOfCPUs) \(.MemoryMiB)"' out)" ||
		return 1
	cli 0 describe-enclaves && same \
		'EnclaveName EnclaveID ProcessID EnclaveCID NumberOfCPUs CPUIDs MemoryMiB State Flags Measurements' \
		"$(jq -r '.[0] | keys_unsorted | join(" ")' out)" &&
		cli 0 describe-enclaves --metadata && same 'ImageName ImageVersion Metadata' \
		"$(jq -r '.[0] | keys_unsorted | .[10:] | join(" ")' out)" &&
		cli 58 run-enclave --eif-path plain.eif --memory 128 --cpu-count 2 --enclave-name plain &&
		cli 44 console --enclave-name plain && contains err debug &&
		cli 0 terminate-enclave --enclave-id "$(jq -r '.[0].EnclaveID' <<<"$("$enclave" describe)")" &&
		same 'EnclaveName EnclaveID Terminated' "$(jq -r 'keys_unsorted | join(" ")' out)" &&
		cli 0 describe-enclaves && same '[]' "$(cat out)" && nothing_left
}
ok 'an enclave lives: the keys are those of nitro-cli and no others' test_life
test_console() {
	start --debug-mode --enclave-name shown && cli 0 describe-enclaves &&
		same DEBUG_MODE "$(jq -r '.[0].Flags' out)" || return 1
	bin/nitro-cli console --enclave-name shown --disconnect-timeout 9 >console &
	await contains console 'init begins' && cli 0 terminate-enclave --all && wait $! && nothing_left
}
ok 'the console of one in debug mode' test_console

test_eif() {
	cp plain.eif bad.eif && printf X | dd of=bad.eif bs=1 seek=1000 conv=notrunc 2>/dev/null
	cli 0 describe-eif --eif-path plain.eif && "$BIN/eif" describe plain.eif | cmp - out &&
		cli 0 describe-eif --eif-path bad.eif && same false "$(jq .CheckCRC out)" &&
		cli 19 describe-eif --eif-path nothing && cli 35 describe-eif --eif-path kernel &&
		cli 1 describe-eif && cli 3 describe-eif --eif-path && cli 3 describe-eif --bogus x &&
		cli 3 describe-eif --eif-path plain.eif more
}
ok 'an image is described; a false check is a value, and no failure' test_eif
test_pcr() {
	cli 0 pcr --input kernel && same "$("$enclave" pcr --input kernel)" "$(cat out)" &&
		cli 19 pcr --input nothing && cli 59 pcr --signing-certificate kernel && cli 3 pcr
}
ok 'PCRs of files and certificates' test_pcr

test_numbers() {
	head -c 600 plain.eif >cut.eif
	cli 1 run-enclave && cli 1 run-enclave --eif-path plain.eif --cpu-count 2 &&
		cli 1 run-enclave --eif-path plain.eif --memory 128 &&
		cli 2 run-enclave --eif-path plain.eif --memory 128 --cpu-count 2 --cpu-ids 1 3 &&
		cli 3 run-enclave --eif-path plain.eif --memory x --cpu-count 2 && cli 3 run-enclave --x &&
		cli 3 run-enclave --eif-path plain.eif --memory 128 --cpu-count 2 --enclave-cid 3 &&
		cli 3 run-enclave --eif-path plain.eif --memory 128 --cpu-ids 70000 &&
		cli 19 run-enclave --eif-path nothing --memory 128 --cpu-count 2 &&
		cli 35 run-enclave --eif-path cut.eif --memory 128 --cpu-count 2 &&
		cli 26 run-enclave --eif-path plain.eif --memory 1 --cpu-count 2 &&
		cli 58 terminate-enclave --enclave-name nobody && cli 3 terminate-enclave &&
		cli 58 console --enclave-id i-0 && cli 14 && cli 14 frobnicate && contains err '#E14' &&
		XDG_RUNTIME_DIR=$scratch/kernel cli 19 run-enclave --eif-path plain.eif --memory 128 --cpu-count 2
}
ok 'failures have the numbers of nitro-cli, and end with them' test_numbers
test_fails() {
	image_that exit.eif exit
	cli 36 run-enclave --eif-path exit.eif --memory 128 --cpu-count 1 && nothing_left
}
ok 'an enclave that does not come up' test_fails
test_nitro() {
	printf '#!/bin/sh\necho "[ E27 ] no room" >&2\nexit 27\n' >failing && chmod +x failing &&
		CLOISTER_BACKEND=nitro NITRO_CLI=$scratch/failing \
			cli 27 run-enclave --eif-path plain.eif --memory 128 --cpu-count 2 &&
		contains err 'no room' && contains err memory_mib &&
		CLOISTER_BACKEND=nitro NITRO_CLI=$here/nitro_cli.py start --enclave-name real &&
		same 1,3 "$(jq -r '.CPUIDs | map(tostring) | join(",")' out)" &&
		NITRO_CLI=$here/nitro_cli.py cli 0 terminate-enclave --enclave-name real && nothing_left
}
ok 'it hands on to the real one, and its errors back' test_nitro
test_explain() {
	cli 0 explain --error-code E26 && contains out E26 && contains out 'enclave size' || return 1
	for number in $(seq 0 60); do
		cli 0 explain --error-code "$(printf 'E%02d' "$number")" &&
			same 1 "$(wc -l <out)" || return 1
	done
	cli 3 explain --error-code E61 && cli 3 explain --error-code x && cli 1 explain &&
		cli 0 --help && contains out run-enclave && cli 0 --version && cli 0 explain --help
}
ok 'numbers are explained' test_explain

# --- --config ---------------------------------------------------------------------------------------

config() { printf '%s\n' "$*" >config.json; }
test_config() {
	config '{"eif_path": "plain.eif", "enclave_cid": 50, "memory_mib": 128, "cpu_count": 3,
		"debug_mode": true, "enclave_name": "told", "attach_console": null}'
	cli 0 run-enclave --config config.json && same 'told 50 3 128' \
		"$(jq -r '"\(.EnclaveName) \(.EnclaveCID) \(.NumberOfCPUs) \(.MemoryMiB)"' out)" &&
		cli 0 describe-enclaves && same DEBUG_MODE "$(jq -r '.[0].Flags' out)" &&
		cli 0 terminate-enclave --enclave-name told || return 1
	config '{"eif_path": "plain.eif", "cpu_ids": [2, 3, 5, 7]}'
	ends 0 - run --config config.json --backend sandbox && same 'plain 4' \
		"$(jq -r '"\(.EnclaveName) \(.NumberOfCPUs)"' out)" && ends 0 - terminate --all && nothing_left
}
ok 'settings come from a file' test_config
test_config_errors() {
	local text
	while read -r text; do
		config "$text"
		cli 17 run-enclave --config config.json && contains err config.json &&
			ends 65 config run --config config.json || return 1
	done <<-'TEXTS'
		[]
		{"eif_path": 1}
		{"eif_path": ""}
		{"memory_mib": 0}
		{"memory_mib": "128"}
		{"memory_mib": 16777217}
		{"enclave_cid": -1}
		{"enclave_cid": 4294967295}
		{"cpu_count": 1.5}
		{"cpu_ids": []}
		{"cpu_ids": 1}
		{"cpu_ids": [65536]}
		{"debug_mode": 1}
		{"attach_console": "yes"}
		{"enclave_name": 7}
		{"unknown": 1}
		{"memory_mib": 128, "memory_mib": 128}
		{"memory_mib": 128
		not JSON
	TEXTS
	head -c 70000 /dev/zero | tr '\0' ' ' >config.json && cli 17 run-enclave --config config.json &&
		cli 19 run-enclave --config nothing && cli 19 run-enclave --config . &&
		config '{"eif_path": "plain.eif", "enclave_cid": 2}' && cli 3 run-enclave --config config.json &&
		config '{"enclave_name": "../up"}' && cli 3 run-enclave --config config.json &&
		config '{"eif_path": "plain.eif", "memory_mib": 128}' && cli 1 run-enclave --config config.json &&
		cli 2 run-enclave --config config.json --memory 128 && ends 2 usage run --config config.json \
		--eif plain.eif && config '{"cpu_ids": [1], "cpu_count": 1}' &&
		cli 2 run-enclave --config config.json && nothing_left
}
ok 'files that say what they may not, twice, or nothing' test_config_errors

finish
