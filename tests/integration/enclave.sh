#!/bin/bash
# The launcher with its sandbox: a life from run to terminate, what an image sees, what fails and
# how, and that nothing is left.
# shellcheck disable=SC2016
. "$(dirname "$0")/enclave_common.bash"

# --- A life ---------------------------------------------------------------------------------------

image_that plain.eif
test_life() {
	run life plain.eif --cid 20 || return 1
	jq -e '.EnclaveName == "life" and .EnclaveCID == 20 and .NumberOfCPUs == 2 and
		.CPUIDs == [] and .MemoryMiB >= 64' started &&
		same "unix:$state/life/vsock/20/5005" "$(cat "$state/life/address")" &&
		ends 0 - list && contains out life && contains out ready &&
		ends 0 - terminate --name life &&
		jq -e '.EnclaveName == "life" and .Terminated' out && nothing_left
}
ok 'an enclave is started, listed and terminated, and nothing is left' test_life

test_keys() {
	run keys plain.eif --enclave-cid 21 --cpu-count 3 --memory 80M || return 1
	same 'EnclaveName EnclaveID ProcessID EnclaveCID NumberOfCPUs CPUIDs MemoryMiB' \
		"$(jq -r 'keys_unsorted | join(" ")' started)" &&
		ends 0 - describe-enclaves --metadata &&
		same 'EnclaveName EnclaveID ProcessID EnclaveCID NumberOfCPUs CPUIDs MemoryMiB State Flags Measurements ImageName ImageVersion Metadata Cloister' \
			"$(jq -r '.[0] | keys_unsorted | join(" ")' out)" &&
		same 'RUNNING NONE 3 80' \
			"$(jq -r '.[0] | "\(.State) \(.Flags) \(.NumberOfCPUs) \(.MemoryMiB)"' out)" &&
		same "$("$BIN/eif" describe plain.eif | jq -c .Measurements)" \
			"$(jq -c '.[0].Measurements' out)" &&
		ends 0 - terminate-enclave --enclave-id "$(jq -r '.[0].EnclaveID' out)" &&
		ends 0 - describe && same '[]' "$(cat out)"
}
ok 'keys are those of nitro-cli, and so are options and measurements' test_keys

test_two() {
	run one plain.eif && run two plain.eif && ends 0 - list --json &&
		same '16 17' "$(jq -r '[.[].EnclaveCID] | sort | join(" ")' out)" &&
		ends 0 - terminate --all && nothing_left
}
ok 'enclaves get CIDs of their own' test_two

test_taken() {
	run taken plain.eif --cid 30 || return 1
	ends 69 in_use run --eif plain.eif --name taken --cid 31 && contains err taken &&
		ends 69 in_use run --eif plain.eif --name other --cid 30 && contains err 30 &&
		"$enclave" run --eif plain.eif --cid 32 >/dev/null &&
		"$enclave" run --eif plain.eif --cid 33 >/dev/null &&
		ends 0 - list && contains out 'plain ' && contains out plain_1 &&
		ends 0 - terminate --all && nothing_left
}
ok 'a name or a CID that is taken is refused, and names are found' test_taken

# --- What it sees ---------------------------------------------------------------------------------

test_facts() {
	image_that facts.eif facts
	run facts facts.eif --debug-mode && await contains "$state/facts/console" 'init waits' &&
		console_of facts | tr -d '\r' >seen || return 1
	contains seen 'pid 1 uid 0 host facts' && contains seen 'null opens' &&
		contains seen 'vsock Address family not supported by protocol' &&
		lacks seen "$scratch" && lacks seen 'no proc' &&
		same 1 "$(grep -c '^net .*:' seen)" || return 1
	for kind in user pid mnt net uts ipc cgroup; do
		contains seen "namespace $kind:" && lacks seen "$(readlink /proc/self/ns/$kind)" ||
			return 1
	done
	ends 0 - terminate --name facts && nothing_left
}
ok 'its /init is process 1 of its own namespaces, with no host network and no vsock' test_facts

