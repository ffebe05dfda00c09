#!/bin/bash
# The program pipeline, copies over what is there: files that stay, and copies that are resumed.
. "$(dirname "$0")/pipeline_cp_common.bash"

# --- Files that stay ------------------------------------------------------------------------------

make_tree() {
	mkdir -p src/a/folder/deeper src/a/empty && head -c 200000 /dev/urandom >src/a/large && echo one >src/a/one &&
		echo two >src/a/folder/two && : >src/a/nothing && echo x >src/a/folder/deeper/x && ln -s one src/a/link &&
		touch -d '2001-02-03 04:05:06.789' src/a/large src/a/folder/two
}
test_unchanged() {
	make_tree && copies '10 200010 0 0' --skip-unchanged && same_tree src/a dst/a &&
		copies '10 0 5 0' --skip-unchanged && same_tree src/a dst/a || return 1
	echo three >src/a/folder/two && echo new >src/a/new && copies '11 10 4 0' --skip-unchanged &&
		same_tree src/a dst/a || return 1
	touch -d '2005-01-01' dst/a/one && chmod 0600 dst/a/large && rm dst/a/nothing &&
		copies '11 4 4 0' --skip-unchanged && same_tree src/a dst/a || return 1
	rm -r dst/a/folder && ln -s one dst/a/folder && copies '11 8 4 0' --skip-unchanged -q 2>/dev/null
	rm -f dst/a/folder && copies '11 8 4 0' --skip-unchanged && same_tree src/a dst/a
}
ok 'a file with the same size and time stays, with the mode it has to have' ways test_unchanged
test_checksum() {
	make_tree && copies '10 200010 0 0' --checksum && touch dst/a/large dst/a/one && chmod 0400 dst/a/one &&
		copies '10 0 5 0' --checksum && same_tree src/a dst/a || return 1
	printf 'One\n' >dst/a/one && touch -r src/a/one dst/a/one && copies '10 0 5 0' --skip-unchanged &&
		same One "$(cat dst/a/one)" && copies '10 4 4 0' --checksum && same_tree src/a dst/a
}
ok '--checksum compares what is in the files' ways test_checksum
test_file() {
	echo one >src/a && copies '1 4 0 0' --skip-unchanged && copies '1 0 1 0' --skip-unchanged &&
		echo two >dst/a && touch -r src/a dst/a && copies '1 4 0 0' --checksum && cmp src/a dst/a || return 1
	to=${to}b && copies '1 4 0 0' --skip-unchanged && copies '1 0 1 0' --skip-unchanged && cmp src/a dst/b
}
ok 'a file alone stays too, also under another name' ways test_file
test_names() {
	mkdir src/a && echo one >src/a/one && ln src/a/one src/a/other && copies '3 4 0 0' --skip-unchanged &&
		copies '3 4 0 0' --skip-unchanged && same_tree src/a dst/a || return 1
	rm src/a/other && ln dst/a/one victim && chmod 0600 src/a/one && copies '2 4 0 0' --skip-unchanged &&
		same '644 2' "$(stat -c '%a %h' dst/a/other)" && same 600 "$(stat -c %a dst/a/one)" && rm victim
}
ok 'a file that has other names is replaced, not changed' ways test_names
test_many() {
	mkdir src/a && (cd src/a && seq 1000 | split -l 1 -a 3 -) && copies '1001 3893 0 0' --skip-unchanged &&
		copies '1001 0 1000 0' --skip-unchanged && echo 12345 >src/a/xabc &&
		copies '1001 6 999 0' --skip-unchanged && same_tree src/a dst/a &&
		copies '1001 0 1000 0' --checksum --exclude none
}
ok 'a thousand files are asked about in batches' ways test_many
test_sources() {
	rm -rf b && mkdir b && mkdir -p s1/d s2 && echo 1 >s1/d/x && echo 2 >s2/y && echo 3 >s3 || return 1
	ends 0 - cp --json --skip-unchanged s1 s2 s3 "$there/b" && same '6 6 0 0' "$(facts)" &&
		echo 4 >s2/y && ends 0 - cp --json --skip-unchanged s1 s2 s3 "$there/b" &&
		same '6 2 2 0' "$(facts)" && same_tree s1 b/s1 && same_tree s2 b/s2
}
ok 'several sources are asked about one by one' test_sources
test_standard() {
	echo x >x && ends 0 - cp --resume - "$there/y" <x && cmp x y &&
		ends 2 usage cp --resume "$there/x" -
}
ok 'standard input is never there already' test_standard

# --- What breaks off ------------------------------------------------------------------------------

