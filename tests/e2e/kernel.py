"""What the running kernel has, and what it must not have (spec/kernel.md)."""

import lab
from lab import check, must, same

PROBED = set()  # what tests/e2e/probe.c has found


def probed(enclave):
    enclave.pipeline("--quiet", "cp", lab.PROBE, ":/tmp/probe")
    PROBED.update(enclave.inside("/tmp/probe").split())
    must(PROBED, "it found something")


def version(enclave):
    """Nothing of who built it, and what it was told."""
    must("(cloister@cloister)" in enclave.inside("cat /proc/version"), "built by nobody")
    words = enclave.inside("cat /proc/cmdline").split()
    must("nomodules" in words and "reboot=k" in words, words)
    must(any(word.startswith("virtio_mmio.device=") for word in words), "devices by words", words)


def has(enclave):
    known = {line.split()[-1] for line in enclave.inside("cat /proc/filesystems").splitlines()}
    must({"erofs", "overlay", "cgroup2", "tmpfs", "devtmpfs"} <= known, known)
    for path in ("/dev/nsm", "/dev/net/tun", "/dev/vsock", "/dev/mapper/control",
                 "/dev/loop-control", "/proc/net/if_inet6",
                 "/proc/sys/net/netfilter/nf_conntrack_max"):
        enclave.inside(f"[ -e {path} ]")
    enclave.inside("ip link add probe type dummy && ip addr add 10.9.9.9/24 dev probe && "
                   "ip link set probe up && ping -c 1 -W 30 10.9.9.9 && ip link del probe")
    same({"nf_tables", "vsock_loopback", "fanotify_access", "inotify", "landlock"}, PROBED, "calls")


def lacks(enclave):
    for path in ("/dev/mem", "/dev/kmem", "/dev/port", "/proc/kcore", "/proc/kallsyms",
                 "/proc/modules", "/proc/sysrq-trigger", "/proc/config.gz", "/proc/bus/pci",
                 "/dev/cpu/0/msr", "/sys/kernel/debug/tracing",
                 "/proc/sys/kernel/kexec_load_disabled",
                 "/proc/self/coredump_filter", "/proc/sys/kernel/io_uring_disabled"):
        enclave.inside(f"[ ! -e {path} ]", status=0)
    known = enclave.inside("cat /proc/filesystems").split()
    must(not {"debugfs", "tracefs", "ext4", "vfat", "nfs"} & set(known), known)
    enclave.inside("mknod /tmp/mem c 1 1 && ! head -c 1 /tmp/mem 2>/dev/null")


def hardened(enclave):
    same("1\n1\n", enclave.inside("cat /proc/sys/kernel/dmesg_restrict "
                                  "/proc/sys/kernel/panic_on_oops"))
    same("2\n", enclave.inside("cat /proc/sys/kernel/randomize_va_space"))
    for fault in ("spectre_v1", "spectre_v2"):
        said = enclave.inside(f"cat /sys/devices/system/cpu/vulnerabilities/{fault}")
        must(said.startswith(("Mitigation:", "Not affected")), fault, said)


def tests(enclave):
    check("the kernel: nobody's build, AWS's command line with `nomodules`", version, enclave)
    check("it is asked what it can do", probed, enclave)
    check("it has what enclaves need", has, enclave)
    check("it lacks what nobody may use", lacks, enclave)
    check("it is hardened", hardened, enclave)