test_tree() {
	image_that tree.eif tree
	mkdir -p tree.eif.root/a/b && echo content >tree.eif.root/a/b/file &&
		ln -s ../b tree.eif.root/a/link && ln tree.eif.root/a/b/file tree.eif.root/a/hard &&
		mkdir -m 1777 tree.eif.root/tmp && chmod 4755 tree.eif.root/a/b/file
	mkdir -p more/a/c more/x && echo more >more/a/c/file && echo new >more/mode2
	image tree.eif tree.eif.root more
	run tree tree.eif --debug-mode && await contains "$state/tree/console" 'tree ends' &&
		console_of tree | tr -d '\r' | sed -n 's/^tree \(\/[^ ]*\) .*/\1/p' |
		grep -v '^/dev' | sort >seen || return 1
	(cd tree.eif.root && find . -mindepth 1; cd ../more && find . -mindepth 1) |
		sed 's/^\.//' | sort -u >wanted
	diff wanted seen && console_of tree | tr -d '\r' >seen &&
		contains seen 'tree /a/b/file 104755 0:0 8' && contains seen 'tree /a/hard 104755' &&
		contains seen 'tree /tmp 41777' && contains seen 'tree /dev 40755' &&
		ends 0 - terminate --name tree
}
ok 'its files are those of the ramdisks and no others' test_tree

test_memory() {
	run memory plain.eif --debug-mode --memory 3 2>warned && contains warned 'demands 4 MiB (E26)' &&
		run less plain.eif --memory 64M 2>warned && contains warned 'warning: 64 MiB' &&
		run roomy plain.eif --memory 1G 2>warned && lacks warned warning &&
		run free plain.eif 2>warned && lacks warned warning &&
		"$BIN/eif" size plain.eif --json >size &&
		same "$(jq .AdvisedMiB size)" "$(jq .MemoryMiB started)" &&
		ends 0 - pcr memory && contains err 'zeros' &&
		same "$("$BIN/eif" describe plain.eif | jq -c .Measurements)" "$(jq -c .Measurements out)" &&
		ends 0 - pcr --id "$(jq -r .EnclaveID started)" && lacks err zeros &&
		ends 0 - terminate --all && nothing_left
}
ok 'too little memory is warned of, the advised is given, and PCRs are told of one that runs' test_memory

# --- What fails -----------------------------------------------------------------------------------

test_silent() {
	image_that silent.eif silent
	is_silent() { ends 75 heartbeat run --eif silent.eif --boot-timeout "$1"; }
	in_time err 'init begins' is_silent && nothing_left
}
ok 'an init that never answers: the reason, its last words, nothing left' test_silent
test_unready() {
	image_that unready.eif unready
	ends 75 late run --eif unready.eif --name unready --wait-ready --ready-timeout 1 &&
		ends 0 - list && contains out running && ends 0 - terminate unready && nothing_left
}
ok 'one that is not ready in time lives on, and whoever waits is told' test_unready
test_exits() {
	image_that exit.eif exit
	image_that fail.eif fail
	ends 75 exited run --eif exit.eif && ends 75 left run --eif fail.eif && nothing_left
}
ok 'an init that ends at once, or says that it failed' test_exits
test_no_init() {
	mkdir -p none && : >none/file && image none.eif none
	mkdir -p script && printf '#!/bin/sh\n' >script/init && chmod +x script/init &&
		image script.eif script
	mkdir -p plainfile && : >plainfile/init && image plainfile.eif plainfile
	ends 75 init run --eif none.eif && contains err 'no /init' &&
		ends 75 init run --eif script.eif && ends 75 init run --eif plainfile.eif &&
		nothing_left
}
ok 'an image without an /init that runs' test_no_init
test_images() {
	ends 66 input run --eif nothing.eif && head -c 600 plain.eif >cut.eif &&
		ends 65 overrun run --eif cut.eif &&
		cp plain.eif flipped.eif &&
		printf X | dd of=flipped.eif bs=1 seek=1000 conv=notrunc 2>/dev/null &&
		ends 76 crc run --eif flipped.eif && [ ! -e "$state/flipped" ]
}
ok 'an image that is missing, cut or damaged is refused before anything is made' test_images
test_usage() {
	ends 2 usage run && ends 2 usage run --eif plain.eif --cid 3 &&
		ends 2 usage run --eif plain.eif --backend vmware &&
		ends 2 usage run --eif plain.eif --name ../up && ends 2 usage terminate &&
		ends 2 usage run --eif plain.eif --memory 0 && ends 2 - frobnicate && ends 0 - --help &&
		ends 0 - run --help && ends 0 - --version && ends 66 not_found terminate --name nobody &&
		ends 66 not_found console nobody && ends 66 not_found describe nobody
}
ok 'wrong usage, and names that nobody has' test_usage
test_state() {
	: >file
	XDG_RUNTIME_DIR=$scratch/file ends 73 state run --eif plain.eif &&
		XDG_RUNTIME_DIR=$scratch/nowhere ends 73 state run --eif plain.eif &&
		contains err "$scratch/nowhere"
}
ok 'a state folder that can not be made' test_state

