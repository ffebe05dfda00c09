#!/usr/bin/env python3
"""What has passed, as it is now: the stamps that proofs, Eva and campaigns leave in out/stamps.

usage: stamp.py check          lists what is stale, says what to run, and fails if anything is
       stamp.py stale          a line for each that is stale: kind, name, why
       stamp.py stale KIND     their names: of proof, eva, spin or fuzz

run from the repository root, by make. Nothing is run here. A stamp KIND/NAME.json holds the key of
everything that was covered, the tools' versions and the digest of the log, which lies beside it as
NAME.log. Nothing is taken from it that the sources or the log can be asked for again.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path += ["fuzz", "verify/spin"]
ROOT = Path("out/stamps")
KINDS = ("proof", "eva", "spin", "fuzz")


def digest_of(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def digest_of_all(paths):
    """The hash of files and their names, without what Python leaves."""
    total = hashlib.sha256()
    for path in sorted(path for path in paths if path.is_file() and "__pycache__" not in path.parts):
        content = path.read_bytes()
        total.update(f"{path} {len(content)}\n".encode() + content)
    return total.hexdigest()


class Stamp:
    """One name's stamp of one kind, and the log it speaks of."""

    def __init__(self, kind, name):
        self.path, self.log = ROOT / kind / f"{name}.json", ROOT / kind / f"{name}.log"

    def write(self, key, tools, log, **facts):
        """`log`: the file with what the tools said; it is kept."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.remove()
        shutil.copyfile(log, self.log)
        found = {"key": key, "tools": tools, "log": digest_of(self.log), **facts}
        partial = self.path.with_suffix(".partial")
        partial.write_text(json.dumps(found, indent=1) + "\n")
        partial.rename(self.path)

    def remove(self):
        self.path.unlink(missing_ok=True)

    def read(self):
        """Its content, or None where there is none that can be read."""
        try:
            found = json.loads(self.path.read_text())
        except (FileNotFoundError, ValueError):
            return None
        return found if isinstance(found, dict) else None

    def fault(self, key, tools):
        """Why it does not vouch for what has this key, or None. `key` makes one of its content."""
        found = self.read()
        if found is None:
            return "never passed here"
        for tool, version in tools.items():
            other = found.get("tools", {}).get(tool)
            if other != version:
                return f"passed with {tool} {other}, {version} is needed"
        try:
            if found.get("key") != key(found):
                return "changed since it passed"
        except subprocess.CalledProcessError as error:
            return f"`{' '.join(error.cmd)}` fails"
        if not self.log.exists():
            return f"{self.log} is missing"
        if digest_of(self.log) != found.get("log"):
            return f"{self.log} is not the log that the stamp speaks of"
        return None


def all_names():
    """(kind, name) of all that must have passed."""
    places = {"proof": "verify/*.acsl", "eva": "verify/eva/*.c", "spin": "verify/spin/*.pml",
              "fuzz": "fuzz/*.c"}
    for kind, pattern in places.items():
        for name in sorted(path.stem for path in Path(".").glob(pattern)):
            if (kind, name) != ("fuzz", "replay"):
                yield kind, name


def fault_of(kind, name):
    """Why this one must run again, or None."""
    import campaign  # these know stamps, too
    import compose
    import eva
    import prove
    owners = {"proof": prove, "eva": eva, "spin": compose, "fuzz": campaign}
    return owners[kind].stamp_fault(name)


def stale(kinds=KINDS):
    """[(kind, name, why)]"""
    asked = [(kind, name) for kind, name in all_names() if kind in kinds]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        faults = pool.map(lambda of: fault_of(*of), asked)
        return [(*of, why) for of, why in zip(asked, faults) if why]


def check():
    """Prints what is stale and what to do; True if all has passed as it is."""
    found = stale()
    if not found:
        return True
    print("no image is built of what has not passed as it is now:", file=sys.stderr)
    for kind, why in dict.fromkeys((kind, why) for kind, _, why in found):
        names = " ".join(n for k, n, w in found if (k, w) == (kind, why))
        print(textwrap.fill(f"{kind}: {why}: {names}", 100, initial_indent="  ",
                            subsequent_indent="    ", break_on_hyphens=False), file=sys.stderr)
    print("`make gate` runs what is stale; `make eif UNVERIFIED=1` builds an image that says "
          "'unverified'", file=sys.stderr)
    return False


def main():
    if sys.argv[1:] == ["check"]:
        sys.exit(0 if check() else 1)
    if sys.argv[1:] == ["stale"]:
        for kind, name, why in stale():
            print(f"{kind} {name}: {why}")
        return
    if len(sys.argv) == 3 and sys.argv[1] == "stale" and sys.argv[2] in KINDS:
        print(" ".join(name for _, name, _ in stale((sys.argv[2],))))
        return
    raise SystemExit(__doc__)


if __name__ == "__main__":
    main()
