#!/usr/bin/env python3
"""init against s6, runit and tini, side by side.

usage: BIN=out/bin tests/bench/init.py    BENCH_RUNS=5; wants `make deps-bench`

Each round measures all of them one after the other; the table shows what a peer takes divided by
what init takes, so more than 1 is less for init: median, least, most, and init's own median. Peers
are run as their manuals say: a folder per service, `sv start` and `s6-svwait` where one needs
another, a logger each. Goals: a start and a restart take no longer than the best of them, PID 1 has
at most 1.5 MiB with 50 units and 300 KB on disk, and nothing wakes it in 10 idle seconds.
"""

import contextlib
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

BIN = Path(os.environ.get("BIN", "out/bin")).resolve()
RUNS = int(os.environ.get("BENCH_RUNS", "5"))
UNITS, CHAIN, KILLED, LOUD, MEGABYTES, IDLE = 50, 10, 10, 10, 50, 10
PATIENCE = 60

LOUDLY = ("import os, time\nline = b'x' * 99 + b'\\n'\nbegin = time.monotonic()\nsent = 0\n"
          f"rate = {MEGABYTES * 1000000 // LOUD}\n"
          "while True:\n    os.write(1, line * 100)\n    sent += 10000\n"
          "    time.sleep(max(0, sent / rate - (time.monotonic() - begin)))\n")


# --- Processes ------------------------------------------------------------------------------------

def tree(pid):
    """The process and all that come from it."""
    found, todo = [], [pid]
    while todo:
        one = todo.pop()
        found.append(one)
        with contextlib.suppress(OSError):
            for task in os.listdir(f"/proc/{one}/task"):
                todo += [int(word) for word in
                         Path(f"/proc/{one}/task/{task}/children").read_text().split()]
    return found


def supervisors(pid):
    """Those of the tree that are the supervisor's own, not a service's."""
    for one in tree(pid):
        with contextlib.suppress(OSError):
            name = Path(f"/proc/{one}/comm").read_text().strip()
            if re.match("init|runsv|svlogd|s6-|tini", name):
                yield one


def kibibytes(pid, name):
    file = "status" if name == "VmRSS" else "smaps_rollup"
    return int(re.search(rf"^{name}:\s+(\d+)", Path(f"/proc/{pid}/{file}").read_text(), re.M)[1])


def wakings(pids):
    return sum(int(number) for pid in pids for number in re.findall(
        r"ctxt_switches:\s+(\d+)", Path(f"/proc/{pid}/status").read_text()))


def processor(pids):
    total = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


# --- What is compared -----------------------------------------------------------------------------

class Place:
    """A folder of services that say NAME PID into a pipe when they run."""

    def __init__(self, names, script, needs=None, logs=False):
        self.folder = Path(tempfile.mkdtemp(prefix="bench-init-"))
        self.pipe = f"{self.folder}/pipe"
        os.mkfifo(self.pipe)
        self.reader = os.open(self.pipe, os.O_RDWR)
        self.rest, self.process = b"", None
        for name in names:
            need = (needs or {}).get(name)
            run = f"{self.waits(need)}echo {name} $$ >{self.pipe}\n{script}\n"
            self.write(name, need, run, logs)

    def program(self, path, text):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{text}")
        path.chmod(0o755)

    def start(self):
        self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        start_new_session=True)

    def heard(self, count):
        """{name: pid} of that many services."""
        found, until = {}, time.monotonic() + PATIENCE
        while len(found) < count:
            if not select.select([self.reader], [], [], until - time.monotonic())[0]:
                sys.exit(f"{self.name}: only {len(found)} of {count} services run")
            *lines, self.rest = (self.rest + os.read(self.reader, 65536)).split(b"\n")
            found |= {name.decode(): int(pid) for name, pid in (line.split() for line in lines)}
        return found

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *error):
        pids = tree(self.process.pid)
        for pid in pids:  # the supervisor first, so that it starts nothing anew
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        os.close(self.reader)
        shutil.rmtree(self.folder)


class Init(Place):
    name = "init"

    def waits(self, _):
        return ""

    def write(self, name, need, run, logs):
        self.program(self.folder / f"run/{name}", run)
        unit = self.folder / f"units/{name}.service"
        unit.parent.mkdir(exist_ok=True)
        unit.write_text(
            f"ExecStart = ['{self.folder}/run/{name}']\nRestart = 'always'\nRestartSec = 0\n"
            f"LogConsole = false\nLogLimit = {10000000 if logs else 0}\n"
            "Environment = ['PATH=/usr/bin:/bin']\n" + (f"Requires = ['{need}']\n" if need else ""))

    def command(self):
        return [BIN / "init", "--supervise", self.folder / "units", "--logs", self.folder / "logs"]


class Runit(Place):
    name = "runit"

    def waits(self, need):
        return f"sv start {self.folder}/sv/{need} >/dev/null || exit 1\n" if need else ""

    def write(self, name, need, run, logs):
        self.program(self.folder / f"sv/{name}/run", run)
        if logs:
            self.program(self.folder / f"sv/{name}/log/run", "mkdir -p main; exec svlogd main\n")

    def command(self):
        return ["runsvdir", self.folder / "sv"]