# --- How it ends ----------------------------------------------------------------------------------

test_deaf() {
	image_that deaf.eif deaf
	run deaf deaf.eif --stop-timeout 1 && ends 0 - terminate --name deaf && nothing_left
}
ok 'an init that does not heed is killed' test_deaf
test_twice() {
	image_that slow.eif deaf
	run slow slow.eif --stop-timeout 2 || return 1
	"$enclave" terminate slow >first 2>&1 &
	local first=$!
	"$enclave" terminate slow >second 2>&1
	same 0 $? && wait $first && ends 66 not_found terminate slow && nothing_left
}
ok 'two that terminate one enclave both hear of its end' test_twice
test_killed_supervisor() {
	run killed plain.eif || return 1
	local first
	first=$(inside)
	kill -KILL "$(jq .ProcessID started)" && await test ! -e "/proc/$first/exe" && ends 0 - list &&
		lacks out killed && run killed plain.eif && ends 0 - terminate killed && nothing_left
}
ok 'a supervisor that is killed takes its enclave along, and is cleaned up after' \
	test_killed_supervisor
test_killed_inside() {
	run shot plain.eif || return 1
	kill -KILL "$(inside)" && nothing_left
}
ok 'an enclave that is killed is cleaned up after' test_killed_inside
test_killed_keeper() {
	run lost plain.eif || return 1
	local first
	first=$(inside)
	kill -KILL "$(keeper)" && nothing_left && await test ! -e "/proc/$first/exe"
}
ok 'one whose keeper is killed, too' test_killed_keeper
test_stopped() {
	run stopped plain.eif && kill -TERM "$(jq .ProcessID started)" && nothing_left
}
ok 'SIGTERM to the supervisor shuts the enclave down' test_stopped
test_module() {
	image_that nsm.eif
	printf '#!/bin/sh\nexit 3\n' >nsmsim && chmod +x nsmsim
	ends 75 nsm run --eif nsm.eif --nsmsim "$scratch/nsmsim" &&
		ends 66 not_found run --eif nsm.eif --nsmsim "$scratch/missing" && nothing_left
}
ok 'without the NSM that was asked for nothing starts' test_module

# --- The console ----------------------------------------------------------------------------------

test_console() {
	image_that loud.eif shout
	run loud loud.eif --debug-mode || return 1
	"$enclave" console loud >shown </dev/null &
	local viewer=$!
	await contains shown 'init waits' && tr -d '\r' <shown >plain && contains plain 000029999 &&
		ends 0 - terminate loud && wait $viewer && nothing_left
}
ok 'the console is shown from the oldest that is kept to its end' test_console
test_no_console() {
	run secret plain.eif && ends 77 not_debug console secret && contains err debug-mode &&
		ends 0 - terminate secret
}
ok 'the console of one that is not in debug mode is refused, with the reason' test_no_console
test_full() {
	image_that full.eif fill
	run full full.eif --debug-mode --memory 32 &&
		await contains "$state/full/console" 'No space left' && ends 0 - terminate full
}
ok 'its files have the room of --memory, and no more' test_full
test_leak() {
	run leak plain.eif || return 1
	await has_three && ends 0 - terminate leak # its words to the host may still be on their way
}
has_three() { same "0 1 2" "$(ls "/proc/$(inside)/fd" | sort -n | xargs)"; }
ok 'its /init is given its console and no other descriptor' test_leak
test_forge() {
	image_that forge.eif forge
	run forge forge.eif && contains "$state/forge/log" 'no line' &&
		ends 0 - terminate forge && nothing_left
}
ok 'what is no heartbeat and no line is not taken for one' test_forge

# --- Hostile ramdisks -----------------------------------------------------------------------------

