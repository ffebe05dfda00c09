#!/bin/bash
# Completions for bash, zsh and fish are what programs say with --help: each shell offers every verb
# and option, and each option that is offered is one that the program knows.
. "$(dirname "$0")/tap.bash"

export XDG_CONFIG_HOME=$scratch/config XDG_RUNTIME_DIR=$scratch/run HOME=$scratch
export PATH=$BIN:$PATH
mkdir -p config/cloister run/cloister/launched
echo '[enclaves.named]' >config/cloister/pipeline.conf
: >file.txt
programs='attest eif enclave initctl logopen logseal nsmsim pipeline slc vsockd'
# shellcheck disable=SC2086
python3 "$repository/host/completions.py" "$BIN" made $programs || exit 1

# --- What each shell offers -----------------------------------------------------------------------

in_bash() { # LINE: what is offered behind it
	bash --norc -c '. "made/$1.bash"
		read -ra COMP_WORDS <<<"$2"
		case $2 in *" ") COMP_WORDS+=("") ;; esac
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
		"_$1"
		printf "%s\n" "${COMPREPLY[@]}"' bash "${1%% *}" "$1" | sort
}
in_fish() { fish --no-config -c "source made/${1%% *}.fish; complete -C '$1'" | cut -f 1 | sort; }
in_zsh() { # the words of the function itself: completing needs a terminal
	zsh -f -c '
		_arguments() { printf "%s\n" "$@"; state=verb; words=(); }
		_describe() { printf "%s\n" "${verbs[@]%%:*}"; }
		compdef() { :; }
		. "made/_$1"' zsh "${1%% *}" | sed -n "s/^\*\(-[^[]*\)\[.*/\1/p; /^[a-z-]*$/p" | sort
}
has() { # FILE WORD...
	local file=$1 word
	shift
	for word; do
		grep -qxF -- "$word" "$file" || { echo "no '$word' in:"; cat "$file"; return 1; }
	done
}
test_verbs() { # SHELL
	"in_$1" 'pipeline ' >out && has out exec cp forward ping attest keygen permit listen run send-dir || return 1
	"in_$1" 'eif ' >out && has out build describe evidence extract size ramdisk || return 1
	"in_$1" 'enclave ' >out && has out run list describe logs wait terminate pcr size doctor || return 1
	"in_$1" 'attest ' >out && has out verify show policy
}
test_options() { # SHELL
	"in_$1" 'pipeline --' >out && has out --addr --enclave --policy --accept-unsigned --cid || return 1
	"in_$1" 'pipeline exec -' >out && has out -i -e --time --addr --json || return 1
	"in_$1" 'pipeline --addr exec cp -' >out && has out --exclude --quiet || return 1
	"in_$1" 'eif build --' >out && has out --kernel --build-tool-version || return 1
	"in_$1" 'attest verify --' >out && has out --max-age --event-log
}
test_values() { # SHELL
	"in_$1" 'enclave run --backend ' >out && has out sandbox qemu nitro auto || return 1
	"in_$1" 'eif build --arch ' >out && has out x86_64 aarch64 || return 1
	"in_$1" 'pipeline --enclave ' >out && has out named launched || return 1
	"in_$1" 'enclave logs --name ' >out && has out launched || return 1
	"in_$1" 'pipeline cp f' >out && has out file.txt || return 1
	"in_$1" 'attest verify --doc f' >out && has out file.txt || return 1
	"in_$1" 'pipeline ping -c ' >out && lacks out file.txt
}
for shell in bash fish; do
	ok "$shell: verbs" test_verbs $shell
	ok "$shell: options of verbs, and those of all" test_options $shell
	ok "$shell: values: words, names of enclaves, files" test_values $shell
done
test_zsh() {
	for program in $programs; do zsh -n "made/_$program" || return 1; done
	in_zsh pipeline >out && has out exec cp send-dir --addr --enclave-id || return 1
	in_zsh enclave >out && has out run list doctor
}
ok 'zsh: the functions are sound, and know the verbs' test_zsh

# --- What programs know ---------------------------------------------------------------------------

offered() { # PROGRAM VERB: options
	in_bash "$1 ${2:+$2 }-" | grep '^-'
}
# Nothing is done for --help, whatever stands in front of it. A value may be refused; not the option.
test_known() { # PROGRAM VERB
	local option count=0
	for option in $(offered "$1" "$2"); do
		count=$((count + 1))
		# shellcheck disable=SC2086
		"$1" $2 "$option" --help </dev/null >out 2>&1
		! grep -E "unknown option|is unknown|no such option|unrecognized" out || { echo "$1 $2 $option"; return 1; }
	done
	[ $count -gt 0 ]
}
for program in $programs; do
	verbs=$(in_bash "$program " | grep '^[a-z]')
	for verb in '' $verbs; do
		ok "$program${verb:+ $verb} knows what is offered" test_known "$program" "$verb"
	done
done
# And the other way: what a source gives to getopt_long stands in a --help. These don't: names that
# nitro-cli, or our own earlier words, have for what is offered by another one.
test_said() { # PROGRAM FILE...
	local program=$1 option
	shift
	for verb in '' $(in_bash "$program " | grep '^[a-z]'); do
		offered "$program" "$verb"
	done | sort -u >said
	for option in $(sed -n 's/.*{"\([a-z][a-z_-]*\)", \(required\|no\)_argument.*/\1/p' "$@" | sort -u); do
		grep -qxF -- "--$option" said || echo "--$option"
	done
}
ok 'pipeline says all of its options' same '' "$(test_said pipeline "$repository"/host/pipeline/*.c | grep -vx -e --vsock-port)"
ok 'eif says all of its options' same '' "$(test_said eif "$repository"/host/eif/*.c | grep -vx -e --kernel-config)"
ok 'initctl says all of its options' same '' "$(test_said initctl "$repository"/host/initctl/*.c)"
ok 'attest says all of its options' same '' "$(test_said attest "$repository"/host/attest/*.c)"
finish
