"""Ramdisks that mean harm, for the tests of the launcher.

usage: enclave_hostile.py KIND FILE OUTSIDE     OUTSIDE: a path that nothing may appear at
"""

import gzip
import sys
import zlib


def member(name, data=b"", mode=0o100644, device=(0, 0), inode=1, size=None):
    fields = [inode, mode, 0, 0, 1, 0, len(data) if size is None else size, 0, 0, *device,
              len(name) + 1, 0]
    head = b"070701" + b"".join(b"%08X" % field for field in fields) + name + b"\0"
    head += b"\0" * (-len(head) % 4)
    return head + data + b"\0" * (-len(data) % 4)


END = member(b"TRAILER!!!")


def devices(_):
    return (member(b"x", mode=0o40755) + member(b"x/null", mode=0o20666, device=(1, 3))
            + member(b"x/disk", mode=0o60660, device=(8, 0)) + END)


def escape(outside):
    up = b"../" * 12 + outside.lstrip(b"/")
    members = [member(up, b"evil"), member(outside, b"evil"), member(b"tmp", mode=0o40777)]
    for number, target in enumerate([b"/", b"..", b"/proc/1/root", b"/proc/self/cwd", b"/dev",
                                     b"/tmp", outside.rpartition(b"/")[0]]):
        link = b"link%d" % number
        members += [member(link, target, 0o120777), member(link + b"/" + up, b"evil"),
                    member(link + outside, b"evil"),
                    member(link + b"/" + outside.rpartition(b"/")[2], b"evil")]
    return b"".join(members) + END


def large(_):
    """256 MiB, in a quarter of one."""
    packer = zlib.compressobj(9, wbits=31)
    out = packer.compress(member(b"large", size=1 << 28))
    for _ in range(1 << 8):
        out += packer.compress(bytes(1 << 20))
    return out + packer.flush()


def zeros(_):
    packer = zlib.compressobj(9, wbits=31)
    out = b"".join(packer.compress(bytes(1 << 20)) for _ in range(1 << 8))
    return out + packer.flush()


def many(_):
    return gzip.compress(b"".join(member(b"f%d" % number) for number in range(100000)) + END)


def deep(_):
    names = [b"d/" * depth + b"d" for depth in range(1500)]
    return b"".join(member(name, mode=0o40755) for name in names) + END


def cut(_):
    return gzip.compress(member(b"file", b"data") + END)[:-9]


def junk(_):
    return member(b"file", b"data") + END + b"junk"


def xz(_):
    return b"\xfd7zXZ\0" + bytes(100)


def special(_):
    """/dev as a link, and things in the way of what the sandbox mounts."""
    return (member(b"dev", b"/elsewhere", 0o120777) + member(b"elsewhere", mode=0o40700)
            + member(b"elsewhere/null", b"not null") + member(b"dev/console", mode=0o10600) + END)


if __name__ == "__main__":
    kind, file, outside = sys.argv[1:]
    with open(file, "wb") as stream:
        stream.write(globals()[kind](outside.encode()))
