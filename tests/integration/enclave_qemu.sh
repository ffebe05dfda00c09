#!/bin/bash
# The launcher with QEMU: a life, what fails and how, and that nothing is left. QEMU and vsockd are
# stand-ins (enclave_qemu.py); `make e2e` has the real ones.
without_sandbox=yes
. "$(dirname "$0")/enclave_common.bash"

for role in qemu vsockd; do
	printf '#!/bin/sh\nexec python3 "%s/enclave_qemu.py" "%s" %s "$@"\n' \
		"$here" "$scratch" $role >$role
	chmod +x $role
done
export CLOISTER_QEMU=$scratch/qemu

# An image for the stand-in, which does what the words say.
that() { # FILE WORD...
	local file=$1
	shift
	mkdir -p root && echo init >root/init
	echo "mode: $*" >kernel
	image "$file" root
}
boot() { # NAME IMAGE ARGUMENT...
	local name=$1 file=$2
	shift 2
	"$enclave" run --backend qemu --vsockd "$scratch/vsockd" --eif "$file" --name "$name" \
		--boot-timeout 120 --ready-timeout 120 --wait-ready "$@" >started 2>err
}
fails() { # WORD IMAGE ARGUMENT...: it does not come up, for that reason
	local word=$1 file=$2
	shift 2
	ends 75 "$word" run --backend qemu --vsockd "$scratch/vsockd" --eif "$file" "$@"
}
machines() { pgrep -f "enclave_qemu.py $scratch "; }
machine() { pgrep -f "enclave_qemu.py $scratch $1 "; } # ROLE
no_machines() { [ -z "$(machines)" ]; }
all_gone() { nothing_left && await no_machines; }
is_gone() { [ ! -e "$state/$1" ] && [ -z "$(pgrep -f "$state/$1/")" ]; } # NAME

that plain.eif
test_life() {
	boot life plain.eif --cid 40 --memory 512 --cpu-count 3 --accel tcg || return 1
	jq -e '.EnclaveName == "life" and .EnclaveCID == 40 and .MemoryMiB == 512' started &&
		same "hybrid:$state/life/vsock/40/vsock:5005" "$(cat "$state/life/address")" &&
		await contains "$state/life/console" 'init waits' &&
		contains "$state/life/console" ' -m 512M -smp 3 -cpu max -accel tcg ' &&
		contains "$state/life/console" ' -sandbox on,' &&
		contains "$state/life/console" "nitro-enclave,vsock=vsock,id=$(jq -r .EnclaveID started)" &&
		ends 0 - describe --name life &&
		same 'qemu ready RUNNING' \
			"$(jq -r '.[0] | "\(.Cloister.Backend) \(.Cloister.Health) \(.State)"' out)" &&
		ends 0 - terminate --name life && all_gone
}
ok 'an enclave is booted, described and terminated, and nothing is left' test_life

test_filter() {
	boot filtered plain.eif && contains "$state/filtered/log" '"filter":true' &&
		ends 0 - terminate filtered && touch unfiltered || return 1
	boot unfiltered plain.eif --debug-mode && contains "$state/unfiltered/log" '"filter":false' &&
		lacks "$state/unfiltered/console" -sandbox && ends 0 - terminate unfiltered
	local status=$?
	rm unfiltered
	[ $status -eq 0 ] && all_gone
}
ok 'QEMU runs with its filter of system calls, and without where it has none' test_filter

test_two() {
	boot one plain.eif && boot two plain.eif &&
		ends 69 in_use run --backend qemu --vsockd "$scratch/vsockd" --eif plain.eif --cid 17 &&
		contains err 17 && ends 0 - terminate one && await is_gone one &&
		ends 0 - list && contains out two && contains out ready && lacks out one &&
		ends 0 - terminate two && all_gone
}
ok 'two of them get CIDs of their own, and one goes on without the other' test_two

