"""Images of other shapes than our builder's: AWS's contract with /cmd and /env, ramdisks in another
order or compressed, no metadata.
"""

import gzip

import lab
from lab import BIN, COMMAND_LINE, Enclave, await_, check, eif, must, ramdisk

SAYS = "#!/bin/sh\necho \"cmd says $WORD $1\"\n"


def pieces():
    """Init's ramdisk, and an application's as AWS's tools make it."""
    boot = ramdisk("boot.cpio", {"init": BIN / "init"})
    root = ramdisk("aws.cpio", {
        "rootfs/bin/sh": lab.busybox(), "rootfs/bin/busybox": lab.busybox(),
        "rootfs/etc/passwd": b"root:x:0:0:root:/:/bin/sh\n",
        "rootfs/says": (SAYS + "exit 7\n").encode(),
        "rootfs/stays": (SAYS + "while :; do busybox sleep 1000; done\n").encode(),
        "cmd": b"/says\ntwice\n", "env": b"PATH=/bin\nWORD=blue\n"})
    stays = ramdisk("stays.cpio", {"cmd": b"/stays\n", "env": b"PATH=/bin\nWORD=red\n"})
    return boot, root, stays


def command(boot, root):
    """The command runs with its environment; its end is the enclave's."""
    enclave = Enclave(eif("aws.eif", boot, root), "aws", ready=False)
    enclave.says("cmd says blue twice")
    await_(enclave.is_gone, "its command's end is its end")
    must("farewell" in enclave.console(), "in order", enclave.console()[-800:])
    lab.nothing_is_left("aws")


def stays_up(name, image):
    enclave = Enclave(image, name)
    enclave.says("cmd says red")
    must("Kernel panic" not in enclave.console(), "well")
    enclave.terminate()
    lab.nothing_is_left(name)


def other_order(boot, root, stays):
    """Ramdisks are unpacked over each other in the file's order: which brings /init is all one."""
    stays_up("order", eif("order.eif", root, stays, boot))


def compressed(boot, root, stays):
    packed = []
    for path in (boot, root, stays):
        other = path.with_suffix(".gz")
        other.write_bytes(gzip.compress(path.read_bytes(), 1, mtime=0))
        packed.append((lab.eif_break.RAMDISK, other.read_bytes()))
    image = lab.by_hand("packed.eif", (lab.eif_break.KERNEL, (lab.KERNEL / "bzImage").read_bytes()),
                        (lab.eif_break.CMDLINE, COMMAND_LINE.encode()),
                        (lab.eif_break.METADATA, lab.eif_break.metadata()), *packed)
    stays_up("packed", image)


def no_metadata(boot):
    """Nitro does not take it, so neither do we, though QEMU would."""
    image = lab.by_hand("bare.eif", (lab.eif_break.KERNEL, (lab.KERNEL / "bzImage").read_bytes()),
                        (lab.eif_break.CMDLINE, COMMAND_LINE.encode()),
                        (lab.eif_break.RAMDISK, boot.read_bytes()))
    lab.fails("no-metadata", image, "bare", status=65)


def tests():
    boot, root, stays = pieces()
    check("AWS's contract: /cmd runs with /env, and its end is the enclave's", command, boot, root)
    check("ramdisks in another order boot", other_order, boot, root, stays)
    check("compressed ramdisks of another builder boot", compressed, boot, root, stays)
    check("an image without metadata is refused with its word", no_metadata, boot)