part=dst/a/.cloister-part.file
# A copy that is stopped in the middle of a file, which is larger than what there is of it.
broken_off() { # SIGNAL
	mkdir -p src/a dst/a && cp large src/a/file && truncate -s 4T src/a/file || return 1
	"$BIN/pipeline" cp -q --resume "$from" "$to" >out 2>err &
	local client=$!
	await begun && kill "-$1" $client
	wait $client
	await kept && truncate -s 3000000 src/a/file && [ ! -e dst/a/file ] && only_part
}
begun() { [ -n "$(find dst/a -name '.cloister-*' -size +4M)" ]; }
kept() { [ -s $part ] && [ -z "$(find dst/a -name '.cloister-????????')" ]; }
only_part() { same .cloister-part.file "$(ls -A dst/a)"; }
shorten() { truncate -s 1000000 $part; } # to bytes that the file has
head -c 3000000 /dev/urandom >large
test_resume() { # SIGNAL
	broken_off "$1" && same 600 "$(stat -c %a $part)" && shorten &&
		ends 0 - cp --json --resume "$from" "$to" && same '2 2000000 0 1000000' "$(facts)" &&
		same_tree src/a dst/a && copies_nothing
}
copies_nothing() { ends 0 - cp --json --resume "$from" "$to" && same '2 0 1 0' "$(facts)"; }
ok 'what breaks off is kept, and goes on where it broke' ways test_resume TERM
test_part() { # FACTS COMMAND...: what is there of the file is not what the sender has
	local facts=$1
	shift
	mkdir -p src/a dst/a && cp large src/a/file && head -c 1000000 large >$part && "$@" &&
		ends 0 - cp --json --resume "$from" "$to" && same "$facts" "$(facts)" && cmp src/a/file dst/a/file &&
		same file "$(ls -A dst/a)"
}
spoil() { printf x | dd of=$part bs=1 seek=500000 conv=notrunc status=none; }
ok 'a part that is right goes on' ways test_part '2 2000000 0 1000000' true
ok 'one that is wrong does not' ways test_part '2 3000000 0 0' spoil
ok 'nor one that is longer than the file' ways test_part '2 3000000 0 0' truncate -s 4M $part
ok 'an empty one is none' ways test_part '2 3000000 0 0' truncate -s 0 $part
ok 'one that is complete needs no bytes' ways test_part '2 0 0 3000000' cp large $part
linked() { rm -f outside && mv $part outside && "$@" "$scratch/outside" $part && cp outside before; }
test_linked() { # COMMAND...
	test_part '2 3000000 0 0' linked "$@" && cmp before outside
}
ok 'a part that is a link is none, and where it leads stays as it is' ways test_linked ln -s
ok 'nor one with another name' ways test_linked ln
test_without() {
	mkdir -p src/a dst/a && cp large src/a/file && head -c 1000000 large >$part || return 1
	ends 0 - cp --json --skip-unchanged "$from" "$to" && same '2 3000000 0 0' "$(facts)" &&
		same '.cloister-part.file file' "$(ls -A dst/a | tr '\n' ' ' | sed 's/ $//')" &&
		ends 0 - cp --resume "$from" "$to" && cmp src/a/file dst/a/file
}
ok 'without --resume no part is looked for' ways test_without
test_long_name() {
	local name
	name=$(printf '%0250d' 0)
	mkdir -p src/a dst/a && cp large "src/a/$name" && truncate -s 4T "src/a/$name" || return 1
	"$BIN/pipeline" cp -q --resume "$from" "$to" >out 2>err &
	local client=$!
	await begun && kill -TERM $client
	wait $client
	await empty_folder dst/a
}
ok 'of a file whose name is too long nothing is kept' ways test_long_name
test_killed_client() {
	fresh && from=src/a to=$there/dst/ && broken_off KILL && shorten &&
		ends 0 - cp --json --resume src/a "$there/dst/" && same '2 2000000 0 1000000' "$(facts)" &&
		same_tree src/a dst/a
}
ok 'a put whose client is killed is resumed' test_killed_client
test_killed_listener() {
	fresh && mkdir src/a dst/a && cp large src/a/file && truncate -s 4T src/a/file || return 1
	listen killed.log --addr "unix:$scratch/killed" || return 1
	"$pipeline" --addr "unix:$scratch/killed" cp --resume "$there/src/a" dst/ >out 2>err &
	local client=$!
	await begun && kill -KILL -- "-$listener"
	wait $client
	same 68 $? && contains err 'reason: lost' && truncate -s 3000000 src/a/file && only_part && shorten &&
		ends 0 - cp --json --resume "$there/src/a" dst/ && same '2 2000000 0 1000000' "$(facts)" &&
		same_tree src/a dst/a
}
ok 'a get whose listener is killed is resumed' test_killed_listener
test_full() {
	cp large src/a && ends 74 space cp --resume "$from" "$to" && same .cloister-part.a "$(ls -A dst)" &&
		mount -o remount,size=8m dst && ends 0 - cp --json --resume "$from" "$to" &&
		[ "$(jq .resumed out)" -gt 100000 ] && cmp src/a dst/a && same a "$(ls -A dst)"
}
on_small_disk() {
	local status
	mount -t tmpfs -o size=1m tmpfs dst && mounted=$scratch/dst && "$@"
	status=$?
	umount dst && mounted='' && return $status
}
fresh
if [ "$(id -u)" = 0 ] && mount -t tmpfs -o size=1m tmpfs dst 2>/dev/null; then
	umount dst
	ok 'a copy to a full disk goes on when there is room' ways on_small_disk test_full
else
	echo '# skipped: a full disk (a small tmpfs can not be mounted here)'
fi
ok 'the listener ends well' test_stop

finish
