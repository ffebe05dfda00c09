# bash completion for enclave
_enclave() {
	local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} words
	case $previous in
	--eif | --eif-path | --nsmsim | --qemu | --vsockd | --config | --input | --signing-certificate)
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
		return
		;;
	--name | --enclave-name)
		words=$(enclave list 2>/dev/null | awk 'NR > 1 { print $1 }')
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
		return
		;;
	--backend)
		mapfile -t COMPREPLY < <(compgen -W 'sandbox qemu nitro auto' -- "$current")
		return
		;;
	esac
	case ${COMP_WORDS[1]} in
	run | run-enclave)
		words='--eif --backend --cid --name --memory --cpus --cpu-ids --config --wait-ready --debug-mode
			--attach-console --boot-timeout --ready-timeout --stop-timeout
			--health-interval --nsmsim
			--qemu --accel --vsockd --help'
		;;
	list) words='--json --help' ;;
	describe | describe-enclaves) words='--name --id --metadata --help' ;;
	logs) words='--name --id --console --follow --help' ;;
	wait) words='--name --id --ready --healthy --gone --timeout --help' ;;
	console) words='--name --id --help' ;;
	doctor) words='--backend --memory --root --json --help' ;;
	pcr) words='--input --signing-certificate --eif --name --id --help' ;;
	size)
		case $current in
		-*) words='--run-time --json --help' ;;
		*)
			mapfile -t COMPREPLY < <(compgen -f -- "$current")
			return
			;;
		esac
		;;
	terminate | terminate-enclave) words='--name --id --all --help' ;;
	*) words='run list describe console logs wait terminate pcr size doctor --help --version' ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -F _enclave enclave
