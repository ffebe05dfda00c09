# What the tests of the program pipeline share: a listener, exit codes, trees that are compared.
. "$(dirname "$0")/tap.bash"
pipeline=$(program pipeline)
mounted='' listeners=''
leave() {
	# shellcheck disable=SC2086
	[ -z "$listeners" ] || kill -TERM $listeners 2>/dev/null
	wait
	[ -z "$mounted" ] || umount "$mounted"
}

# What the listeners' documents come from, and what they are signed under.
"$BIN/eif" build --kernel "$repository/tests/data/eif/kernel" \
	--kernel_config "$repository/tests/data/eif/kernel.config" --cmdline 'console=ttyS0' \
	--ramdisk "$repository/tests/data/eif/ramdisk0" \
	--ramdisk "$repository/tests/data/eif/ramdisk1" --output image.eif >/dev/null || exit 1
XDG_STATE_HOME=$scratch/state "$BIN/nsmsim" --socket "$scratch/nsm" --eif image.eif 2>nsm.log &
listeners+=" $!"
await grep -q '"listening"' nsm.log || exit 1
export CLOISTER_ROOT=$scratch/state/cloister/nsmsim/root.pem

# Starts `pipeline listen` and waits until it serves; its process and its group are $listener.
listen() { # LOG ARGUMENT...
	local log=$1
	shift
	mkfifo "$log.fifo"
	setsid "$pipeline" listen --nsm "$scratch/nsm" "$@" >/dev/null 2>"$log.fifo" </dev/null &
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

ends() { says "$pipeline" "$@"; } # CODE WORD ARGUMENT...

# All that a copy keeps of a tree: names, kinds, modes, times, links, and which names are one file.
tree() { # FOLDER
	(cd "$1" && find . -printf '%P %y %m %T@ %l\n' | sort &&
		find . -type f -printf '%i %P\n' | sort -k2 | awk '{
			if (!($1 in first)) first[$1] = $2
			print first[$1], $2 }' &&
		find . -type f -print0 | sort -z | xargs -0 -r sha256sum)
}
same_tree() { tree "$1" >one && tree "$2" >two && diff one two; }
