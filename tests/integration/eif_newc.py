#!/usr/bin/env python3
"""Reads a ramdisk by spec/ramdisk.md, refuses what is not canonical, and lists it.

usage: eif_newc.py FILE     prints "ino mode uid gid nlink mtime size rdev name digest" per member
"""

import hashlib
import re
import sys
from pathlib import Path

FIELDS = ("ino", "mode", "uid", "gid", "nlink", "mtime", "size", "major", "minor", "rmajor",
          "rminor", "namesize", "check")


def fail(why):
    raise SystemExit(f"not canonical: {why}")


def padded(data, at):
    end = (at + 3) // 4 * 4
    if data[at:end].strip(b"\0"):
        fail(f"a padding at {at} is not zero")
    return end


def read(data):
    at = 0
    while True:
        head = data[at:at + 110]
        if not re.fullmatch(rb"070701[0-9A-F]{104}", head):
            fail(f"no header in upper-case digits at {at}")
        values = [int(head[6 + 8 * i:14 + 8 * i], 16) for i in range(13)]
        member = dict(zip(FIELDS, values))
        name = data[at + 110:at + 110 + member["namesize"]]
        if name[-1:] != b"\0" or b"\0" in name[:-1]:
            fail(f"a name at {at} does not end with its only NUL")
        begin = padded(data, at + 110 + member["namesize"])
        member["name"], member["data"] = name[:-1], data[begin:begin + member["size"]]
        at = padded(data, begin + member["size"])
        if member["name"] == b"TRAILER!!!":
            if data[at:].strip(b"\0") or len(data) % 512 or len(data) - at >= 512:
                fail("the end is not filled with zeros up to the next 512")
            return
        yield member


def main():
    names, inodes = [], {}
    for member in read(Path(sys.argv[1]).read_bytes()):
        names.append(member["name"])
        parent = member["name"].rpartition(b"/")[0]
        if parent and parent not in names:
            fail(f"{member['name']} comes before its parent")
        if member["check"] or member["major"] or member["minor"]:
            fail("a device or a checksum is set")
        if member["ino"] not in inodes and member["ino"] != len(inodes) + 1:
            fail("inode numbers do not count from 1")
        inodes.setdefault(member["ino"], []).append(member)
        digest = hashlib.sha256(member["data"]).hexdigest()[:16] if member["size"] else "-"
        print(member["ino"], f"{member['mode']:o}", member["uid"], member["gid"], member["nlink"],
              member["mtime"], member["size"], f"{member['rmajor']},{member['rminor']}",
              member["name"].decode(errors="backslashreplace"), digest)
    if names != sorted(set(names)):
        fail("the names are not sorted, or not unique")
    for links in inodes.values():
        count = 2 if links[0]["mode"] & 0o170000 == 0o040000 else len(links)
        if any(member["nlink"] != count for member in links):
            fail(f"a link count of {links[0]['name']} is not {count}")
        if any(member["size"] for member in links[:-1]):
            fail(f"{links[0]['name']} is not carried by its last link")


if __name__ == "__main__":
    main()
