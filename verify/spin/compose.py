#!/usr/bin/env python3
"""Checks with Spin what machines do together: every model under verify/spin, in every run it names.

usage: compose.py [NAME...]      run from the repository root

A model's comment has a line for each run: 'run: safety FLAGS' (assertions, no deadlock), 'run:
cycles FLAGS' (no run goes on for ever without progress), 'run: ltl FLAGS' (each claim `ltl NAME`,
under weak fairness). A run holds only if Spin ended well, searched everything and found no error,
and if every statement was reached: what a model can't do shows nothing. What has not changed since
it held is not run again.
"""

import hashlib
import re
import subprocess
import sys
import time
from pathlib import Path

HERE = Path("verify/spin")
OUT = Path("out/spin")
TOOLS = {"spin": "6.5.2"}
sys.path.insert(0, "verify")
from stamp import Stamp  # noqa: E402

DEPTH, MEMORY = 1000000, 6000  # steps of a run, MiB of a search
SEARCHES = {  # how pan is compiled and called
    "safety": (["-DSAFETY", "-DNOCLAIM"], []),
    "cycles": (["-DNP", "-DNOCLAIM"], ["-l"]),
    "ltl": (["-DNFAIR=4"], ["-a", "-f"]),
}


def all_names():
    return sorted(path.stem for path in HERE.glob("*.pml"))


def model_of(name):
    return subprocess.run([sys.executable, HERE / "promela.py", HERE / f"{name}.pml"],
                          capture_output=True, text=True, check=True).stdout


def runs_of(text):
    """(kind, flags, claims) of every run that the model asks for."""
    for kind, flags in re.findall(r"^ \* run: (\w+)(.*)$", text, re.M):
        yield kind, flags.split(), re.findall(r"^ltl (\w+)", text, re.M) if kind == "ltl" else [""]


def key_of(name):
    """The hash of the model by hand, of its machines as C without comments, and of how it is asked."""
    model = HERE / f"{name}.pml"
    machines = re.search(r"^ \* machines: (.*)$", model.read_text(), re.M).group(1).split()
    sources = subprocess.run(["gcc", "-I.", "-E", "-P", *(f"gen/{word}.c" for word in machines)],
                             capture_output=True, check=True).stdout
    total = hashlib.sha256(sources)
    for path in (model, HERE / "promela.py"):
        total.update(path.read_bytes())
    total.update(repr((DEPTH, MEMORY, SEARCHES)).encode())
    return total.hexdigest()


def faults_of(log):
    """Of one search, or of several whose logs stand behind each other."""
    searches = log.count("Full statespace search")
    if searches == 0 or re.findall(r"errors: (\d+)", log) != ["0"] * searches:
        yield "Spin has found an error, or has not ended"
    for word in ("Search not completed", "max search depth too small", "out of memory",
                 "pan: reached -DMEMLIM"):
        if word in log:
            yield f"the log says '{word}'"


def unreached(log):
    """Statements of the model that a run did not reach; an end that a process has not is no loss."""
    for process, body in re.findall(r"^unreached in (proctype \w+|init)\n(.*?)(?=^unreached|\Z)",
                                    log, re.M | re.S):
        for place in re.findall(r"^\t(\S+, state \d+, \".*\")$", body, re.M):
            if '"-end-"' not in place:
                yield f"{process}: {place}"


def run(command, folder):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def compile_pan(folder, kind, flags):
    """What went wrong, or an empty text."""
    for command in (["spin", *flags, "-a", "model.pml"],
                    ["gcc", "-O1", "-w", "-DCOLLAPSE", "-DVECTORSZ=4096", f"-DMEMLIM={MEMORY}",
                     *SEARCHES[kind][0], "pan.c", "-o", "pan"]):
        status, said = run(command, folder)
        if status:
            return said
    return ""


def stamp_fault(name):
    """Why no image is built before this model is checked again, or None."""
    stamp = Stamp("spin", name)
    fault = stamp.fault(lambda _: key_of(name), TOOLS)
    return fault or next((f"its log: {said}" for said in faults_of(stamp.log.read_text())), None)


class Check:
    """All runs of one model."""

    def __init__(self, name):
        self.name, self.folder, self.text = name, OUT / name, model_of(name)
        self.log, self.faults, self.missed = "", 0, None

    def say(self, result, states="", seconds=""):
        print(f"{self.name:<10} {states:>10} {seconds:>8}  {result}", flush=True)

    def search(self, kind, flags, claim):
        begin, label = time.monotonic(), " ".join([claim or kind, *flags])
        _, log = run(["./pan", f"-m{DEPTH}", *SEARCHES[kind][1], *(["-N", claim] if claim else [])],
                     self.folder)
        found = list(faults_of(log))
        if kind == "safety":
            never = set(unreached(log))
            self.missed = never if self.missed is None else self.missed & never
        states = re.search(r"(\d+) states, stored", log)
        self.say(f"{'FAILED' if found else 'holds'}: {label}", states.group(1) if states else "",
                 f"{time.monotonic() - begin:.1f}")
        if found:
            print("".join(f"    {line}\n" for line in found + log.splitlines()[:6]), end="")
        self.faults += len(found)
        self.log += log

    def run(self):
        """True if all hold."""
        if stamp_fault(self.name) is None:
            self.say("unchanged")
            return True
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "model.pml").write_text(self.text)
        for kind, flags, claims in runs_of(self.text):
            said = compile_pan(self.folder, kind, flags)
            if said:
                raise SystemExit(f"{self.name}: the model does not compile:\n{said}")
            for claim in claims:
                self.search(kind, flags, claim)
        if self.missed is None:
            self.missed = ["anything: the model names no safety run"]
        for place in sorted(self.missed):
            print(f"    never reached: {place}", flush=True)
        if self.faults or self.missed:
            return False
        log = self.folder / "log"
        log.write_text(self.log)
        Stamp("spin", self.name).write(key_of(self.name), TOOLS, log)
        return True


def check_tools():
    for tool, wanted in TOOLS.items():
        try:
            said = subprocess.run([tool, "-V"], capture_output=True, text=True).stdout
        except FileNotFoundError:
            raise SystemExit(f"{tool} is missing: run `make deps-verify`") from None
        if wanted not in said:
            raise SystemExit(f"{tool} {wanted} is needed, found: {said.strip()}")


def main():
    check_tools()
    names = sys.argv[1:] or all_names()
    print(f"{'model':<10} {'states':>10} {'seconds':>8}  result")
    held = sum(Check(name).run() for name in names)
    print(f"{held} of {len(names)} models hold")
    sys.exit(held != len(names))


if __name__ == "__main__":
    main()