test_panic() {
	that panic.eif panic
	fails panic panic.eif && contains err 'VFS: no root' && contains err 'has panicked' && all_gone
}
ok 'a kernel that panics: the reason, with the last lines of the console' test_panic
test_silent() {
	that silent.eif silent
	is_silent() { fails heartbeat silent.eif --boot-timeout "$1"; }
	in_time err 'Linux version' is_silent && lacks err 'signal 9' && all_gone
}
ok 'an init that never answers' test_silent
test_broken() {
	that broken.eif broken
	fails exited broken.eif && contains err 'it said last: qemu-system-x86_64: it is a stand-in' &&
		all_gone
}
ok 'a QEMU that gives up, and what it said' test_broken
test_unready() {
	that unready.eif unready
	fails late unready.eif --name unready --wait-ready --ready-timeout 1 && ends 0 - list &&
		contains out running && ends 0 - terminate unready && all_gone
}
ok 'one that is not ready in time lives on' test_unready
test_reboot() {
	that reboot.eif reboot && that leave.eif leave && that fail.eif unready fail
	ready_or_over boot reboot reboot.eif && all_gone &&
		ready_or_over boot leave leave.eif && all_gone &&
		fails left fail.eif --wait-ready && all_gone
}
ready_or_over() { "$@" || grep -qE 'reason: (not_found|ended)' err; }
ok 'a farewell or a restart is the end, whether QEMU ends or not' test_reboot

test_killed_machine() {
	boot shot plain.eif || return 1
	kill -KILL "$(machine qemu)" && all_gone
}
ok 'a QEMU that is killed is cleaned up after' test_killed_machine
test_killed_vsockd() {
	boot cut plain.eif || return 1
	kill -KILL "$(machine vsockd)" && all_gone
}
ok 'a vsockd that is killed takes QEMU along' test_killed_vsockd
test_killed_supervisor() {
	boot lost plain.eif || return 1
	kill -KILL "$(jq .ProcessID started)" &&
		await no_machines && ends 0 - list && lacks out lost && all_gone
}
ok 'a supervisor that is killed takes both along' test_killed_supervisor
test_slow_vsockd() {
	touch slow
	boot slow plain.eif
	local status=$?
	rm slow
	[ $status -eq 0 ] && ends 0 - terminate slow && all_gone
}
ok 'QEMU is started when vsockd says that it listens, and not before' test_slow_vsockd
test_programs() {
	printf '#!/bin/sh\nexit 3\n' >bad
	printf '#!/bin/sh\nPATH=%s CLOISTER_QEMU= CLOISTER_CACHE=%s exec %s "$@"\n' "$scratch" \
		"$scratch" "$enclave" >bare
	chmod +x bad bare
	ends 75 vsockd run --backend qemu --eif plain.eif --vsockd "$scratch/bad" &&
		contains err 'code 3' &&
		ends 66 not_found run --backend qemu --eif plain.eif --vsockd "$scratch/missing" &&
		ends 75 qemu run --backend qemu --eif plain.eif --qemu "$scratch/missing" &&
		contains err "$scratch/missing" &&
		enclave=$scratch/bare ends 75 qemu run --backend qemu --eif plain.eif && contains err 'make qemu' && all_gone
}
ok 'programs that are missing or end at once' test_programs
test_path() {
	mkdir -p path cached/qemu/bin
	printf '#!/bin/sh\n[ "$1 $2" != "-M help" ] && exec %s/qemu "$@"\necho; echo "nitro-enclave  AWS"\n' \
		"$scratch" >path/qemu-system-x86_64
	chmod +x path/qemu-system-x86_64 && cp qemu cached/qemu/bin/qemu-system-x86_64 || return 1
	CLOISTER_QEMU='' CLOISTER_CACHE=$scratch PATH=$scratch/path:$PATH boot path plain.eif &&
		contains "$state/path/log" "$scratch/path/qemu-system" && ends 0 - terminate path &&
		CLOISTER_QEMU='' CLOISTER_CACHE=$scratch/cached boot cached plain.eif &&
		contains "$state/cached/log" "$scratch/cached/qemu" && ends 0 - terminate cached &&
		all_gone
}
ok 'QEMU is found on the path, if it has the machine, and in the cache' test_path
test_console() {
	boot loud plain.eif --debug-mode && contains err "QEMU's NSM" || return 1
	mkfifo typed
	"$enclave" console loud >shown <typed &
	local viewer=$!
	exec 7>typed
	await contains shown 'init waits' && echo hello >&7 && await contains shown 'typed hello' &&
		ends 0 - terminate loud && wait $viewer && exec 7>&- && all_gone &&
		boot secret plain.eif && ends 77 not_debug console secret && contains err debug-mode &&
		ends 0 - terminate secret
}
ok 'the console shows and takes, in debug mode alone, which QEMU can not show in documents' \
	test_console

