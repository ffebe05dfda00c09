#!/bin/bash
# The names that people know from the Sentient framework's pipeline, with its flags; ways to say
# where to; and pipeline.conf, with what stands above it.
# shellcheck disable=SC2016 # commands are expanded by the shell that they are for
. "$(dirname "$0")/pipeline_common.bash"

export CLOISTER_VSOCK_DIR=$scratch/vsock XDG_CONFIG_HOME=$scratch/config
unset CLOISTER_KEY XDG_RUNTIME_DIR
mkdir -p vsock/any vsock/127 config/cloister
listen service.log --port 53000 || exit 1
ln vsock/any/53000 vsock/127/53000 # as the launcher has it, for whom the two are one folder
to=(--cid 127 --port 53000)
root=$CLOISTER_ROOT
file=$scratch/config/cloister/pipeline.conf

# --- run ------------------------------------------------------------------------------------------

test_run() {
	"$pipeline" run "${to[@]}" --command 'echo "$0 out"; echo err >&2; exit 7' >out 2>err
	same 7 $? && same 'bash out' "$(cat out)" && same err "$(cat err)" &&
		same '137 ' "$("$pipeline" run "${to[@]}" --command 'kill -9 $$' 2>&1; echo "$? ")" &&
		same '127 ' "$("$pipeline" run "${to[@]}" --command 'exit 127' 2>&1; echo "$? ")"
}
ok 'run --command: a text for bash, both streams apart, its status' test_run
test_run_binary() { # what the other one can't print it does not run; D11
	head -c 12000 /dev/urandom >noise &&
		"$pipeline" run "${to[@]}" --command "cat '$scratch/noise'" | cmp - noise
}
ok 'run: any bytes come back as they are' test_run_binary
test_run_sh() { # an image without bash: a PATH in which there is none
	mkdir -p bin && ln -sf "$(command -v sh)" bin/sh || return 1
	setsid env PATH="$scratch/bin" \
		"$pipeline" listen --nsm "$scratch/nsm" --addr "unix:$scratch/sh" >sh.log 2>&1 &
	listeners+=" $!"
	await grep -q listening sh.log || return 1
	"$pipeline" run --addr "unix:$scratch/sh" --command 'echo $0; exit 3' >out 2>err
	same "3 sh" "$? $(cat out)"
}
ok 'run: sh, where there is no bash' test_run_sh
test_run_json() {
	"$pipeline" run "${to[@]}" --json --command 'printf "a\nb\377"; echo é >&2; exit 5' >out 2>err
	same 5 $? && same '{"a":"a\\x0ab\\xff","e":"é\n","rc":5,"t":true}' \
		"$(jq -c '{a: .stdout, e: .stderr, rc, t: .attested}' out)" || return 1
	same '"a\\x00\\xff\\x00"' "$("$pipeline" run "${to[@]}" --json --command 'printf "a\0\377\0"' | jq -c .stdout)" || return 1
	same '{"stdout":"sh\n","rc":3}' "$("$pipeline" run --addr "unix:$scratch/sh" --json \
		--command 'echo $0; exit 3' | jq -c '{stdout, rc}')" &&
		ends 125 limit run "${to[@]}" --json --command yes &&
		ends 125 refused run --cid 99 --port 5 --json --command true &&
		ends 125 document run "${to[@]}" --json --root "$repository/tests/data/attestation/root.pem" --command true &&
		ends 2 usage run --json --command true
}
ok 'run --json: what it has said, and its status, as an object' test_run_json
test_no_wait() {
	rm -f ended
	"$pipeline" run "${to[@]}" --no-wait --command "while ! [ -e '$scratch/go' ]; do sleep 0.05; done; exit 9" >out &&
		number=$(cat out) && : >go && "$pipeline" "${to[@]}" wait "$number"
	same 9 $? && [ -n "$number" ]
}
ok 'run --no-wait: it goes on when the client has left, and its status is kept' test_no_wait
ok 'run: no command is wrong usage' ends 2 usage run "${to[@]}"
ok 'run: nobody there is a failure of ours' ends 125 refused run --cid 99 --port 53000 --command true

# --- Copies ---------------------------------------------------------------------------------------

