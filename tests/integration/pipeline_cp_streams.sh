#!/bin/bash
# The program pipeline, copies that several sessions share: --streams, both ways.
. "$(dirname "$0")/pipeline_cp_common.bash"

make_tree() {
	mkdir -p src/a/folder/deeper src/a/empty && head -c 3000000 /dev/urandom >src/a/large && echo one >src/a/one &&
		echo two >src/a/folder/two && : >src/a/nothing && (cd src/a/folder/deeper && seq 200 | split -l 1 -a 3 -) &&
		ln -s one src/a/link && ln src/a/one src/a/folder/again && mkfifo src/a/fifo &&
		touch -d '2001-02-03 04:05:06.789' src/a/large src/a/folder/two && chmod 0500 src/a/folder/deeper &&
		touch -d '2002-03-04' src/a/folder/deeper src/a/empty src/a
}

test_arrive() { # STREAMS
	make_tree && rm src/a/fifo && copies '210 3000700 0 0' --streams "$1" && same_tree src/a dst/a
}
for streams in 2 3 8; do
	ok "a tree arrives as it is through $streams streams" ways test_arrive $streams
done
test_together() { # with what else copies can do
	make_tree && chmod 0700 src/a/folder/deeper && rm src/a/fifo &&
		copies '209 3000700 0 0' --streams 4 --exclude /nothing && [ ! -e dst/a/nothing ] &&
		copies '210 4 202 0' --streams 4 --skip-unchanged && same_tree src/a dst/a || return 1
	echo changed >src/a/folder/deeper/xaab && copies '210 12 202 0' --streams 3 --resume &&
		same_tree src/a dst/a && copies '210 4 203 0' --streams 5 --checksum && same_tree src/a dst/a
}
ok 'what is there already stays, in whichever stream' ways test_together
test_skipped() { make_tree && copies '210 3000700 0 0' --streams 4 2>/dev/null; }
ok 'what others count is counted once' ways test_skipped
test_small() {
	mkdir src/a && copies '1 0 0 0' --streams 8 && same_tree src/a dst/a && rm -r src/a dst/a &&
		echo one >src/a && copies '1 4 0 0' --streams 8 && cmp src/a dst/a && to=${to}b &&
		copies '1 4 0 0' --streams 8 && cmp src/a dst/b
}
ok 'an empty folder and one file arrive through streams that have nothing' ways test_small
test_sources() {
	fresh && mkdir -p src/d/e && echo 1 >src/d/e/x && echo 2 >src/y && echo 3 >src/z || return 1
	ends 0 - cp --json --streams 4 src/d src/y src/z "$there/dst" && same '5 6 0 0' "$(facts)" &&
		same_sources && ends 0 - cp --json --streams 4 "$there/src/d" "$there/src/y" "$there/src/z" dst/ &&
		same '5 6 0 0' "$(facts)" && same_sources
}
same_sources() { same_tree src/d dst/d && cmp src/y dst/y && cmp src/z dst/z; }
ok 'several sources are shared out' test_sources
test_new_target() { # the target is not there: the tree becomes it
	make_tree && rm src/a/fifo && to=${to}new && copies '210 3000700 0 0' --streams 4 && same_tree src/a dst/new &&
		chmod u+w dst/new/folder/deeper && copies '210 3000700 0 0' -T --streams 4 && same_tree src/a dst/new
}
ok 'a tree becomes a target that is not there' ways test_new_target
test_standard() {
	fresh && echo x >x && ends 0 - cp --streams 4 - "$there/dst/y" <x && cmp x dst/y &&
		ends 0 - cp --streams 4 "$there/dst/y" - && same x "$(cat out)"
}
ok 'standard input and output are one stream' test_standard
test_usage() { ends 2 usage cp --streams 0 x "$there/y" && ends 2 usage cp --streams 9 x "$there/y"; }
ok 'there are 1 to 8 streams' test_usage
ended() { same "$1" "$(grep -c '"copy ended"' conf.log)"; }
test_conf() { # what the operator's file says, and the command line above it
	local file=$scratch/config/cloister/pipeline.conf
	fresh && make_tree && chmod 0700 src/a/folder/deeper && mkdir -p config/cloister &&
		listen conf.log --addr "unix:$scratch/conf" || return 1
	local -x XDG_CONFIG_HOME=$scratch/config CLOISTER_ADDR=unix:$scratch/conf
	echo 'streams = 3' >"$file" && ends 0 - cp src/a "$there/dst/" && await ended 3 &&
		ends 0 - cp --streams 1 src/a "$there/dst/" && await ended 4 &&
		ends 0 - cp src/a/one "$there/dst/" && await ended 5 &&
		echo 'streams = 9' >"$file" && ends 65 range cp src/a "$there/dst/" && stop $listener
}
ok 'how many there are is said by pipeline.conf, and above it by the command line' test_conf