hostile() { # KIND: an image whose first ramdisk does what the words in plain.eif.root say
	python3 "$here/enclave_hostile.py" "$1" "$1.cpio" "$scratch/evil" &&
		image "$1.eif" facts.eif.root "$1.cpio"
}
test_devices() {
	hostile devices && run devices devices.eif --debug-mode &&
		await contains "$state/devices/console" 'init waits' &&
		contains "$state/devices/console" ' /x/null devtmpfs' &&
		contains "$state/devices/log" 'no device 8:0 at x/disk' && ends 0 - terminate devices
}
ok 'of device nodes only the harmless are there' test_devices
test_escape() {
	hostile escape && run escape escape.eif && ends 0 - terminate escape && [ ! -e evil ] &&
		nothing_left
}
ok 'no name and no link leads out' test_escape
test_links_at_dev() {
	hostile special && run special special.eif --debug-mode &&
		await contains "$state/special/console" 'init waits' &&
		contains "$state/special/console" 'null opens' && ends 0 - terminate special
}
ok 'what stands in the way of devices does not hold them up' test_links_at_dev
test_deep() {
	hostile deep && run deep deep.eif && ends 0 - terminate deep && nothing_left
}
ok 'a tree may be as deep as a path is long' test_deep
test_sizes() {
	hostile large && ends 75 space run --eif large.eif --memory 32 && contains err -- --memory &&
		hostile many && ends 75 space run --eif many.eif --memory 32 &&
		hostile zeros && ends 75 limit run --eif zeros.eif --memory 32 && nothing_left
}
ok 'ramdisks that are too large, or become so, are the end of the start' test_sizes
test_damaged() {
	hostile cut && ends 65 archive run --eif cut.eif && hostile junk &&
		ends 65 archive run --eif junk.eif && hostile xz &&
		ends 65 compression run --eif xz.eif && contains err gzip && nothing_left
}
ok 'damaged ramdisks are refused with the reason' test_damaged
test_socket_folder() {
	image_that trash.eif trash
	run trash trash.eif --debug-mode && await contains "$state/trash/console" 'trash ends' &&
		ends 0 - terminate trash && nothing_left
}
ok 'whatever an enclave leaves in the folder of its sockets goes with it' test_socket_folder

# --- Our own init ---------------------------------------------------------------------------------

# A program with the libraries that it is linked to.
install() { # ROOT PROGRAM TARGET
	local file
	mkdir -p "$1$(dirname "$3")" && cp -L "$2" "$1$3" || return 1
	for file in $(ldd "$2" | grep -o '/[^ ]*\.so[^ ]*'); do
		mkdir -p "$1$(dirname "$file")" && cp -L "$file" "$1$file" || return 1
	done
}
test_log() { # goes on when init starts slc again: a command's parent is the broker
	"${pipeline[@]}" exec -- sh -c 'kill -9 $PPID' 2>err
	await goes_on && contains said 'a new log' && contains said 'exec     sh'
}
goes_on() { "${pipeline[@]}" audit >said 2>err && contains said 'the log goes on'; }
test_own() {
	mkdir -p boot tree/etc/cloister/units && cp "$BIN/init" boot/init &&
		install tree "$BIN/slc" /usr/bin/slc && install tree /bin/sh /bin/sh &&
		install tree /bin/cat /bin/cat || return 1
	printf 'ExecStart = "/usr/bin/slc --addr vsock:any:5005 --records-in /run/records"\nRestart = "always"\nRestartSec = 1\n' \
		>tree/etc/cloister/units/slc.service
	"$BIN/eif" ramdisk --prefix rootfs --output tree.cpio tree && gzip -f tree.cpio &&
		image own.eif boot tree.cpio.gz && CLOISTER_TRACE=enclave run own own.eif --debug-mode --health-interval 1 || return 1
	local pipeline=("$BIN/pipeline" --enclave own --accept-debug
		--root "$("$BIN/nsmsim" root)")
	same 'hello' "$("${pipeline[@]}" exec -- sh -c 'echo hello')" &&
		echo content >in && "${pipeline[@]}" cp in :/tmp/in &&
		"${pipeline[@]}" cp :/tmp/in back && cmp in back &&
		same own "$("${pipeline[@]}" exec -- cat /proc/sys/kernel/hostname)" &&
		"${pipeline[@]}" exec -- sh -c '[ -S /dev/nsm ] && [ -w /dev/nsm ]' &&
		contains "$state/own/log" "$(jq -r .EnclaveID started)" &&
		await contains "$state/own/log" '"event":"HEALTHY","n":0' &&
		ends 0 - wait --healthy own && test_log || return 1
	"$enclave" console own >shown </dev/null &
	local viewer=$!
	await contains shown 'a unit is up' && ends 0 - terminate own && wait $viewer &&
		contains shown farewell && nothing_left
}
ok 'an image of our init serves the channel: exec, cp both ways, an orderly end' test_own

finish
