# slc: completion for bash.
_slc()
{
	local word=${COMP_WORDS[COMP_CWORD]}

	COMPREPLY=()
	case ${COMP_WORDS[COMP_CWORD - 1]} in
	--addr | --sessions | --channels | --jobs | --forwards | --documents | --records | --drain) return ;;
	--root | --keys)
		mapfile -t COMPREPLY < <(compgen -d -- "$word")
		return
		;;
	--nsm)
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		return
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -W '--addr --root --nsm --keys --sessions --channels --jobs
		--documents --records --drain --json --insecure-dev --help --version' -- "$word")
}
complete -o filenames -F _slc slc
