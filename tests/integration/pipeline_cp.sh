#!/bin/bash
# The program pipeline, its copies: whole trees both ways, what is in the way, what breaks.
. "$(dirname "$0")/pipeline_cp_common.bash"

# --- A tree with everything -----------------------------------------------------------------------

mkdir -p tree/empty/deep tree/folder/inner
head -c 3000000 /dev/urandom >tree/large
: >tree/nothing
echo one >tree/folder/one && echo two >tree/folder/inner/two
printf 'x' >"tree/$(printf 'odd \001\377name\n')"
echo first >tree/first && ln tree/first tree/folder/second && ln tree/first tree/zeroth
ln -s one tree/folder/link && ln -s /nowhere/at/all tree/dangling && ln -s .. tree/folder/up
truncate -s 10M tree/hole
chmod 0400 tree/first && chmod 0751 tree/folder && chmod 0777 tree/empty && chmod 1755 tree/large
touch -d '2001-02-03 04:05:06.123456789' tree/large tree/folder/one
touch -h -d '1999-12-31 23:59:59.5' tree/dangling
touch -d '1960-01-01' tree/nothing
touch -d '2010-01-01 00:00:00.000000001' tree/empty tree/folder tree/folder/inner tree

test_put_tree() { ends 0 - cp tree "$there/put" && same_tree tree put; }
ok 'a tree goes in as it is' test_put_tree
test_get_tree() { ends 0 - cp "$there/tree" got && same_tree tree got; }
ok 'a tree comes out as it is' test_get_tree
test_into() {
	mkdir into && ends 0 - cp tree "$there/into" && same_tree tree into/tree &&
		ends 0 - cp "$there/tree" into/ && same_tree tree into/tree &&
		ends 0 - cp tree/large tree/folder/one "$there/into" &&
		cmp tree/large into/large && cmp tree/folder/one into/one || return 1
	mkdir out-of && ends 0 - cp "$there/tree/large" "$there/tree/folder" out-of &&
		cmp tree/large out-of/large && same_tree tree/folder out-of/folder
}
ok 'what goes to a folder is put into it' test_into
test_must_be_folder() {
	ends 66 not_found cp tree/large "$there/none/" && [ ! -e none ] &&
		ends 66 not_found cp tree/large tree/first "$there/none" && [ ! -e none ] &&
		ends 66 not_found cp "$there/tree/large" none/ && [ ! -e none ] &&
		ends 66 not_found cp tree/large "$there/none/at/all"
}
ok 'several sources, or a slash, want a folder' test_must_be_folder
test_names() {
	(cd tree/folder && ends 0 - cp . "$there/by-dot" && ends 0 - cp .. "$there/into") || return 1
	same_tree tree/folder by-dot && same_tree tree into/tree &&
		cp tree/folder/one ./:colon && ends 0 - cp ./:colon "$there/" && [ -e :colon ] &&
		ln -s tree/folder alias && ends 0 - cp alias/ "$there/by-alias" &&
		same_tree tree/folder by-alias && ends 0 - cp alias "$there/alias2" &&
		same tree/folder "$(readlink alias2)"
}
ok 'names: . and .., colons, links with and without a slash' test_names
test_input() {
	head -c 3000000 tree/large | ends 0 - cp - "$there/input" && cmp tree/large input &&
		same 644 "$(stat -c %a input)" && ends 0 - cp - "$there/input" <tree/first &&
		cmp tree/first input && ends 0 - cp - "$there/input" </dev/null &&
		same 0 "$(stat -c %s input)" || return 1
	ends 2 usage cp - "$there/into/" </dev/null && [ ! -e into/- ] &&
		ends 2 usage cp - tree/first "$there/into" </dev/null &&
		ends 2 usage cp tree/first - "$there/into" </dev/null || return 1
	echo dash >./- && ends 0 - cp ./- "$there/dashed" && same dash "$(cat dashed)"
}
ok 'standard input becomes a file' test_input
test_output() {
	"$pipeline" cp "$there/tree/large" - 2>err | cmp tree/large &&
		ends 0 - cp "$there/tree/large" - && cmp tree/large out &&
		ends 0 - cp "$there/tree/nothing" - && same '' "$(cat out)" &&
		ends 0 - cp :/proc/version - && cmp /proc/version out || return 1
	ends 65 request cp "$there/tree" - && same '' "$(cat out)" &&
		ends 65 request cp "$there/tree/dangling" - && ends 66 not_found cp "$there/none" - &&
		ends 2 usage cp "$there/tree/first" "$there/tree/large" - &&
		ends 2 usage cp --json "$there/tree/first" - || return 1
	ends 0 - cp "$there/tree/first" ./- && same first "$(cat ./-)"
}
ok 'a file becomes standard output' test_output
test_output_unread() {
	mkfifo read
	head -c 5 <read >/dev/null &
	"$pipeline" cp "$there/tree/large" - 2>err >read
	same 141 $?
	wait $!
	same '' "$(cat err)"
}
ok 'an output that nobody reads ends the copy by SIGPIPE' test_output_unread
test_output_full() {
	"$pipeline" cp "$there/tree/large" - 2>err >/dev/full
	same 74 $? && contains err 'reason: space'
}
ok 'an output that is full ends with 74' test_output_full
test_exclude() { # both ways alike
	mkdir -p sources/a/cache sources/b sources/cache/deep && touch sources/{a,b,cache}/{x.o,x.c} &&
		touch sources/b/cache sources/.hidden.o && ln sources/a/x.o sources/b/linked || return 1
	for way in "sources $there/chosen" "$there/sources chosen"; do
		rm -rf chosen
		# shellcheck disable=SC2086
		ends 0 - cp --exclude '*.o' --exclude /cache --exclude=cache/ $way &&
			same '. ./a ./a/x.c ./b ./b/cache ./b/linked ./b/x.c' \
				"$(cd chosen && find . | sort | tr '\n' ' ' | sed 's/ $//')" || return 1
		# shellcheck disable=SC2086
		rm -rf chosen && ends 0 - cp --json --exclude '*' $way && empty_folder chosen &&
			same '1 0 0' "$(jq -r '"\(.members) \(.bytes) \(.skipped)"' out)" || return 1
	done
	rm -rf chosen && ends 0 - cp --exclude sources sources "$there/chosen" && [ -e chosen/a/x.o ] &&
		ends 2 usage cp --exclude '' sources "$there/chosen" &&
		ends 2 usage cp --exclude "$(printf '%256s' x)" "$there/sources" chosen || return 1
	local patterns=()
	for _ in {1..64}; do patterns+=(--exclude "$(printf '%255s' x)"); done
	ends 0 - cp "${patterns[@]}" "$there/sources" chosen2 && same_tree sources chosen2 &&
		ends 2 usage cp "${patterns[@]}" --exclude x "$there/sources" chosen2
}
ok 'what a pattern names is left out, both ways' test_exclude
test_again() {
	echo old >put/large && chmod 0600 put/first && echo old >put/first &&
		ends 0 - cp tree/. "$there/put2" && same_tree tree put2 &&
		ends 0 - cp tree "$there/into" && same_tree tree into/tree
}
ok 'a copy over an earlier one' test_again

