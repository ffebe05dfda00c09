# attest: completion for bash.
_attest()
{
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} words=''

	COMPREPLY=()
	if [ "$COMP_CWORD" -eq 1 ]; then
		mapfile -t COMPREPLY < <(compgen -W 'verify show policy --help --version' -- "$word")
		return
	fi
	case $before in
	--at | --max-age | --nonce | --pcr) return ;;
	--doc | --root | --event-log | --policy)
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		return
		;;
	esac
	case ${COMP_WORDS[1]} in
	verify) words='--doc --root --at --max-age --nonce --pcr --event-log --policy --json --help' ;;
	show) words='--doc --json --help' ;;
	policy) words='--max-age --root --help' ;;
	esac
	case ${COMP_WORDS[1]}:$word in
	policy:-*) ;;
	policy:*)
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		return
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -o filenames -F _attest attest