test_files() {
	head -c 100000 /dev/urandom >here &&
		"$pipeline" send-file "${to[@]}" --localpath here --remotepath "$scratch/there" &&
		cmp here there && "$pipeline" recv-file "${to[@]}" --remotepath "$scratch/there" \
		--localpath back && cmp here back || return 1
	printf x >-- && cp -- -- ':colon' && "$pipeline" send-file "${to[@]}" --localpath=:colon \
		--remotepath "$scratch/there" && same x "$(cat there)" &&
		"$pipeline" send-file "${to[@]}" --localpath=-- --remotepath "$scratch/there"
}
ok 'send-file and recv-file' test_files
test_folders() {
	rm -rf tree there back && mkdir -p tree/a/empty && echo 1 >tree/a/file && ln -s a tree/link &&
		chmod 750 tree/a && mkdir there && echo old >there/old || return 1
	"$pipeline" send-dir "${to[@]}" --localdir tree --remotedir "$scratch/there" &&
		same old "$(cat there/old)" && rm there/old && touch -r tree there &&
		"$pipeline" recv-dir "${to[@]}" --remotedir "$scratch/there" --localdir back --json >out &&
		same_tree tree there && same_tree tree back && same true "$(jq .attested out)"
}
ok 'send-dir and recv-dir: what is copied becomes the target, or goes into it' test_folders
test_failed() { # D5, D13
	ends 66 not_found recv-file "${to[@]}" --remotepath "$scratch/none" --localpath here &&
		[ -s here ] && ends 66 not_found send-file "${to[@]}" --localpath here \
		--remotepath "$scratch/no/such/folder" &&
		ends 2 usage send-dir "${to[@]}" --localpath tree --remotedir x &&
		ends 2 usage send-file "${to[@]}" --localpath here
}
ok 'a copy that fails says so, and leaves what was there' test_failed
test_pipeline_dir() {
	ln -sf "$pipeline" pipeline-dir && rm -rf there back &&
		./pipeline-dir send-dir tree "$scratch/there" && # to 127 and 53000, as it always did
		CLOISTER_ADDR=unix:$scratch/sh ./pipeline-dir recv-dir "$scratch/there" back &&
		same_tree tree there && same_tree tree back && says ./pipeline-dir 2 usage send-dir tree
}
ok 'pipeline-dir send-dir and recv-dir' test_pipeline_dir

on_terminal() { # COMMAND...: its output, and what it ends with
	python3 -c 'import os, pty, sys; print("status", os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))' "$@" </dev/null
}
test_shell_sh() { # whom it wants; what a shell does is in slc_terminal.py
	ln -sf "$pipeline" shell.sh
	on_terminal ./shell.sh 99 98 >out && contains out 'vsock:98:99' && contains out 'status 125' &&
		on_terminal ./shell.sh 99 >out && contains out 'vsock:127:99' || return 1
	CLOISTER_ADDR=unix:$scratch/nobody on_terminal ./shell.sh >out && contains out "unix:$scratch/nobody" || return 1
	says ./shell.sh 2 usage x && says ./shell.sh 2 usage 1 2 3
}
ok 'shell.sh PORT CID' test_shell_sh

# --- Where to -------------------------------------------------------------------------------------

enclave() { # NAME ADDRESS ID
	mkdir -p "run/cloister/$1" && echo "$2" >"run/cloister/$1/address" &&
		printf '{"EnclaveID": "%s", "EnclaveCID": 127}' "$3" >"run/cloister/$1/state.json"
}
test_identity() {
	enclave one "unix:$scratch/nobody" i-1-enc1 && enclave two "unix:$scratch/vsock/127/5005" i-1-enc2 &&
		mkdir -p run/cloister/broken && echo '{' >run/cloister/broken/state.json || return 1
	export XDG_RUNTIME_DIR=$scratch/run
	ends 0 - --enclave-id i-1-enc2 --vsock-port 53000 exec -- true &&
		ends 0 - --enclave two --port 53000 exec -- true &&
		ends 66 not_found --enclave-id i-1-enc3 --vsock-port 53000 ping &&
		ends 2 usage --enclave one --port 53000 ping
}
ok '--enclave-id and --vsock-port' test_identity
test_exclusive() {
	ends 2 usage --cid 127 --addr "unix:$scratch/s" ping && ends 2 usage --port 5 ping &&
		ends 2 usage --cid 127 --enclave two ping && ends 2 usage --cid x ping &&
		ends 2 usage --cid 127 --port 0 ping && ends 2 address listen --port x --nsm "$scratch/nsm" &&
		ends 2 usage --cid 5 listen --port 5
}
ok 'ways to say where to exclude each other' test_exclusive

# --- pipeline.conf --------------------------------------------------------------------------------

