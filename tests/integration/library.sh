#!/bin/bash
# libcloister as its users have it: installed, found by pkg-config, shared and static, by gcc and by
# clang; and the examples with a real listener. Commands against an engine: tests/unit/library.c.
# shellcheck disable=SC2016 # commands are expanded by the shell that they are for
. "$(dirname "$0")/pipeline_common.bash"

# As a person would, and not as a part of the make that runs the tests.
installing() { # WORD ARGUMENT...
	env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS make -C "$repository" OUT="$(dirname "$BIN")" "$@" >make.log 2>&1 ||
		{ cat make.log; false; }
}

# --- Installing -----------------------------------------------------------------------------------

prefix=$scratch/prefix
ok 'make install' installing install PREFIX="$prefix"
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
test_installed() {
	[ -x "$prefix/bin/pipeline" ] && [ -e "$prefix/share/man/man1/pipeline.1" ] &&
		[ -e "$prefix/share/bash-completion/completions/pipeline" ] &&
		[ -e "$prefix/share/zsh/site-functions/_eif" ] &&
		[ -e "$prefix/share/fish/vendor_completions.d/attest.fish" ] &&
		[ "$(readlink "$prefix/bin/pipeline-dir")" = pipeline ] &&
		[ -e "$prefix/include/cloister.h" ] && [ -e "$prefix/share/man/man3/libcloister.3" ] &&
		same "$("$prefix/bin/pipeline" --version)" "pipeline $(pkg-config --modversion cloister)"
}
ok 'programs, pages, completions, the header and the library are there' test_installed
test_uninstall() {
	installing install DESTDIR="$scratch/root" PREFIX=/usr &&
		grep -q '^prefix=/usr$' "$scratch/root/usr/lib/pkgconfig/cloister.pc" &&
		installing uninstall DESTDIR="$scratch/root" PREFIX=/usr || return 1
	same '' "$(cd "$scratch/root" && find . ! -type d)"
}
ok 'DESTDIR is another place, and uninstall leaves nothing there' test_uninstall

declared() { # the functions of the header
	sed -n 's/^[a-z].*[ *]\(cloister_[a-z_]*\)(.*/\1/p' "$prefix/include/cloister.h" |
		grep -v '^cloister_input$\|^cloister_output_to$' | sort
}
test_names() {
	declared >declared && [ "$(wc -l <declared)" -gt 20 ] &&
		nm -D --defined-only "$prefix/lib/libcloister.so" | sed -n 's/.* T \([a-z_]*\)@.*/\1/p' |
		sort | diff declared - &&
		nm -g --defined-only "$prefix/lib/libcloister.a" | sed -n 's/.* [A-Z] //p' |
		sort | diff declared -
}
ok 'the libraries have the names of the header, and no other ones' test_names
test_soname() {
	readelf -d "$prefix/lib/libcloister.so" | grep -qF 'soname: [libcloister.so.0]' &&
		[ -e "$prefix/lib/libcloister.so.0" ]
}
ok 'the library says which interface it has' test_soname

# --- Building -------------------------------------------------------------------------------------

