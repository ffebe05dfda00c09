#!/usr/bin/env python3
"""Remembers which planted faults were found by which harness: fuzz/planted/seen.txt, committed.

usage: seen.py new             names of the harnesses that are not as they were when it was found
       seen.py found NAME      writes down that it was found now; fuzz/planted.sh does it

run from the repository root. A line is the harness's name and the hash of the harness with its
headers under fuzz/, the fault, the source that it is planted in, and the dictionary.
"""

import hashlib
import re
import sys
from pathlib import Path

from campaign import closure, without_comments

SEEN = Path("fuzz/planted/seen.txt")


def digest(name):
    fault = Path(f"fuzz/planted/{name}.sed")
    source = re.match(r"# ([^:]+): ", fault.read_text()) if fault.exists() else None
    if not source:
        return None  # fuzz/plant.sh says what is wrong
    parts = [file for file in closure([f"fuzz/{name}.c"]) if file.startswith("fuzz/")]
    texts = [without_comments(file) for file in [*parts, source.group(1)]]
    texts += [file.read_text() for file in (fault, Path(f"fuzz/{name}.dict")) if file.exists()]
    return hashlib.sha256(repr(texts).encode()).hexdigest()


def seen():
    return dict(line.split() for line in SEEN.read_text().splitlines()) if SEEN.exists() else {}


def harnesses():
    return sorted(path.stem for path in Path("fuzz").glob("*.c") if path.stem != "replay")


def main():
    known = seen()
    if sys.argv[1:] == ["new"]:
        print(" ".join(name for name in harnesses() if known.get(name) != digest(name)))
    elif len(sys.argv) == 3 and sys.argv[1] == "found" and sys.argv[2] in harnesses():
        known[sys.argv[2]] = digest(sys.argv[2])
        SEEN.write_text("".join(f"{name} {known[name]}\n" for name in harnesses() if name in known))
    else:
        raise SystemExit(__doc__)


if __name__ == "__main__":
    main()
