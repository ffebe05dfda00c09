# nsmsim: completion for bash.
_nsmsim()
{
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
	local words='root --socket --eif --debug-mode --module-id --root-dir --ready-fd --json --help
		--version'

	COMPREPLY=()
	case $before in
	--module-id | --ready-fd) return ;;
	--socket | --eif)
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		return
		;;
	--root-dir)
		mapfile -t COMPREPLY < <(compgen -d -- "$word")
		return
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -o filenames -F _nsmsim nsmsim
