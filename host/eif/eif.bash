# eif: completion for bash.
_eif()
{
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} words

	COMPREPLY=()
	if [ "$COMP_CWORD" -eq 1 ]; then
		mapfile -t COMPREPLY < <(compgen -W 'build describe evidence extract ramdisk size --help --version' -- "$word")
		return
	fi
	case $before in
	--arch)
		mapfile -t COMPREPLY < <(compgen -W 'x86_64 aarch64' -- "$word")
		return
		;;
	--cmdline | --name | --version | --build-* | --img-* | --prefix)
		return
		;;
	esac
	case ${COMP_WORDS[1]} in
	build)
		words='--kernel --kernel_config --cmdline --ramdisk --output --arch --name --version
			--metadata --build-time --build-tool --build-tool-version --img-os --img-kernel
			--help'
		;;
	describe) words='--sections --json --help' ;;
	size) words='--run-time --json --help' ;;
	evidence) words='--tree --json --help' ;;
	extract) words='--force --help' ;;
	ramdisk) words='--output --prefix --help' ;;
	esac
	case $word in
	-*) mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word") ;;
	*) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
	esac
}
complete -o filenames -F _eif eif
