"""What goes wrong: a clear reason, no process and no socket left, and others go on."""

import contextlib
import os
import signal
import subprocess
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


def floods(enclave, port, other):
    """Thousands of connections to where the launcher listens: it, vsockd and others go on."""
    flood = subprocess.Popen([*lab.client("--enclave", enclave.name), "exec", "-i", "--",
                              "/tmp/probe", "flood", port],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        begun = int(flood.stdout.readline())
        must(begun > 1000, f"only {begun} connections were begun")
        same("RUNNING", enclave.described()["State"])
        same("well\n", enclave.inside("echo well"), "it is reached all the same")
        same("well\n", other.inside("echo well"), "the other one, too")
    finally:
        flood.stdin.close()
        flood.wait(lab.PATIENCE)
        flood.stdout.close()
    same("well\n", enclave.inside("echo well"), "afterwards")


def never_reads(enclave, port):
    """Who does not read holds up nobody, on either side."""
    client = lab.client("--enclave", enclave.name)
    with subprocess.Popen([*client, "exec", "--", "/tmp/probe", "deaf", port],
                          stdout=subprocess.PIPE) as deaf, \
            subprocess.Popen([*client, "exec", "--", "yes"], stdout=subprocess.PIPE) as loud:
        try:
            same(b"listening\n", deaf.stdout.readline())
            same(b"y\n", loud.stdout.readline())
            for stream in [enclave.connect(int(port)) for _ in range(8)]:
                with stream:
                    fill(stream)
                    same("well\n", enclave.inside("echo well"), "it is reached all the same")
        finally:
            deaf.kill()
            loud.kill()


def fill(stream):
    """Until nothing more is taken: credit is used up, and so are buffers."""
    stream.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while True:
            stream.send(bytes(65536))


def hostile(image, other):
    enclave = Enclave(image, "hostile", "--memory", "256M")
    enclave.pipeline("--quiet", "cp", lab.PROBE, ":/tmp/probe")
    check("a guest that floods the heartbeat's port", floods, enclave, "9000", other)
    check("a guest that floods the port of news", floods, enclave, "9002", other)
    check("a guest that floods a port where nobody listens", floods, enclave, "1", other)
    check("a guest and a host that never read", never_reads, enclave, "7000")
    enclave.terminate()
    lab.nothing_is_left("hostile")


def tests(other):
    boot = ramdisk("plain.cpio", {"init": BIN / "init"})
    check("an image without a kernel", no_kernel, boot)
    check("a truncated ramdisk", truncated, boot)
    check("a kernel that panics", panics, boot)
    check("a process 1 that ends", init_dies)
    check("an init that never answers", never_answers)
    check("the hostile guest is gone", hostile, other.image, other)
    check("QEMU is killed", killed, other.image, "qemu-system-x86_64", other)
    check("vsockd is killed", killed, other.image, "vsockd", other)
    check("the supervisor is killed", launcher_killed, other.image, other)
