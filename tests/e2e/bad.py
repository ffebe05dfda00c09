"""What goes wrong: a clear reason, no process and no socket left, and others go on."""

import os
import signal
from pathlib import Path

import lab
from lab import BIN, COMMAND_LINE, Enclave, await_, by_hand, check, eif
from lab import eif_break as form
from lab import must, ramdisk, same


def sections(ramdisk_bytes, command_line=COMMAND_LINE):
    return [(form.KERNEL, (lab.KERNEL / "bzImage").read_bytes()),
            (form.CMDLINE, command_line.encode()), (form.METADATA, form.metadata()),
            (form.RAMDISK, ramdisk_bytes)]


def no_kernel(boot):
    lab.fails("kernel", by_hand("nokernel.eif", *sections(boot.read_bytes())[1:]), "nokernel",
              status=65)


def truncated(boot):
    """The file is whole, its ramdisk is not: the kernel finds no /init, and panics."""
    half = boot.read_bytes()[:boot.stat().st_size // 2]
    said = lab.fails("panic", by_hand("half.eif", *sections(half)), "half")
    must("Kernel panic" in said, "its last lines are shown", said)


def panics(boot):
    said = lab.fails("panic", eif("panics.eif", boot, command_line=COMMAND_LINE + " rdinit=/none"),
                     "panics")
    must("Kernel panic" in said, "its last lines are shown", said)


def init_dies():
    """Process 1 ends: the kernel panics."""
    boot = ramdisk("dies.cpio", {"init": b"#!/bin/busybox true\n", "bin/busybox": lab.busybox()})
    lab.fails("panic", eif("dies.eif", boot), "dies")


def never_answers():
    sleeps = b"#!/bin/busybox sh\nwhile :; do /bin/busybox sleep 9; done\n"
    boot = ramdisk("mute.cpio", {"init": sleeps, "bin/busybox": lab.busybox()})
    lab.fails("heartbeat", eif("mute.eif", boot), "mute", "--boot-timeout", "10")


def killed(image, program, other):
    enclave = Enclave(image, "victim")
    enclave.kill(program)
    await_(enclave.is_gone, f"it is gone without its {program}")
    lab.nothing_is_left("victim")
    must(other.inside("echo well") == "well\n", "the other one goes on")


def launcher_killed(image, other):
    """The supervisor is killed: nothing that it had started outlives it, and its name is free."""
    enclave = Enclave(image, "victim")
    supervisor = enclave.described()["ProcessID"]
    same("enclave", Path(os.readlink(f"/proc/{supervisor}/exe")).name, "whose process it is")
    os.kill(supervisor, signal.SIGKILL)
    await_(lambda: not enclave.processes(), "no process is left")
    must(other.inside("echo well") == "well\n", "the other one goes on")
    enclave = Enclave(image, "victim")
    enclave.terminate()
    lab.nothing_is_left("victim")


def tests(other):
    boot = ramdisk("plain.cpio", {"init": BIN / "init"})
    check("an image without a kernel", no_kernel, boot)
    check("a truncated ramdisk", truncated, boot)
    check("a kernel that panics", panics, boot)
    check("a process 1 that ends", init_dies)
    check("an init that never answers", never_answers)
    check("QEMU is killed", killed, other.image, "qemu-system-x86_64", other)
    check("vsockd is killed", killed, other.image, "vsockd", other)
    check("the supervisor is killed", launcher_killed, other.image, other)
