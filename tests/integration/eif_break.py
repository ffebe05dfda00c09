#!/usr/bin/env python3
"""Makes enclave images for the tests, right and wrong ones, from nothing but the format's page.

usage: eif_break.py make DIRECTORY      writes every case and DIRECTORY/cases: "NAME CODE WORD" each
       eif_break.py pcrs FILE           prints PCR0, PCR1 and PCR2 as lower-case digits

A CRC is always right, unless the case is about it: what is refused, is refused for another reason.
"""

import hashlib
import json
import struct
import sys
import zlib
from pathlib import Path

HEADER, SECTION = ">4sHHQQHH32Q32QII", ">HHQ"
KERNEL, CMDLINE, RAMDISK, SIGNATURE, METADATA = 1, 2, 3, 4, 5
FIELDS = ("BuildTime", "BuildTool", "BuildToolVersion", "OperatingSystem", "KernelVersion")


def metadata(**changes):
    value = {"ImageName": "n", "ImageVersion": "1.0", "BuildMetadata": {f: f for f in FIELDS},
             "DockerInfo": None, "CustomMetadata": None}
    value.update(changes)
    return json.dumps(value).encode()


GOOD = [(KERNEL, b"kernel"), (CMDLINE, b"panic=1"), (METADATA, metadata()), (RAMDISK, b"init"),
        (RAMDISK, b"user")]


class Image:
    """An image whose every field can be set before it is put together."""

    def __init__(self, sections, version=4, flags=0):
        self.magic, self.version, self.flags = b".eif", version, flags
        self.reserved, self.count, self.unused = 0, len(sections), 0
        self.sections = [[kind, 0, len(data), data] for kind, data in sections]
        self.sizes = [len(data) for _, data in sections] + [0] * (32 - len(sections))
        self.offsets, end = [], 548
        for _, data in sections:
            self.offsets.append(end)
            end += 12 + len(data)
        self.offsets += [0] * (32 - len(sections))
        self.tail = b""

    def pack(self):
        head = struct.pack(HEADER, self.magic, self.version, self.flags, 0x40000000, 2,
                           self.reserved, self.count, *self.offsets[:32], *self.sizes[:32],
                           self.unused, 0)
        body = b"".join(struct.pack(SECTION, kind, flags, size) + data
                        for kind, flags, size, data in self.sections) + self.tail
        crc = zlib.crc32(body, zlib.crc32(head[:544]))
        return head[:544] + struct.pack(">I", crc) + body


def parse(data):
    """The sections of a good image, and its version and flags."""
    fields = struct.unpack(HEADER, data[:548])
    sections = []
    for offset, size in zip(fields[7:7 + fields[6]], fields[39:39 + fields[6]]):
        kind, _, _ = struct.unpack(SECTION, data[offset:offset + 12])
        sections.append((kind, data[offset + 12:offset + 12 + size]))
    return sections, fields[1], fields[2]


def extend(digest):
    return hashlib.sha384(bytes(48) + digest).hexdigest()


def pcrs(sections):
    streams, ramdisks = [b"", b"", b""], 0
    for kind, data in sections:
        if kind in (KERNEL, CMDLINE, RAMDISK):
            streams[0] += data
            streams[2 if kind == RAMDISK and ramdisks else 1] += data
        ramdisks += kind == RAMDISK
    return [extend(hashlib.sha384(stream).digest()) for stream in streams]


def field_cases():
    def change(**values):
        image = Image(GOOD)
        for name, value in values.items():
            setattr(image, name, value)
        return image.pack()

    def table(name, index, step):
        image = Image(GOOD)
        getattr(image, name)[index] += step
        return image.pack()

    yield "magic", 65, "magic", change(magic=b".eig")
    yield "version-1", 65, "version", change(version=1)
    yield "version-5", 65, "version", change(version=5)
    yield "flags", 65, "flags", change(flags=2)
    yield "flags-high", 65, "flags", change(flags=0x8000)
    yield "reserved", 65, "reserved", change(reserved=1)
    yield "unused", 65, "reserved", change(unused=1)
    yield "no-sections", 65, "count", change(count=0)
    yield "two-sections", 65, "count", change(count=2)
    yield "33-sections", 65, "count", change(count=33)
    yield "65535-sections", 65, "count", change(count=65535)
    yield "count-less", 65, "slot", change(count=4)
    yield "count-more", 65, "overlap", change(count=6)
    yield "tail", 65, "tail", change(tail=b"x")
    yield "tail-section", 65, "tail", change(tail=struct.pack(SECTION, RAMDISK, 0, 0))
    yield "into-header", 65, "overlap", table("offsets", 0, -1)
    yield "overlap", 65, "overlap", table("offsets", 1, -1)
    yield "same-place", 65, "overlap", table("offsets", 4, -20)
    yield "gap", 65, "gap", table("offsets", 1, 1)
    yield "gap-huge", 65, "gap", table("offsets", 4, 1 << 62)
    yield "slot-offset", 65, "slot", table("offsets", 31, 1)
    yield "slot-size", 65, "slot", table("sizes", 5, 1)
    yield "stale-larger", 65, "section-size", table("sizes", 4, 417)
    yield "stale-smaller", 65, "section-size", table("sizes", 4, -1)
    yield "stale-middle", 65, "section-size", table("sizes", 1, 1)


