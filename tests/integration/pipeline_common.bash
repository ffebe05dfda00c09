# What the tests of the program pipeline share: where things are, a scratch folder, a listener, how
# a test is run. BIN is the folder of the programs; SANITIZED, if given, that of those with
# sanitizers.
set -u
here=$(cd "$(dirname "$0")" && pwd)
BIN=${BIN:-out/bin}
BIN=$(cd "$BIN" && pwd) || exit 1
folder=$BIN
if [ -n "${SANITIZED:-}" ] && [ -x "$SANITIZED/pipeline" ]; then
	folder=$(cd "$SANITIZED" && pwd)
fi
pipeline=$folder/pipeline
unset CLOISTER_ADDR CLOISTER_VSOCK_DIR CLOISTER_TRACE
export LC_ALL=C TZ=UTC PYTHONDONTWRITEBYTECODE=1
scratch=$(mktemp -d)
mounted='' listeners=''
# shellcheck disable=SC2086
trap '[ -z "$listeners" ] || kill -TERM $listeners 2>/dev/null
	wait
	[ -z "$mounted" ] || umount "$mounted"
	rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
passed=0 failed=0

ok() { # NAME COMMAND...: a test that passes if the command succeeds
	local name=$1
	shift
	if "$@" >log 2>&1 </dev/null; then
		passed=$((passed + 1))
		echo "ok - $name"
	else
		failed=$((failed + 1))
		echo "not ok - $name"
		sed 's/^/# /' log | head -n 30
	fi
}

# Starts `pipeline listen` and waits until it serves; its process and its group are $listener.
listen() { # LOG ARGUMENT...
	local log=$1
	shift
	mkfifo "$log.fifo"
	setsid "$pipeline" listen "$@" >/dev/null 2>"$log.fifo" </dev/null &
	listener=$!
	listeners+=" $listener"
	exec 9<"$log.fifo"
	rm "$log.fifo"
	while read -r line <&9; do
		printf '%s\n' "$line" >>"$log"
		case $line in *listening*) break ;; esac
	done
	case ${line:-} in *listening*) ;; *) cat "$log"; return 1 ;; esac
	cat <&9 >>"$log" 9<&- &
	exec 9<&-
}

# Ends the listener, which has to end well.
stop() { # PROCESS
	kill -TERM "$1" && wait "$1"
}

# Runs the client and compares its exit code and its reason; stdout goes to `out`, stderr to `err`
# in the scratch folder.
ends() { # CODE WORD ARGUMENT...
	local code=$1 word=$2 status reason
	shift 2
	"$pipeline" "$@" >"$scratch/out" 2>"$scratch/err"
	status=$?
	reason=$(sed -n 's/^reason: //p' "$scratch/err")
	[ "$status $reason" = "$code ${word#-}" ] && return 0
	echo "expected $code $word, found $status $reason"
	cat "$scratch/err"
	return 1
}
same() { [ "$1" = "$2" ] || { printf 'expected: %s\nfound:    %s\n' "$1" "$2"; false; }; }
contains() { grep -qF -- "$2" "$1" || { echo "no '$2' in:"; cat "$1"; false; }; }
empty_folder() { [ -z "$(ls -A "$1")" ] || { ls -la "$1"; false; }; }

# All that a copy keeps of a tree: names, kinds, modes, times, links, and which names are one file.
tree() { # FOLDER
	(cd "$1" && find . -printf '%P %y %m %T@ %l\n' | sort &&
		find . -type f -printf '%i %P\n' | sort -k2 | awk '{
			if (!($1 in first)) first[$1] = $2
			print first[$1], $2 }' &&
		find . -type f -print0 | sort -z | xargs -0 -r sha256sum)
}
same_tree() { tree "$1" >one && tree "$2" >two && diff one two; }

# Waits until a condition holds; a listener has to react, and nobody says when.
await() { # COMMAND...
	for _ in $(seq 3000); do
		"$@" >/dev/null 2>&1 && return 0
		sleep 0.01
	done
	echo "it never came to: $*"
	return 1
}

finish() { # the last line of a script, and its status
	echo "$passed passed, $failed failed"
	[ $failed -eq 0 ]
}