class S6(Place):
    name = "s6"

    def waits(self, need):
        return f"s6-svwait -u {self.folder}/sv/{need} || exit 1\n" if need else ""

    def write(self, name, need, run, logs):
        self.program(self.folder / f"sv/{name}/run", run)
        if logs:
            self.program(self.folder / f"sv/{name}/log/run", "exec s6-log n3 s1000000 ./main\n")

    def command(self):
        return ["s6-svscan", self.folder / "sv"]


class Tini(Place):
    """It runs one program, and reaps."""
    name = "tini"

    def waits(self, _):
        return ""

    def write(self, name, need, run, logs):
        self.program(self.folder / "run", run)

    def command(self):
        return ["tini", "-s", self.folder / "run"]


# --- What is measured -----------------------------------------------------------------------------

NAMES = [f"unit{n:02}" for n in range(UNITS)]
SLEEP = "exec sleep 100000"


def measure_start(kind):
    place = kind(NAMES, SLEEP, dict(zip(NAMES[1:CHAIN], NAMES)))
    begin = time.monotonic()
    with place:
        pids = place.heard(UNITS)
        took = time.monotonic() - begin
        own = list(supervisors(place.process.pid))
        memory = kibibytes(place.process.pid, "VmRSS"), sum(kibibytes(pid, "Pss") for pid in own)
        time.sleep(1.5)  # who supervises may wait before it starts again what ran for less
        restarts = []
        for name in NAMES[-KILLED:]:
            os.kill(pids[name], signal.SIGKILL)
            begin = time.monotonic()
            place.heard(1)
            restarts.append(time.monotonic() - begin)
    return took, median(restarts), *memory


def measure_idle(kind):
    names = NAMES[:1] if kind is Tini else NAMES
    with kind(names, SLEEP) as place:
        place.heard(len(names))
        time.sleep(2)
        own = list(supervisors(place.process.pid))
        before = wakings(own)
        time.sleep(IDLE)
        return wakings(own) - before


def written(pids):
    return sum(int(re.search(r"^wchar: (\d+)", Path(f"/proc/{pid}/io").read_text(), re.M)[1])
               for pid in pids)


def measure_logs(kind):
    """Processor time of all that supervises, in ms for each MB that services have written, and
    how many MB/s that were: who logs slowly slows them down."""
    program = f"exec {sys.executable} -c \"{LOUDLY}\""
    with kind(NAMES[:LOUD], program, logs=True) as place:
        loud = place.heard(LOUD).values()
        time.sleep(1)
        own = list(supervisors(place.process.pid))
        before, begin, first = processor(own), time.monotonic(), written(loud)
        time.sleep(3)
        used, megabytes = processor(own) - before, (written(loud) - first) / 1e6
        return 1000 * used / megabytes, megabytes / (time.monotonic() - begin)


def row(what, ours, theirs, unit, form="8.3f"):
    """Ratios where there are some, and our own median."""
    for name, values in theirs.items():
        ratios = [other / mine for other, mine in zip(values, ours) if mine > 0]
        shown = f"{median(ratios):8.2f} {min(ratios):8.2f} {max(ratios):8.2f}" if ratios \
            else f"{median(values):8.0f} {'':8} {'':8}"
        print(f"{what + ': ' + name:<44} {shown}   {median(ours):{form}} {unit}", flush=True)


def main():
    peers = [kind for kind, program in ((S6, "s6-svscan"), (Runit, "runsvdir"))
             if shutil.which(program)]
    for kind in {S6, Runit} - set(peers):
        print(f"not measured: {kind.name} is not here; `make deps-bench` installs it")
    kinds = [Init, *peers]
    starts = {kind: [] for kind in kinds}
    logs = {kind: [] for kind in kinds}
    for _ in range(RUNS):
        for kind in kinds:
            starts[kind].append(measure_start(kind))
        for kind in kinds:
            logs[kind].append(measure_logs(kind))
    print(f"{'peer / init, so more than 1 is less for init':<44}   median    least     most   init")
    columns = {kind: list(zip(*values)) for kind, values in starts.items()}
    for place, (what, unit) in enumerate((
            (f"{UNITS} units run, {CHAIN} of them in a chain", "s"),
            ("a restart after a kill", "s"), ("RSS of PID 1", "KiB"),
            ("memory of all supervising processes", "KiB"))):
        row(what, columns[Init][place],
            {kind.name: columns[kind][place] for kind in peers}, unit,
            "8.4f" if unit == "s" else "8.0f")
    row("processor time per MB of logs into files",
        [used for used, _ in logs[Init]],
        {kind.name: [used for used, _ in logs[kind]] for kind in peers}, "ms")
    print("MB/s of logs: " + ", ".join(
        f"{kind.name} {median(rate for _, rate in logs[kind]):.0f}" for kind in kinds))
    idle = {kind: measure_idle(kind) for kind in
            [*kinds, *([Tini] if shutil.which("tini") else [])]}
    print(f"wake-ups in {IDLE} idle seconds: " +
          ", ".join(f"{kind.name} {count}" for kind, count in idle.items()))
    print(f"init's file: {(BIN / 'init').stat().st_size} bytes")


if __name__ == "__main__":
    main()