# --- What fails -----------------------------------------------------------------------------------

nothing_begun() { [ -z "$(find dst -name '.cloister-*')" ]; }
make_endless() { mkdir src/a && for i in 1 2 3 4 5 6; do echo x >src/a/$i && truncate -s 4T src/a/$i; done; }
# Folders are where files have to go: whichever stream comes to one fails, and another one has a file without end.
test_one_fails() {
	mkdir src/a && echo x >src/a/1 && truncate -s 4T src/a/1 && (cd src/a && seq 40 | split -l 1 - z &&
		cd ../../dst && mkdir a && cd a && mkdir $(cd ../../src/a && echo z*) && for name in z*; do : >$name/in; done) || return 1
	timeout 600 "$pipeline" cp --streams 4 "$from" "$to" >out 2>err
	same 77 $? && contains err 'reason: denied' && await nothing_begun && ends 0 - exec -- true
}
ok 'one stream that fails stops the others, and leaves nothing behind' ways test_one_fails
begun() { [ "$(find dst -name '.cloister-*' -size +1M | wc -l)" -ge 2 ]; }
test_stopped() { # SIGNAL
	make_endless || return 1
	"$BIN/pipeline" cp -q --streams 4 "$from" "$to" >out 2>err &
	local client=$!
	await begun && kill "-$1" $client
	wait $client
	await nothing_begun && ends 0 - exec -- true
}
ok 'a signal ends all streams' ways test_stopped TERM
test_killed_client() { fresh && from=src/a to=$there/dst/ && test_stopped KILL; }
ok 'a put whose client is killed leaves nothing behind' test_killed_client
test_killed_listener() {
	fresh && make_endless || return 1
	listen killed.log --addr "unix:$scratch/killed" || return 1
	"$pipeline" --addr "unix:$scratch/killed" cp --streams 4 "$there/src/a" dst/ >out 2>err &
	local client=$!
	await begun && kill -KILL -- "-$listener"
	wait $client
	same 68 $? && contains err 'reason: lost' && nothing_begun
}
ok 'a get whose listener is killed leaves nothing behind' test_killed_listener
test_too_many() { # OPTION...: fewer sessions than streams
	fresh && make_tree && listen few.log --addr "unix:$scratch/few" "$@" || return 1
	ends 69 limit --addr "unix:$scratch/few" cp --streams 8 src/a "$there/dst/" && empty_folder dst &&
		await ends 0 - --addr "unix:$scratch/few" cp --streams 2 src/a "$there/dst/" && stop $listener
}
ok 'sessions that a service does not give are missed before anything is copied' test_too_many --sessions 4

# Both are believed, but a copy is made with one.
test_two_enclaves() {
	fresh && make_tree && listen other.log --addr "unix:$scratch/other" || return 1
	local other=$listener relay
	python3 -IS - "$scratch" <<-'END' &
		import os, socket, sys, threading
		def pass_on(a, b):
		    while bytes := a.recv(65536):
		        b.sendall(bytes)
		    b.shutdown(socket.SHUT_WR)
		os.chdir(sys.argv[1])
		server = socket.socket(socket.AF_UNIX)
		server.bind("between.new")
		server.listen()
		os.rename("between.new", "between")
		for name in ("s", "other"):
		    client, _ = server.accept()
		    enclave = socket.socket(socket.AF_UNIX)
		    enclave.connect(name)
		    for ends in ((client, enclave), (enclave, client)):
		        threading.Thread(target=pass_on, args=ends).start()
	END
	relay=$!
	await test -e between && ends 77 binding --addr "unix:$scratch/between" cp --streams 4 src/a "$there/dst/" &&
		empty_folder dst
	local status=$?
	kill $relay 2>/dev/null
	wait $relay 2>/dev/null
	stop $other && return $status
}
ok 'streams that somebody leads to two enclaves are refused' test_two_enclaves
ok 'the listener ends well' test_stop

finish
