# pipeline: completion for bash.
_pipeline()
{
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} verb='' i
	local options='--addr --enclave --timeout --json --quiet --help'

	options+=' --policy --root --key --accept-unsigned --accept-debug --insecure-dev'

	COMPREPLY=()
	case $before in
	--addr | --timeout | --nonce | -c | -L | -D | --ready-fd | --comment) return ;;
	--exclude | --at | --user) return ;;
	--type)
		mapfile -t COMPREPLY < <(compgen -W 'ed25519 p256' -- "$word")
		return
		;;
	--enclave)
		mapfile -t COMPREPLY < <(cd "${XDG_RUNTIME_DIR:-/run}/cloister" 2>/dev/null &&
			compgen -d -- "$word")
		return
		;;
	-o | --policy | --root | --key | --user-data | --public-key)
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		return
		;;
	esac
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--addr | --enclave | --timeout | --root | --policy | --key) i=$((i + 1)) ;;
		listen | exec | shell | cp | forward | proxy | ping | attest | audit | keygen | permit)
			verb=${COMP_WORDS[i]}
			break
			;;
		esac
	done
	case $verb in
	'') options+=' --version listen exec shell cp forward proxy ping attest audit keygen permit' ;;
	listen) options='--addr --help' ;;
	exec) options+=' -i -t -e -w -u --time' ;;
	shell) options+=' -e -w -u --time --shell' ;;
	cp) options+=' -q -T --exclude --skip-unchanged --checksum --resume' ;;
	forward) options+=' -L -D --ready-fd' ;;
	ping) options+=' -c' ;;
	attest) options+=' -o --nonce --user-data --public-key' ;;
	keygen) options='-o --type --comment --force --json --quiet --help' ;;
	permit) options='--at --user --json --quiet --help' ;;
	esac
	case $verb:$word in
	:* | *:-*) mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word") ;;
	cp:* | permit:*) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
	esac
}
complete -o filenames -F _pipeline pipeline