# --- Files that are odd ---------------------------------------------------------------------------

test_proc() {
	ends 0 - cp /proc/version "$there/version" && cmp version /proc/version &&
		ends 0 - cp :/proc/version version2 && cmp version2 /proc/version &&
		ends 0 - cp :/proc/self/status status && [ -s status ]
}
ok 'a file of /proc, which has no size, arrives whole' test_proc
test_growing() {
	: >growing
	while echo line >>growing; do :; done 2>/dev/null &
	local writer=$!
	local status=0
	for _ in 1 2 3 4 5; do
		ends 0 - cp growing "$there/grown" && ends 0 - cp "$there/growing" grown2 &&
			cmp -n "$(stat -c %s grown)" grown growing &&
			cmp -n "$(stat -c %s grown2)" grown2 growing || status=1
	done
	kill $writer
	wait $writer 2>/dev/null
	return $status
}
ok 'a file that grows arrives as it was read' test_growing
test_special() {
	mkdir -p special && mkfifo special/fifo && echo x >special/file || return 1
	ends 0 - cp --json special "$there/special2" &&
		same '2 2 1' "$(jq -r '"\(.members) \(.bytes) \(.skipped)"' out)" &&
		same file "$(ls special2)" && ends 65 request cp special/fifo "$there/x" &&
		ends 65 request cp "$there/special/fifo" x && ends 0 - cp special "$there/special3" &&
		contains err skipped && ends 0 - cp -q special "$there/special4" && same '' "$(cat err)"
}
ok 'FIFOs and devices are skipped, and told' test_special
test_holes() {
	mkdir holes && truncate -s 20M holes/file && echo data >>holes/file &&
		printf x | dd of=holes/file bs=1 seek=5000000 conv=notrunc status=none || return 1
	ends 0 - cp holes "$there/holes2" && same_tree holes holes2 && ends 0 - cp "$there/holes" holes3 &&
		same_tree holes holes3 && ends 0 - cp "$there/holes/file" - && cmp holes/file out || return 1
	local most=$(($(stat -c %b holes/file) + 64))
	[ "$(stat -c %b holes2/file)" -le $most ] && [ "$(stat -c %b holes3/file)" -le $most ]
}
ok 'holes stay holes, both ways' test_holes
test_json() {
	ends 0 - cp --json tree/large "$there/j" && same '1 3000000 0' \
		"$(jq -r '"\(.members) \(.bytes) \(.skipped)"' out)" &&
		ends 0 - --json cp "$there/tree/large" j2 && same '1 3000000 true' \
		"$(jq -r '"\(.members) \(.bytes) \(.seconds > 0)"' out)"
}
ok '--json tells what was copied' test_json
test_many() {
	mkdir many && (cd many && seq 1000 | split -l 1 -a 3 -) || return 1
	ends 0 - cp many "$there/many2" && same_tree many many2 &&
		ends 0 - cp "$there/many" many3 && same_tree many many3 &&
		mkdir some && ends 0 - cp many/xa[a-i]* "$there/some" &&
		same 234 "$(find some -type f | wc -l)" && cmp some/xabc many/xabc
}
ok 'a thousand files, and hundreds of sources' test_many

