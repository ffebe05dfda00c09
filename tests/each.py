#!/usr/bin/env python3
"""Runs a command on each of some C files, on all cores; prints what it says, in their order.

usage: each.py KIND [--stdout] WORD... -- FILE...      run from the repository root, by tests/lint.sh

A WORD `{}` stands for the file; --stdout: only what is said there counts. Of what a command had
nothing to say is not asked again (a stamp of the kind lint-KIND) until the file, a file of ours that
it includes, the command, or any installed package is another.
"""

import hashlib
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

sys.path.insert(0, "verify")
from stamp import Stamp, digest_of  # noqa: E402

MADE = Path("out/tests")  # examples of pages, as headers


def packages():
    """The hash of the names and versions of all packages; None where they can't be asked for."""
    try:
        said = subprocess.run(["dpkg-query", "-W"], capture_output=True, check=True).stdout
    except (FileNotFoundError, subprocess.CalledProcessError):
        return None
    return hashlib.sha256(said).hexdigest()


@lru_cache(maxsize=None)
def included(path):
    names = re.findall(r'^[ \t]*#[ \t]*include[ \t]*"([^"]+)"', path.read_text(), re.M)
    places = [place / name for name in names for place in (Path("."), path.parent, MADE)]
    return [place for place in places if place.exists()]


@lru_cache(maxsize=None)
def digest(path):
    return digest_of(path)


def key(command, path):
    found, todo = {}, [path]
    while todo:
        file = todo.pop()
        if str(file) not in found:
            found[str(file)] = digest(file)
            todo += included(file)
    return hashlib.sha256(repr((command, sorted(found.items()))).encode()).hexdigest()


def ask(kind, command, path, tools, only_stdout):
    """What the command says of the file."""
    stamp, covered = Stamp(f"lint-{kind}", str(path).replace("/", "_")), key(command, path)
    if tools["packages"] and stamp.fault(lambda _: covered, tools) is None \
            and stamp.log.read_bytes() == b"":
        return ""
    run = subprocess.run([str(path) if word == "{}" else word for word in command],
                         stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL if only_stdout else subprocess.STDOUT)
    said = run.stdout.decode(errors="replace")
    if run.returncode and not said:
        said = f"{path}: error: {command[0]} ended with status {run.returncode}\n"
    stamp.remove()
    if not said and tools["packages"]:
        stamp.write(covered, tools, os.devnull)
    return said


def main():
    words = sys.argv[1:]
    if len(words) < 4 or words[-1] == "--" or "--" not in words or "{}" not in words:
        raise SystemExit(__doc__)
    end = max(i for i, word in enumerate(words) if word == "--")
    kind, command, files = words[0], words[1:end], [Path(word) for word in words[end + 1:]]
    only_stdout = command[0] == "--stdout"
    command, tools = command[only_stdout:], {"packages": packages()}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for said in pool.map(lambda path: ask(kind, command, path, tools, only_stdout), files):
            print(said, end="")


if __name__ == "__main__":
    main()
