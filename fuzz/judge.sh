#!/bin/bash
# Looks at what a campaign saved, at each input alone. A crash counts. A hang counts if the harness does
# not end well on it within 10 s of processor time, which a busy machine does not use up as it does
# afl-fuzz's second. DIR/NAME.log says of each hang which it is; what counts is printed with all that is
# needed to see it again elsewhere. Fails if anything counts.
# usage: fuzz/judge.sh DIR REPLAYS NAME      DIR and REPLAYS as for fuzz/run.sh
set -u
dir=$1 replays=$2 name=$3
found=$dir/found/$name/default said=$dir/$name.replay
most=3 # of each kind are shown, and no more hangs are looked at: each takes its 10 s
export ASAN_OPTIONS=abort_on_error=1:detect_leaks=0:handle_abort=1 AFL_QUIET=1

replay() { # INPUT: its status without a fuzzer, and if that is 0, as afl-fuzz has run it
	local program
	for program in "$replays/replay-$name" "$dir/$name"; do
		(
			ulimit -S -c 0 -t 10
			timeout -k 10 300 "$program" "$1"
			exit $?
		) >"$said" 2>&1 || return
	done
}

show() { # KIND INPUT STATUS
	echo "fuzz: $name: a $1: $(basename "$2"), $(stat -c %s "$2") bytes; the first 2048 in base64:"
	head -c 2048 "$2" | base64 -w 0
	printf '\n  replayed, it ends with status %s (152: 10 s of processor time are over) and says:\n' "$3"
	{
		grep -aE 'ERROR: |runtime error: |^ +#[0-9]+ ' "$said" | head -n 16
		tail -n 4 "$said"
	} | LC_ALL=C tr -c '[:print:]\n' '?' | cut -c1-200 | sed 's/^/  | /'
}

crashes=0
for input in "$found"/crashes/id*; do
	[ -e "$input" ] || continue
	crashes=$((crashes + 1))
	[ $crashes -le $most ] || continue
	replay "$input"
	show crash "$input" $?
done
hangs=0
for input in "$found"/hangs/id*; do
	[ -e "$input" ] && [ $hangs -lt $most ] || continue
	what="$(basename "$input"), $(stat -c %s "$input") bytes"
	if replay "$input"; then
		echo "hang not confirmed: $what, ends well alone" >>"$dir/$name.log"
		echo "fuzz: $name: no hang, it ends well alone: $what"
	else
		status=$?
		hangs=$((hangs + 1))
		echo "hang confirmed: $what, ends with status $status" >>"$dir/$name.log"
		show hang "$input" $status
	fi
done
[ $crashes$hangs = 00 ]
