#!/usr/bin/env python3
"""What a campaign covers, and the stamp that it leaves when it has found nothing.

usage: campaign.py begin DIR NAME...     before: remembers what is covered
       campaign.py end DIR NAME...       after: a stamp for each NAME whose log is clean; fails if
                                         one is not, for another reason than its length

run from the repository root, by fuzz/run.sh. DIR holds the harnesses with the linker's maps, and
gets NAME.log. Covered are the harness, every source that is linked into it and all that these
include, without comments; the machine's sources as they are; corpus, dictionary, past crashes; how
it is compiled and run.
"""

import hashlib
import os
import re
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

sys.path[:0] = ["verify", "fsm/tool"]
from origin import digest  # noqa: E402
from stamp import Stamp  # noqa: E402

TOOLS = {"afl-fuzz": "++4.04c", "clang": "14.0.6"}
STEADY = ("fuzz/run.sh", "fuzz/judge.sh", "fuzz/unreachable.txt", "fsm/tool/rows.py")  # of each
WORD = re.compile(r'("(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\')|/\*.*?\*/|//[^\n]*', re.S)


def committed_seconds():
    return int(Path("fuzz/seconds").read_text())


@lru_cache(maxsize=None)
def without_comments(path):
    text = WORD.sub(lambda found: found.group(1) or " ", Path(path).read_text())
    return "\n".join(line.rstrip() for line in text.splitlines() if line.strip())


@lru_cache(maxsize=None)
def included(path):
    """The files of ours that a source includes itself."""
    names = re.findall(r'^[ \t]*#[ \t]*include[ \t]*"([^"]+)"', without_comments(path), re.M)
    return [name for name in names if Path(name).exists()]


def closure(sources):
    """The sources and all that they include."""
    found, todo = set(), list(sources)
    while todo:
        path = todo.pop()
        if path not in found:
            found.add(path)
            todo += included(path)
    return sorted(found)


def is_machine(name):
    return any(Path(f"fsm/{name}.{end}").exists() for end in ("rl", "re"))


def inputs(name):
    """Corpus, past crashes and dictionary."""
    folders = [Path(f"fuzz/{folder}/{name}") for folder in ("corpus", "crashes")]
    files = [path for folder in folders if folder.is_dir() for path in sorted(folder.iterdir())]
    return files + [path for path in [Path(f"fuzz/{name}.dict")] if path.exists()]


def key(name, sources):
    """The hash of all that a campaign covers; None if a source is not there any more."""
    if not sources or not all(Path(path).exists() for path in sources):
        return None
    if "FUZZ_COMPILER" not in os.environ:
        raise SystemExit("FUZZ_COMPILER must say how harnesses are compiled: make sets it")
    total = hashlib.sha256(repr((os.environ["FUZZ_COMPILER"], TOOLS)).encode())
    parts = [(path, without_comments(path).encode()) for path in closure(sources)]
    parts += [(path, Path(path).read_bytes()) for path in (*STEADY, *inputs(name))]
    if is_machine(name):
        parts.append(("machine", digest(name).encode()))
    for path, content in parts:
        total.update(f"{path} {len(content)}\n".encode() + content)
    return total.hexdigest()


def linked(folder, name):
    """The sources that the linker put into the harness, as its map says."""
    text = (folder / f"{name}.map").read_text()
    objects = set(re.findall(r"\bout/afl/(?!tables/)([\w/]+)\.o\b", text))
    return sorted(f"{path}.c" for path in objects)


def number(log, what):
    """A figure of afl-fuzz's own statistics, which end the log."""
    found = re.findall(rf"^{what} *: (\d+)$", log, re.M)
    return int(found[-1]) if found else None


def walked(log, what):
    """(rows or arrows that the corpus walks, all that there are), as the replay counted them."""
    counts = [int(count) for count in re.findall(rf"^{what} \S+ \S+ (\d+)$", log, re.M)]
    return sum(count > 0 for count in counts), len(counts)


def hang_fault(log):
    """What was saved as a hang was run again alone (fuzz/judge.sh): the log must say so of each."""
    confirmed, others = (len(re.findall(rf"^hang {what}: ", log, re.M))
                         for what in ("confirmed", "not confirmed"))
    if confirmed:
        return "it found a hang"
    if others != number(log, "saved_hangs"):
        return f"of its hangs, {number(log, 'saved_hangs')}, {others} were looked at"
    return None


def log_fault(name, log):
    """What a log says against its campaign, or None."""
    seconds = number(log, "run_time")
    if seconds is None or number(log, "execs_done") is None:
        return "its log does not say how long it ran"
    if number(log, "saved_crashes") != 0:
        return "it found a crash"
    if hang_fault(log):
        return hang_fault(log)
    if not re.search(r"^ok - \d+ inputs$", log, re.M):
        return "its log does not say that the corpus was replayed"
    for what in ("row", "arrow"):
        done, there_are = walked(log, what)
        if done != there_are or (there_are == 0 and Path(f"fsm/{name}.rl").exists()):
            return f"its corpus walks {done} of {there_are} {what}s"
    if seconds < committed_seconds():
        return f"was fuzzed for {seconds} s, fuzz/seconds says {committed_seconds()}"
    return None


def stamp_fault(name):
    """Why the campaign must run again, or None."""
    stamp = Stamp("fuzz", name)
    return (stamp.fault(lambda found: key(name, found.get("sources")), TOOLS)
            or log_fault(name, stamp.log.read_text(errors="replace")))


def check_tools():
    said = {"afl-fuzz": subprocess.run(["afl-fuzz", "-h"], capture_output=True, text=True).stdout,
            "clang": subprocess.run(["afl-clang-fast", "--version"], capture_output=True,
                                    text=True).stdout}
    for tool, version in TOOLS.items():
        if version not in said[tool]:
            raise SystemExit(f"{tool} {version} is needed, found: {said[tool].strip()[:80]}")


def begin(folder, name):
    (folder / f"{name}.key").write_text(key(name, linked(folder, name)) or "")


def end(folder, name):
    """Stamps a campaign that was clean; one that was not leaves none, and a shorter one none in the
    place of a longer. False if it was not clean."""
    stamp, log = Stamp("fuzz", name), folder / f"{name}.log"
    sources, text = linked(folder, name), log.read_text(errors="replace")
    fault, covered = log_fault(name, text), (folder / f"{name}.key").read_text()
    if covered != key(name, sources):
        print(f"{name}: no stamp: its sources changed while it ran")
        return False
    if fault is None:
        stamp.write(covered, TOOLS, log, sources=sources, seconds=number(text, "run_time"),
                    executions=number(text, "execs_done"))
        return True
    is_short = fault.startswith("was fuzzed for")
    if not is_short:
        stamp.remove()
    if not is_short or stamp_fault(name):
        print(f"{name}: no stamp: {fault}")
    return is_short


def main():
    verbs = {"begin": begin, "end": end}
    if len(sys.argv) < 4 or sys.argv[1] not in verbs:
        raise SystemExit(__doc__)
    check_tools()
    held = [verbs[sys.argv[1]](Path(sys.argv[2]), name) for name in sys.argv[3:]]
    sys.exit(1 if False in held else 0)


if __name__ == "__main__":
    main()