def section_cases():
    def change(index, position, value, both=False):
        image = Image(GOOD)
        image.sections[index][position] = value
        if both:
            image.sizes[index] = value
        return image.pack()

    for name, value in (("one-more", 5), ("huge", (1 << 64) - 1), ("wrapping", (1 << 64) - 640)):
        yield f"overrun-{name}", 65, "overrun", change(4, 2, value, both=True)
    yield "type-0", 65, "section-type", change(4, 0, 0)
    yield "type-6", 65, "section-type", change(4, 0, 6)
    yield "section-flags", 65, "section-flags", change(4, 1, 1)
    yield "section-size", 65, "section-size", change(3, 2, 5)


def content_cases():
    def image(*sections, **more):
        return Image(list(sections), **more).pack()

    kernel, cmdline, meta, ramdisk, user = GOOD
    sign = (SIGNATURE, b"\x80")
    yield "ramdisk-first", 65, "order", image(ramdisk, kernel, cmdline, meta)
    yield "no-kernel", 65, "kernel", image(cmdline, meta, ramdisk)
    yield "two-kernels", 65, "kernel", image(kernel, cmdline, meta, ramdisk, kernel)
    yield "no-cmdline", 65, "cmdline", image(kernel, meta, ramdisk)
    yield "two-cmdlines", 65, "cmdline", image(kernel, cmdline, meta, ramdisk, cmdline)
    yield "no-ramdisk", 65, "ramdisk", image(kernel, cmdline, meta)
    yield "no-metadata", 65, "no-metadata", image(kernel, cmdline, ramdisk)
    yield "two-metadata", 65, "no-metadata", image(kernel, cmdline, meta, ramdisk, meta)
    yield "two-signatures", 65, "signatures", image(*GOOD, sign, sign)
    yield "metadata-in-3", 65, "section-type", image(*GOOD, version=3)
    yield "signature-in-2", 65, "section-type", image(kernel, cmdline, ramdisk, sign, version=2)
    yield "large-signature", 65, "section-limit", image(*GOOD, (SIGNATURE, bytes(32769)))
    large = (METADATA, metadata(ImageName="x" * (1 << 20)))
    yield "large-metadata", 65, "section-limit", image(kernel, cmdline, large, ramdisk)
    yield "cmdline-nul", 65, "cmdline-nul", image(kernel, (CMDLINE, b"a\0b"), meta, ramdisk)
    yield "signature-form", 65, "signature-form", image(*GOOD, sign)
    for name, word, data in (
            ("not-json", "json", b"{"), ("deep", "json", b"[" * 128 + b"]" * 128),
            ("number", "json", b'{"a":01}'), ("trailing", "json", metadata() + b"x"),
            ("number-key", "json", b'{1:2}'), ("utf8", "json", b'{"a":"\xff"}'),
            ("empty", "json", b""),
            ("array", "metadata", b"[]"), ("no-name", "metadata", b"{}"),
            ("no-build", "metadata", metadata(BuildMetadata=None)),
            ("name-number", "metadata", metadata(ImageName=1))):
        yield f"metadata-{name}", 65, word, image(kernel, cmdline, (METADATA, data), ramdisk)
    empty = [(KERNEL, b""), (CMDLINE, b""), meta, (RAMDISK, b"")]
    yield "good", 0, "-", image(*GOOD)
    yield "good-aarch64", 0, "-", image(*GOOD, flags=1)
    yield "good-2", 0, "-", image(kernel, cmdline, ramdisk, user, version=2)
    yield "good-3", 0, "-", image(kernel, cmdline, ramdisk, version=3)
    yield "good-32-sections", 0, "-", image(*GOOD[:3], *[ramdisk] * 29)
    yield "good-empty-sections", 0, "-", image(*empty)
    yield "good-cmdline-last", 0, "-", image(kernel, meta, ramdisk, user, cmdline)
    yield "good-cmdline-first", 0, "-", image(cmdline, kernel, ramdisk, meta, user)


def file_cases():
    good = Image(GOOD).pack()
    yield "no-bytes", 65, "short", b""
    yield "half-header", 65, "short", good[:547]
    yield "header-only", 65, "overrun", good[:548]
    yield "cut", 65, "overrun", good[:-1]
    yield "crc-of-data", 76, "crc", good[:-1] + b"X"
    yield "crc-field", 76, "crc", good[:544] + b"\0\0\0\0" + good[548:]
    yield "crc-of-unmeasured-field", 76, "crc", good[:8] + b"\1" + good[9:]


def make(folder):
    with open(folder / "cases", "w", encoding="ascii") as cases:
        for source in (field_cases, section_cases, content_cases, file_cases):
            for name, code, word, data in source():
                (folder / f"{name}.eif").write_bytes(data)
                print(name, code, word, file=cases)


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(Path(sys.argv[2]))
    else:
        print(*pcrs(parse(Path(sys.argv[2]).read_bytes())[0]))