says_conf() { printf '%s\n' "$@" >"$file"; }
test_conf() {
	unset CLOISTER_ROOT CLOISTER_ADDR
	cp "$root" config/cloister/root.pem
	says_conf 'enclave = "web"' 'timeout = 30' '[enclaves.web]' 'address = "vsock:127:53000"' \
		'root = "root.pem"' '[enclaves.two]' "root = \"$root\"" '[enclaves.nobody]' \
		"address = \"unix:$scratch/nobody\""
	ends 0 - ping && ends 0 - --enclave web ping && ends 0 - --enclave web attest &&
		ends 68 refused --enclave nobody --timeout 1 ping &&
		ends 0 - --enclave two --port 53000 exec -- true && # where it is the launcher knows
		ends 66 not_found --enclave three ping
}
ok 'enclaves have names, addresses and roots there' test_conf
test_precedence() {
	ends 68 refused --addr "unix:$scratch/nobody" ping || return 1
	CLOISTER_ADDR=unix:$scratch/nobody ends 68 refused ping || return 1
	CLOISTER_ADDR=unix:$scratch/nobody ends 0 - --enclave web ping || return 1
	: >empty.pem
	CLOISTER_ROOT=$scratch/empty.pem ends 66 certificate ping || return 1
	CLOISTER_ROOT=$scratch/empty.pem ends 0 - --root "$root" ping || return 1
	says_conf 'key = "file:none.key"' '[enclaves.web]' 'address = "vsock:127:53000"' "root = \"$root\""
	ends 66 input --enclave web ping && contains err "$scratch/config/cloister/none.key" || return 1
	"$pipeline" keygen -o own.key --quiet || return 1
	CLOISTER_KEY=file:$scratch/own.key ends 0 - --enclave web ping &&
		CLOISTER_KEY=file:none ends 0 - --enclave web --key "file:$scratch/own.key" ping
}
ok 'the command line stands above the environment, that above the file' test_precedence
test_group() { # the first of those that both ends know: OpenSSL has the first one since 3.5
	local wanted=x25519
	openssl list -kem-algorithms 2>/dev/null | contains /dev/stdin X25519MLKEM768 && wanted=X25519MLKEM768
	says_conf ''
	same "$wanted" "$("$pipeline" "${to[@]}" --root "$root" attest --json | jq -r .group)"
}
ok 'keys are agreed on in the best way that the library knows' test_group
test_policies() {
	local pcr0
	says_conf ''
	pcr0=$("$pipeline" "${to[@]}" --root "$root" attest --json | jq -r '.document.pcrs["0"]') || return 1
	printf 'root = "%s"\n[[image]]\nname = "ours"\npcr0 = "%s"\n' "$root" "$pcr0" >config/cloister/good.policy
	sed "s/pcr0 = \"./pcr0 = \"$([ "${pcr0:0:1}" = 0 ] && echo 1 || echo 0)/" config/cloister/good.policy >bad.policy
	says_conf '[policies]' 'good = "good.policy"' "bad = \"$scratch/bad.policy\"" '[enclaves.web]' \
		'address = "vsock:127:53000"' 'policy = "good"' '[enclaves.bad]' \
		'address = "vsock:127:53000"' 'policy = "bad"' '[enclaves.path]' \
		'address = "vsock:127:53000"' 'policy = "good.policy"'
	ends 0 - --enclave web ping && ends 77 document --enclave bad ping &&
		ends 0 - --enclave path ping && ends 0 - --enclave bad --policy good ping &&
		ends 77 document --enclave web --policy bad ping &&
		ends 77 document --enclave web --policy "$scratch/bad.policy" ping &&
		ends 2 usage --enclave web --accept-unsigned ping && ends 2 usage --enclave web --root "$root" ping || return 1
	CLOISTER_ROOT=$scratch/empty.pem ends 0 - --enclave web ping # the policy says it
}
ok 'policies have names there, and nothing makes one weaker' test_policies
test_mistakes() {
	says_conf 'tmieout = 5'
	ends 65 unknown "${to[@]}" ping && contains err "pipeline.conf:1:1: unknown key 'tmieout'" || return 1
	says_conf '[enclaves.web]' 'address = "vsock:127:53000"' 'adress = ""'
	ends 65 unknown "${to[@]}" ping && contains err 'pipeline.conf:3:1' || return 1
	says_conf '[enclaves.web]' '[enclaves.other]' 'address = "nonsense"'
	ends 65 range --enclave web ping && contains err 'pipeline.conf:3:1' || return 1
	says_conf 'timeout = 0'
	ends 65 range "${to[@]}" ping || return 1
	ends 125 range "${to[@]}" exec -- true || return 1
	says_conf '[enclaves.web]' 'policy = "x"' 'accept_debug = true'
	ends 65 range --enclave web ping || return 1
	says_conf 'policy = "x"' 'root = "y"'
	ends 65 range "${to[@]}" ping || return 1
	says_conf 'key = 5'
	ends 65 type "${to[@]}" ping
}
ok 'every mistake has its line and column, also in an enclave that is not meant' test_mistakes
test_file() {
	says_conf '' && chmod 666 "$file"
	ends 66 permission "${to[@]}" --root "$root" ping && contains err 'chmod' || return 1
	rm "$file"
	ends 0 - "${to[@]}" --root "$root" ping &&
		ends 66 not_found "${to[@]}" --root "$root" --config "$scratch/none" ping &&
		ends 0 - "${to[@]}" --root "$root" --config /dev/null ping || return 1
	printf '[enclaves.web]\naddress = "vsock:127:53000"\nroot = "%s"\n' "$root" >other
	ends 0 - --config other --enclave web ping && ends 0 - ping --config other --enclave web
}
ok 'a file that others may write to is not believed; --config names another one' test_file
finish
