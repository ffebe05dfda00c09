#!/bin/bash
# The doctor, given made-up machines: each finding with its level and what mends it. What is found out
# by use can't be made up: there it is only seen that it is told.
. "$(dirname "$0")/eif_common.bash"
eif=$(dirname "$eif")/enclave # which `ends` runs
export HOME=$scratch XDG_CACHE_HOME=$scratch/cache XDG_RUNTIME_DIR=$scratch
unset CLOISTER_CACHE CLOISTER_QEMU
mkdir programs

put() { # PATH TEXT: a file of the machine
	mkdir -p "machine/$(dirname "$1")" && printf '%s\n' "$2" >"machine/$1"
}
cpu() { # NUMBER SIBLINGS NODE: SIBLINGS is `offline` for one that is
	mkdir -p "machine/sys/devices/system/cpu/cpu$1/node$3"
	rm -rf "machine/sys/devices/system/cpu/cpu$1/topology"
	[ "$2" = offline ] || put "sys/devices/system/cpu/cpu$1/topology/thread_siblings_list" "$2"
}
pages() { # FOLDER 2MIB-TOTAL 2MIB-FREE 1GIB-TOTAL 1GIB-FREE
	put "sys/$1/hugepages-2048kB/nr_hugepages" "$2"
	put "sys/$1/hugepages-2048kB/free_hugepages" "$3"
	put "sys/$1/hugepages-1048576kB/nr_hugepages" "$4"
	put "sys/$1/hugepages-1048576kB/free_hugepages" "$5"
}
# A parent instance of two nodes with two cores of two threads each, of which one core is set aside.
parent() {
	rm -rf machine
	put proc/sys/kernel/osrelease 6.1.0-aws
	put proc/meminfo "MemTotal: 9000000 kB
MemAvailable:    8388608 kB"
	put dev/nitro_enclaves ''
	put sys/module/nitro_enclaves/parameters/ne_cpus 1,3
	cpu 0 0,2 0 && cpu 1 offline 0 && cpu 2 0,2 0 && cpu 3 offline 0
	cpu 4 4,6 1 && cpu 5 5,7 1 && cpu 6 4,6 1 && cpu 7 5,7 1
	pages kernel/mm/hugepages 100 100 2 1
	pages devices/system/node/node0/hugepages 100 100 1 0
	pages devices/system/node/node1/hugepages 0 0 1 1
	put etc/nitro_enclaves/allocator.yaml '# what the parent gives away
memory_mib: 2048
cpu_count: 2'
	mkdir -p machine/etc/systemd/system/multi-user.target.wants
	ln -s nowhere machine/etc/systemd/system/multi-user.target.wants/nitro-enclaves-allocator.service
}
look() { # ARGUMENT...: findings go to `out`
	PATH=$scratch/programs:$PATH "$eif" doctor --root "$scratch/machine" --json "$@" >out 2>err
	[ $? -le 76 ] && jq -e . out >/dev/null
}
told() { # CHECK LEVEL TEXT-OF-WHAT TEXT-OF-MEND [WHICH]
	local found
	found=$(jq -r --arg check "$1" --argjson which "${5:-0}" '[.Findings[] |
		select(.Check == $check)] | .[$which] | "\(.Level)|\(.What)|\(.Mend)"' out)
	case $found in "$2"'|'*"$3"*'|'*"$4"*) ;; *)
		echo "expected $*, found $found"
		return 1
		;;
	esac
	# Where something is wrong, why and how to mend it are said.
	[ "$2" = ok ] || jq -e --arg check "$1" --argjson which "${5:-0}" '[.Findings[] |
		select(.Check == $check)] | .[$which] | .Why != "" and .Mend != ""' out >/dev/null
}

