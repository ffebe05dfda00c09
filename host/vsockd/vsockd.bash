# vsockd: completion for bash.
_vsockd()
{
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
	local words='--socket --cid --dir --connections --buffer --ready-fd --log --json --help
		--version'

	COMPREPLY=()
	case $before in
	--cid | --connections | --buffer | --ready-fd) return ;;
	--log) words='error warning info debug' ;;
	--socket)
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		return
		;;
	--dir)
		mapfile -t COMPREPLY < <(compgen -d -- "$word")
		return
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -o filenames -F _vsockd vsockd