# --- What is in the way ---------------------------------------------------------------------------

test_missing() {
	ends 66 not_found cp none "$there/x" && ends 66 not_found cp "$there/none" x &&
		[ ! -e x ] && contains err none
}
ok 'a source that is not there ends with 66' test_missing
test_in_the_way() {
	mkdir -p way/large/member && ends 1 - exec -- false || return 1
	"$pipeline" cp tree/large "$there/way" >out 2>err && return 1
	contains err 'reason: ' && [ -d way/large/member ] && same large "$(ls -A way)"
}
ok 'a folder in place of a file stays' test_in_the_way
test_devices() {
	ends 73 output cp "$there/tree/large" /dev/null && [ -c /dev/null ]
}
ok 'a device is not replaced' test_devices
test_link_in_target() {
	mkdir -p victim && ln -sfn "$scratch/victim" put/empty/deep-link || return 1
	mkdir -p evil && mkdir evil/deep-link && echo x >evil/deep-link/file
	"$pipeline" cp evil/. "$there/put/empty/" >out 2>err
	"$pipeline" cp evil/deep-link "$there/put/empty/" >out 2>err && return 1
	empty_folder victim
}
ok 'a copy does not go through a link in its target' test_link_in_target
test_full() {
	ends 74 space cp zeros "$there/full/x" && empty_folder full &&
		ends 74 space cp "$there/zeros" full/x && empty_folder full &&
		echo old >full/x && ends 74 space cp zeros "$there/full/x" &&
		ends 74 space cp "$there/zeros" full/x && same 'x old' "$(ls -A full) $(cat full/x)" &&
		ends 0 - exec -- true
}
mkdir full
head -c 3145728 /dev/zero >zeros
if [ "$(id -u)" = 0 ] && mount -t tmpfs -o size=1m tmpfs full 2>/dev/null; then
	mounted=$scratch/full
	ok 'a full disk, there and here, leaves nothing behind' test_full
	umount full && mounted=''
