#!/bin/bash
# The whole way, for people and for CI: builds an image, runs it in the sandbox, enters it, copies in
# and out, asks for an attestation document over a fresh nonce, verifies it, and ends with a table of
# what was shown. Fails when a step does, and when a machine on the way was never stepped.
# usage: BIN=FOLDER-OF-PROGRAMS rbuilds/demo.sh FOLDER
set -eu
cd "$(dirname "$0")/.."
folder=$1
rm -rf "$folder" && mkdir -p "$folder"
name=demo-$$ cid=$((1000 + $$ % 30000))
image=$folder/demo.eif
XDG_RUNTIME_DIR=$(mktemp -d) # where the launcher keeps its state: of the demo alone
export XDG_RUNTIME_DIR
state=$XDG_RUNTIME_DIR/cloister/$name
machines='enclave notice cpio_head address_text boot unit unit_words conf_line shutdown
	slc_session slc_auth slc_channel slc_frame slc_hello slc_field slc_forward
	exec_job copy_job cbor_head pcr_life'
rows='' shown=''

enclave() { "$BIN/enclave" "$@"; }
pipeline() {
	CLOISTER_TRACE=all "$BIN/pipeline" --enclave "$name" --root "$root" --key "$folder/operator.key" \
		"$@" 2>>"$folder/trace"
}

fail() {
	echo "demo: $*" >&2
	exit 1
}
clean() {
	enclave terminate --name "$name" >/dev/null 2>&1 || true
	[ -z "$(jobs -p)" ] || kill $(jobs -p) 2>/dev/null || true
	rm -rf "$XDG_RUNTIME_DIR"
}
trap clean EXIT

step() { # WHAT COMMAND...: does it, and adds its time to the table
	local what=$1 begin
	shift
	printf '  %-52s' "$what"
	begin=$(date +%s%N)
	"$@" || fail "'$what' failed; what was said is in $folder"
	rows+=$(printf '  %-52s %6d ms' "$what" $((($(date +%s%N) - begin) / 1000000)))$'\n'
	echo ok
}
show() { shown+=$(printf '  %-24s %s' "$1" "$2")$'\n'; } # WHAT VALUE