test_good() {
	parent && look --memory 1024 && told kernel ok 6.1.0 '' && told memory ok '8192 MiB' '' &&
		told memory ok 8192 '' 1 && told hugepages warn 'node 0: 1224 MiB' '' ||
		return 1
	told hugepages ok 'node 1: 1024 MiB in hugepages, 1024 MiB' '' 1 &&
		told allocator ok '2048 MiB' '' && told cpu-pool ok '2 CPUs are set aside: 1,3' '' &&
		told device fail 'gives no slot' 'modprobe' &&
		same 'Check Backend Level What Why Mend' \
			"$(jq -r '.Findings[0] | keys_unsorted | join(" ")' out)"
}
ok 'a good parent instance, but for the device' test_good
test_use() {
	parent && look && for check in namespaces nsm qemu kvm vsock; do
		jq -e --arg check $check '.Findings[] | select(.Check == $check) |
			.Level == "ok" or .Why != "" and .Mend != ""' out >/dev/null || return 1
	done
}
ok 'what is found out by use is told, with its mend where it is wrong' test_use

test_kernel() {
	parent && put proc/sys/kernel/osrelease 5.10.99 && look && told kernel fail 5.10 newer &&
		same 'false false false' "$(jq -r '[.Usable[]] | map(tostring) | join(" ")' out)" &&
		put proc/sys/kernel/osrelease 5.11.0 && look && told kernel ok 5.11 '' &&
		put proc/sys/kernel/osrelease 10.0 && look && told kernel ok 10.0 '' &&
		put proc/sys/kernel/osrelease x && look && told kernel warn '' mount
}
ok 'a kernel that is too old, or does not tell' test_kernel
test_memory() {
	parent && look --memory 8193 && told memory fail '8192 MiB' 'end what' &&
		told memory fail '8192 MiB' 'end what' 1 && look --memory 8192 && told memory ok 8192 '' &&
		put proc/meminfo nothing && look && told memory warn 'does not tell' mount
}
ok 'too little memory, or nobody knows' test_memory
test_pages() {
	parent && look --memory 1025 && told hugepages fail 'node 1' 'memory_mib to 1025' 1 &&
		look --memory 64 && told hugepages ok 'node 0: 1224 MiB in hugepages, 200 MiB' '' &&
		rm -r machine/sys/devices/system/node && look --memory 1224 &&
		told hugepages ok '2248 MiB in hugepages, 1224 MiB' '' && look --memory 1225 &&
		told hugepages fail '1224 MiB of them free' 'restart nitro-enclaves-allocator' &&
		rm -r machine/sys/kernel && look && told hugepages fail '0 MiB' 'memory_mib'
}
ok 'hugepages that are free in one node' test_pages
test_allocator() {
	parent && put etc/nitro_enclaves/allocator.yaml 'memory_mib: 4096' && look &&
		told allocator warn '4096 MiB, and 2248 MiB are reserved' restart &&
		put etc/nitro_enclaves/allocator.yaml '# memory_mib: 7' && look &&
		told allocator warn 'no memory_mib' echo && parent &&
		rm -r machine/etc/systemd && look && told allocator warn 'not enabled' 'enable --now' &&
		rm -r machine/etc && look && told allocator warn "can't be read" 'dnf install'
}
ok 'an allocator that is not there, not enabled, or got less than it asked for' test_allocator
test_pool() {
	parent && look && told cpu-pool ok '1,3' '' &&
		put sys/module/nitro_enclaves/parameters/ne_cpus 1 && cpu 3 3 0 && look &&
		told cpu-pool fail "CPU 3's core is only partly" allocator.yaml &&
		put sys/module/nitro_enclaves/parameters/ne_cpus 1,5 && parent &&
		put sys/module/nitro_enclaves/parameters/ne_cpus 1,3,4 && look &&
		told cpu-pool fail "CPU 4's core is only partly" allocator.yaml &&
		put sys/module/nitro_enclaves/parameters/ne_cpus 1,3-4,6 && look &&
		told cpu-pool fail 'of 2 NUMA nodes' allocator.yaml &&
		put sys/module/nitro_enclaves/parameters/ne_cpus '' && look &&
		told cpu-pool fail 'no CPUs' allocator.yaml
}
ok 'a pool that cuts a core in two, is of two nodes, or is empty' test_pool
test_lists() {
	parent || return 1
	for list in x 1, ,1 1-  -1 3-1 4096 1--3 '1 3' 99999999999999999999; do
		put sys/module/nitro_enclaves/parameters/ne_cpus "$list" && look &&
			told cpu-pool warn 'no list of CPUs' allocator.yaml || return 1
	done
	put sys/module/nitro_enclaves/parameters/ne_cpus 4095 && look && told cpu-pool ok 4095 '' &&
		rm -r machine/sys/module && look && told cpu-pool fail 'no pool' 'modprobe nitro_enclaves'
}
ok 'lists that are none' test_lists
test_device() {
	parent && rm machine/dev/nitro_enclaves && look &&
		told device fail 'No such file' 'use an EC2 instance' &&
		put sys/devices/virtual/dmi/id/sys_vendor 'Amazon EC2' && look &&
		told device fail 'No such file' '--enclave-options Enabled=true' &&
		mkdir machine/dev/nitro_enclaves && look && told device fail 'directory' modprobe
}
ok 'a device that is not there, on EC2 and elsewhere' test_device
test_kvm() {
	parent && put dev/kvm '' && put proc/cpuinfo 'flags : fpu vmx sse' && look &&
		told kvm warn 'makes no virtual machine' 'modprobe kvm_intel' &&
		put proc/cpuinfo 'flags : fpu svm' && look && told kvm warn '' 'modprobe kvm_amd' &&
		put proc/cpuinfo 'flags : fpu' && rm machine/dev/kvm && look &&
		told kvm warn 'No such file' 'firmware'
}
ok 'no KVM, or a node in /dev that is none' test_kvm
test_qemu() {
	printf '#!/bin/sh\nprintf "Supported machines are:\\npc  old\\n"\n' >programs/qemu-system-x86_64
	chmod +x programs/qemu-system-x86_64
	parent && look && told qemu fail 'no QEMU with the machine' 'make qemu' &&
		same false "$(jq .Usable.qemu out)" &&
		printf '#!/bin/sh\nprintf "Supported machines are:\\nnitro-enclave  AWS\\n"\n' \
			>programs/qemu-system-x86_64 && look && told qemu ok programs/qemu '' &&
		same true "$(jq .Usable.qemu out)"
}
ok 'a QEMU without the machine, and one with it' test_qemu
test_program() {
	parent && NITRO_CLI=$scratch/none look && told nitro-cli fail 'NITRO_CLI names' 'dnf install' &&
		NITRO_CLI=$eif look && told nitro-cli fail 'this program itself' 'dnf install' &&
		NITRO_CLI=$scratch/programs/qemu-system-x86_64 look &&
		told nitro-cli ok programs/qemu-system-x86_64 ''
}
ok 'nitro-cli that is not there, is this program, or is there' test_program
test_ends() {
	parent && ends 76 unfit doctor --backend nitro --root machine && contains out 'device' &&
		contains out 'why:' && contains out 'mend:' && ! grep '^[a-z]*  *sandbox' out &&
		contains out "nitro can't run enclaves here" &&
		put proc/sys/kernel/osrelease 4.0 && ends 76 unfit doctor --root machine &&
		contains out "sandbox can't run" && contains err 'no backend' &&
		ends 2 usage doctor --backend vmware && ends 2 usage doctor more &&
		ends 2 usage doctor --memory 0 && ends 2 usage doctor --memory && ends 2 usage doctor --x &&
		ends 0 - doctor --help && contains out 'doctor' &&
		put proc/sys/kernel/osrelease "$(printf '6.1\033[2J')" && "$eif" doctor --root machine >out
	! grep -q "$(printf '\033')" out && contains out '\x1b'
}
ok 'exit codes, help, wrong usage, and text that a terminal would act on' test_ends

finish