else
	echo '# skipped: a full disk (a small tmpfs can not be mounted here)'
fi
test_denied() {
	mkdir -p closed && : >secret && chmod 0500 closed && chmod 0 secret || return 1
	ends 77 denied cp tree/large "$there/closed/x" && ends 77 denied cp secret "$there/x" &&
		ends 77 denied cp "$there/secret" x && ends 77 denied cp "$there/tree/large" closed/x
}
if [ "$(id -u)" != 0 ]; then
	ok 'what is not permitted ends with 77' test_denied
fi

# --- What breaks ----------------------------------------------------------------------------------

# A copy that does not end: of a file that is larger than what is there to write it to.
truncate -s 4T endless # a hole, of which each byte is hashed
busy() { [ -n "$(find broken -name '.cloister-*' -size +1M)" ]; }
left_alone() { same old "$(cat broken/file)" && await clean; }
clean() { [ "$(ls -A broken)" = file ]; }
test_broken() { # SIGNAL FROM TO
	rm -rf broken && mkdir broken && echo old >broken/file || return 1
	"$BIN/pipeline" cp "$2" "$3" >out 2>err &
	local client=$! status
	await busy && kill "-$1" $client
	wait $client
	status=$?
	same $((128 + $(kill -l "$1"))) $status && left_alone && ends 0 - exec -- true
}
ok 'a put whose client is terminated leaves the old file' test_broken TERM endless \
	"$there/broken/file"
ok 'a put whose client is killed leaves the old file' test_broken KILL endless "$there/broken/file"
ok 'a get that is terminated leaves the old file' test_broken TERM "$there/endless" broken/file
begun() { [ -n "$(find broken -name '.cloister-*')" ]; }
test_silent_input() {
	rm -rf broken && mkdir broken && echo old >broken/file && mkfifo silent || return 1
	"$BIN/pipeline" cp - "$there/broken/file" <silent >out 2>err &
	local client=$! status
	exec 9>silent
	head -c 300000 /dev/zero >&9
	await begun && kill -TERM $client
	wait $client
	status=$?
	exec 9>&-
	same 143 $status && left_alone
}
ok 'a put from an input that says nothing can be terminated' test_silent_input
test_listener_killed() {
	rm -rf broken && mkdir broken && echo old >broken/file || return 1
	listen killed.log --addr "unix:$scratch/killed" || return 1
	"$pipeline" --addr "unix:$scratch/killed" cp "$there/endless" broken/file >out 2>err &
	local client=$! status
	await busy && kill -KILL -- "-$listener"
	wait $client
	status=$?
	same 68 $status && contains err 'reason: lost' && left_alone
}
ok 'a get whose listener is killed leaves the old file' test_listener_killed

# --- Progress -------------------------------------------------------------------------------------

# `script` gives the client a terminal.
test_progress() {
	script -qfec "exec '$BIN/pipeline' cp endless '$there/broken/file'" typescript >/dev/null &
	local terminal=$!
	await grep -q 'endless.*MiB.*\[-*\] 0 %.*MiB/s.*left' typescript
	local status=$?
	kill -TERM $terminal
	wait $terminal
	left_alone && return $status
}
if command -v script >/dev/null; then
	ok 'a copy that takes long shows how far it is on a terminal' test_progress
fi
test_no_progress() {
	timeout -s INT 3 "$BIN/pipeline" cp endless "$there/broken/file" 2>err
	same '' "$(cat err)" && await clean
}
ok 'and nothing where there is no terminal' test_no_progress

rm -f endless
ok 'the listener ends well' test_stop

finish