build() {
	"$BIN/pipeline" --quiet keygen -o "$folder/operator.key" &&
		python3 rbuilds/image.py rbuilds/apps/demo "$image" --key "$folder/operator.key.pub" \
			${verified:+"$verified"} --any-kernel --trace all >"$folder/build.json" 2>"$folder/build"
}
start() {
	CLOISTER_TRACE=all enclave run --eif "$image" --backend sandbox --cid "$cid" --name "$name" \
		--wait-ready >"$folder/run.json" 2>>"$folder/trace" || return
	tail -q -c +1 -f "$state/log" "$state/console" >"$folder/inside" 2>/dev/null &
}
served() { # its web server listens a moment after it was started
	local try
	for try in $(seq 300); do
		pipeline exec -- wget -q -O - http://127.0.0.1:8080/ >"$folder/served" && break
		sleep 0.1
	done
	cmp "$folder/served" rbuilds/apps/demo/root/srv/www/index.html
}
execute() {
	[ "$(pipeline exec -- sh -c 'echo out; echo err >&2; exit 7' || echo "status $?")" = "out
status 7" ] || return
	served || return
	[ "$(head -c 10000000 /dev/zero | pipeline exec -i -- sha256sum | cut -d' ' -f1)" = \
		"$(head -c 10000000 /dev/zero | sha256sum | cut -d' ' -f1)" ]
}
fill() {
	mkdir -p "$folder/in/empty" "$folder/in/deep/er"
	head -c 3000000 /dev/urandom >"$folder/in/random"
	for n in $(seq 100); do echo "$n" >"$folder/in/deep/$n"; done
	ln -s ../random "$folder/in/deep/link"
	ln "$folder/in/random" "$folder/in/deep/er/hard"
}
there() { pipeline --quiet cp "$folder/in" :/tmp/demo; }
back() { pipeline --quiet cp :/tmp/demo "$folder/back" && diff -r "$folder/in" "$folder/back"; }
lead() { # a connection from here to the web server there
	printf 'GET / HTTP/1.0\r\n\r\n' | pipeline proxy 127.0.0.1:8080 | sed '1,/^\r$/d' |
		cmp - rbuilds/apps/demo/root/srv/www/index.html
}
attest() {
	nonce=$(head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n')
	pipeline attest --nonce "$nonce" -o "$folder/document.cbor" \
		--root "$root" --json >"$folder/attest.json"
}
verify() {
	"$BIN/attest" verify --doc "$folder/document.cbor" --root "$root" --nonce "$nonce" \
		--pcr "0=$pcr0" --pcr "1=$pcr1" --pcr "2=$pcr2" --max-age 5m --json >"$folder/verify.json"
}
audit() { # what was done above, as the enclave has kept it, and as its document says
	pipeline audit --root "$root" --json >"$folder/audit.json" &&
		[ "$(jq -r '"\(.verdict) \(.entered)"' "$folder/audit.json")" = 'intact true' ] &&
		[ "$(jq '[.records[] | select(.kind == "put")] | length > 0' "$folder/audit.json")" = true ]
}
refuse() { # what must not be accepted
	! "$BIN/pipeline" --enclave "$name" exec -- true >/dev/null 2>"$folder/refused" &&
		grep -qx 'reason: document' "$folder/refused" || return
	! "$BIN/attest" verify --doc "$folder/document.cbor" --root "$root" --nonce "00$nonce" \
		>/dev/null 2>&1 &&
		! "$BIN/attest" verify --doc "$folder/document.cbor" --nonce "$nonce" >/dev/null 2>&1
}
shut_out() { # who has no key, and who has one that the image does not know
	"$BIN/pipeline" --quiet keygen -o "$folder/stranger.key" &&
		! "$BIN/pipeline" --enclave "$name" --root "$root" exec true 2>"$folder/no-key" &&
		grep -qx 'reason: auth_required' "$folder/no-key" &&
		! "$BIN/pipeline" --enclave "$name" --root "$root" --key "$folder/stranger.key" exec true \
			2>"$folder/stranger" && grep -qx 'reason: key' "$folder/stranger"
}
stop() {
	enclave terminate --name "$name" >"$folder/terminate.json" 2>>"$folder/trace"
	for _ in $(seq 600); do # what was said last is on its way to the file
		grep -q '"machine":"shutdown".*"to":"over"' "$folder/inside" && return
		sleep 0.1
	done
	echo 'no word of the end of shutdown' >&2
	return 1
}
pcr() { jq -r ".Measurements.PCR$1" "$folder/describe.json"; }

verified='' passed='unverified: make gate proves and fuzzes what it is made of'
if python3 verify/stamp.py check 2>"$folder/stale"; then
	verified=--verified passed='all that it is made of has passed'
fi
echo "Cloister: from a folder to an attested enclave that answers"
step 'build an image that knows a key' build
"$BIN/eif" describe "$image" >"$folder/describe.json"
pcr0=$(pcr 0) pcr1=$(pcr 1) pcr2=$(pcr 2)
step 'run it (sandbox) until its units are up' start
root=$("$BIN/nsmsim" root)
step 'see a client without a listed key shut out' shut_out
step 'have it prove itself, run commands, ask its server' execute
fill
step 'lead a connection to its web server' lead
step 'copy a directory in' there
step 'copy it out again, and compare' back
step 'ask for an attestation document over a fresh nonce' attest
step 'verify it: signature, chain, nonce, age, PCR0-2' verify
step 'fetch its log of who was inside, and check it' audit
step 'see it refused: other nonce, root not named' refuse
step 'terminate the enclave' stop

for machine in $machines; do
	grep -q "\"machine\":\"$machine\"" "$folder/trace" "$folder/inside" ||
		fail "the machine $machine was never stepped"
done
show 'image' "$(jq -r .ImageName "$folder/describe.json") ($passed)"
"$BIN/eif" evidence "$image" --tree . --json >"$folder/evidence.json" 2>/dev/null ||
	[ -z "$verified" ] || fail "the evidence is not that of these sources: see $folder/evidence.json"
show 'goals proved, measured' "$(jq -r .Measured.summary.goals "$folder/evidence.json")"
show 'image SHA-256' "$(sha256sum "$image" | cut -d' ' -f1)"
show 'PCR0 of the file' "$pcr0"
show 'PCR0 of the document' "$(jq -r '.document.pcrs["0"]' "$folder/verify.json")"
show 'nonce' "$nonce"
show 'records of its log' "$(jq -r .count "$folder/audit.json")"
show 'bytes copied' "$(($(find "$folder/in" "$folder/back" -type f -printf '%s\n' | paste -sd+)))"
show 'commands, copies, proofs' "$(grep '"machine":"exec_job"' "$folder/inside" |
	grep -v '"from":"done"' | grep -c '"to":"done"')"
echo
printf '%s\n' "$rows"
printf '%s\n' "$shown"
echo "the document is signed by the simulator's development root: on Nitro, AWS's takes its place"