compile() { # COMPILER KIND FLAG...: all examples, into COMPILER.KIND
	local compiler=$1 folder=$1.$2 example
	shift 2
	mkdir -p "$folder"
	for example in "$repository"/tests/examples/*.c; do
		# shellcheck disable=SC2046
		"$compiler" -std=c17 -D_GNU_SOURCE -O1 -pthread -Wall -Wextra -Wconversion -Wpedantic -Werror \
			$(pkg-config --cflags cloister) "$example" "$@" \
			-o "$folder/$(basename "$example" .c)" || return 1
	done
}
# Without the words that stand for the shared one, as for who has no other one.
static_flags() { echo "$prefix/lib/libcloister.a $(pkg-config --libs --static cloister | sed 's/-lcloister//')"; }
# shellcheck disable=SC2046
for compiler in gcc clang; do
	ok "$compiler builds the examples, with the shared library" \
		compile $compiler shared $(pkg-config --libs cloister) "-Wl,-rpath,$prefix/lib"
	ok "$compiler builds the examples, with the static library" compile $compiler static $(static_flags)
done
ok 'the header is one of C++ too' clang -x c++ -std=c++11 -Wall -Wextra -Werror -fsyntax-only \
	"$prefix/include/cloister.h"
ok 'and of C99' gcc -x c -std=c99 -Wall -Wextra -Wpedantic -Werror -fsyntax-only "$prefix/include/cloister.h"

# --- Running --------------------------------------------------------------------------------------

listen service.log --addr "unix:$scratch/s" || exit 1
run() { # FOLDER ARGUMENT... -- COMMAND
	local folder=$1
	shift
	"$folder/run" "unix:$scratch/s" "$@"
}
test_run() { # FOLDER
	run "$1" root="$CLOISTER_ROOT" -- sh -c 'cat; echo err >&2; exit 7' <"$1/run" >out 2>err
	same 7 $? && cmp out "$1/run" && same err "$(cat err)"
}
test_copy() { # FOLDER
	mkdir -p tree/empty && head -c 3000000 /dev/urandom >tree/file && ln -sf file tree/link &&
		chmod 750 tree/empty && rm -rf there back || return 1
	"$1/copy" "unix:$scratch/s" "$CLOISTER_ROOT" tree "$scratch/there" back >out &&
		contains out 'attested yes' && same_tree tree there && same_tree tree back &&
		contains out '3000000 bytes there' &&
		"$BIN/eif" describe --json image.eif 2>/dev/null | jq -r '.. | .PCR0? // empty' >pcr0 &&
		contains out "PCR0 $(head -n 1 pcr0)"
}
test_poll() { # FOLDER
	"$1/poll" "$scratch/s" "$CLOISTER_ROOT" 'echo out; exit 3' >out 2>err || { cat err; return 1; }
	same 3 "$(grep -c '^out$' out)" && same 3 "$(grep -c 'ended with 3$' out)"
}
test_threads() { # FOLDER
	"$1/threads" "unix:$scratch/s" "$CLOISTER_ROOT" >out 2>err || { cat err; return 1; }
	same 4 "$(grep -c ': 10 commands$' out)"
}
for folder in gcc.shared clang.static; do
	ok "$folder: four threads, each with a session" test_threads $folder
	ok "$folder: a command runs, with its input and status" test_run $folder
	ok "$folder: a tree goes there and comes back" test_copy $folder
	ok "$folder: three commands at once in a loop of the caller's" test_poll $folder
done
test_device() { # nobody means that it should become a file
	rm -rf there && mkfifo fifo && ! gcc.shared/copy "unix:$scratch/s" "$CLOISTER_ROOT" tree "$scratch/there" fifo >out 2>&1 &&
		contains out 'would be replaced' && test -p fifo
}
ok 'a FIFO is not replaced by what is fetched' test_device
test_options() {
	run gcc.shared root="$CLOISTER_ROOT" environment=NAME=value directory=/tmp -- sh -c 'echo "$NAME $PWD"' >out 2>err
	same 0 $? && same 'value /tmp' "$(cat out)" || return 1
	run gcc.shared root="$CLOISTER_ROOT" directory=/none -- true 2>err
	same 127 $? && contains err 'working directory'
}
ok 'a command has an environment, and a folder to begin in' test_options
test_forward() {
	socat "UNIX-LISTEN:$scratch/target,fork" EXEC:'cat' & local server=$! status
	await grep -q "00010000 .* $scratch/target\$" /proc/net/unix # which listens
	head -c 1000000 /dev/urandom >noise
	run gcc.shared root="$CLOISTER_ROOT" forward="unix:$scratch/target" <noise >out 2>err
	status=$?
	kill $server && wait $server
	same 0 $status && cmp out noise || { cat err; return 1; }
	run gcc.shared root="$CLOISTER_ROOT" forward="unix:$scratch/nobody" </dev/null 2>err
	same 125 $? && contains err '(unreachable)'
}
ok 'a connection is led to a target, both ways, with its ends' test_forward
test_refused() {
	run gcc.shared -- true >out 2>err
	same 125 $? && contains err '(document)' || return 1
	run gcc.shared root="$scratch/none" -- true 2>err
	same 125 $? && contains err "$scratch/none" || return 1
	run gcc.shared root="$CLOISTER_ROOT" -- no-such-command 2>err
	same 127 $? && contains err '(not_found)' || return 1
	gcc.shared/run "unix:$scratch/nobody" -- true 2>err
	same 125 $? && contains err '(refused)'
}
ok 'what fails has its word, and nothing is believed by default' test_refused
test_policy() {
	local pcr0
	gcc.shared/copy "unix:$scratch/s" "$CLOISTER_ROOT" tree "$scratch/there" back >out &&
		pcr0=$(sed -n 's/^PCR0 //p' out) || return 1
	printf 'root = "%s"\n[[image]]\nname = "ours"\npcr0 = "%s"\n' "$CLOISTER_ROOT" "$pcr0" >good
	sed "s/pcr0 = \"./pcr0 = \"$([ "${pcr0:0:1}" = 0 ] && echo 1 || echo 0)/" good >bad
	run gcc.shared policy="$scratch/good" -- true || return 1
	run gcc.shared policy="$scratch/bad" -- true 2>err
	same 125 $? && contains err '(document)' || return 1
	run gcc.shared policy="$scratch/good" accept_debug=true -- true 2>err
	same 125 $? && contains err '(usage)'
}
ok 'a policy says which enclaves are believed' test_policy
test_verify() {
	local documents=$repository/tests/data/attestation
	gcc.shared/verify "$documents/document.cbor" root="$documents/root.pem" >out
	contains out accepted || contains out expired || return 1
	gcc.shared/verify "$documents/document.cbor" >out
	same 1 $? && contains out 'refused: root' || return 1
	gcc.shared/verify "$documents/debug.cbor" root="$documents/root.pem" >out
	same 1 $?
}
ok 'documents are judged without a session' test_verify
test_killed() { # the peer goes away in the middle
	run gcc.shared root="$CLOISTER_ROOT" -- sh -c 'echo up; exec sleep 1000' </dev/null >out 2>err &
	local client=$!
	await grep -q up out || { kill -KILL $client; return 1; }
	kill -KILL -- "-$listener"
	wait $client
	same 125 $? && contains err '(lost)'
}
ok 'a listener that is killed is a session that is lost' test_killed
finish