# --- How it is ------------------------------------------------------------------------------------

lists() { "$enclave" list >listed && contains listed "$1"; } # WORD
one_is_down() { ends 0 - describe well && same 1 "$(jq '.[0].Cloister.UnitsDown' out)"; }
# Each silence is told once: between two of them it has answered.
told_once() { # NAME
	! grep -oE '"event":"(silent|health)"' "$state/$1/log" | uniq -d | grep silent
}
test_health() {
	printf 'ready 3 3\n' >health
	boot well plain.eif --health-interval 1 && ends 0 - wait --healthy well || return 1
	printf 'degraded 2 3\n' >health
	await lists degraded && await one_is_down && ends 0 - wait well &&
		ends 75 late wait --healthy --timeout 1 well || return 1
	"$enclave" wait --healthy --timeout 120 well &
	local waiter=$!
	printf 'ready 3 3\n' >health
	wait $waiter && await lists ready || return 1
	: >health # it is asked, and says nothing
	await lists unreachable && told_once well && printf 'ready 3 3\n' >health &&
		await lists ready || return 1
	rm health # nobody listens
	await lists unreachable && told_once well && printf 'ready 3 3\n' >health &&
		await lists ready || return 1
	printf 'ready 3 3 and \033[2J\n' >health # what is no line
	await lists unreachable && contains "$state/well/log" 'is no line' &&
		ends 0 - terminate well && all_gone
}
ok 'health is asked for: degraded, unreachable with one event, and back' test_health

test_wait() {
	that still.eif unready
	ends 0 - wait --gone nobody && ends 66 not_found wait nobody && ends 2 usage wait &&
		ends 2 usage wait --gone --healthy nobody &&
		"$enclave" run --backend qemu --vsockd "$scratch/vsockd" --eif still.eif \
			--name still --boot-timeout 120 --ready-timeout 600 >started &&
		ends 75 late wait --timeout 1 still || return 1
	"$enclave" wait --gone still &
	local gone=$!
	"$enclave" wait --ready still 2>waited &
	local ready=$!
	await waiters still 3 && ends 0 - terminate still && wait $gone && ! wait $ready &&
		contains waited 'reason: ended' && all_gone
}
waiters() { # NAME COUNT: ends of its control socket: the one that listens, and those who wait
	[ "$(grep -c "$state/$1/control" /proc/net/unix)" -ge "$2" ]
}
ok 'who waits is told: in time, too late, or that it has ended' test_wait

test_logs() {
	boot quiet plain.eif && ends 0 - logs quiet && jq -es 'map(.message) | length > 2' out &&
		ends 77 not_debug logs --console quiet && ends 0 - terminate quiet &&
		ends 66 not_found logs quiet && boot said plain.eif --debug-mode || return 1
	"$enclave" logs -f --console said >shown &
	local console=$!
	"$enclave" logs -f said >followed &
	local log=$!
	await contains shown 'init waits' && await contains followed '"event":"ready"' &&
		ends 0 - terminate said && wait $console && wait $log && lacks shown $'\r' &&
		contains followed '"event":"ended"' && all_gone
}
ok 'logs of the launcher and of the console, followed to their end' test_logs

# --- The state folder -----------------------------------------------------------------------------

# Runs in a state folder with the room of some files, and says how that ended.
cat >crowded <<'CROWDED'
mount -t tmpfs -o "$1" none "$XDG_RUNTIME_DIR" || exit 99
"$enclave" run --backend qemu --vsockd "$scratch/vsockd" --eif plain.eif >out 2>err
status=$?
ls -A "$XDG_RUNTIME_DIR/cloister" >left 2>/dev/null
exit $status
CROWDED
test_crowded() {
	local status
	if ! unshare -rm true 2>/dev/null; then
		echo "# skipped: this machine allows no user namespaces"
		return 0
	fi
	for room in nr_inodes=6 size=4k,nr_inodes=100 ro; do
		enclave=$enclave scratch=$scratch unshare -rm bash crowded "$room"
		status=$?
		same "73 state" "$status $(sed -n 's/^reason: //p' err)" &&
			same '' "$(grep -v '^.lock$' left)" && [ -z "$(machines)" ] || {
			echo "with $room"
			cat err
			return 1
		}
	done
}
ok 'a state folder that is full or can not be written' test_crowded

finish
