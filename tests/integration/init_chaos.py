"""Chaos: services are killed at random while init is asked for this and that, and a checker sees
that what init promises holds all the time (init_claims.py). Prints TAP-like lines.

usage: init_chaos.py INIT INITCTL [--seed N] [--seconds N] [--log FILE] [--replay FILE]
from the repository's root

What is done is drawn from the seed, which is printed, and noted in a log, one line of JSON each;
--replay does what such a log says. Only what is done is given: how long init takes is not.
"""

import argparse
import contextlib
import json
import os
import random
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

from init_asked import until
from init_claims import AT_WORK, Claims, Unit, arrows, begun_at, follow, leaders_of, marked
from init_place import FAILED, PATIENCE, check, tests, write

SHELL = "exec sleep 1000"
CHILDREN = "(trap \"\" TERM; sleep 1000) & sleep 1001 & wait; exit 1"
STUBBORN = "trap \"\" TERM; while :; do sleep 1000 & wait; done"

# name: (script, what it requires, Restart, RestartLimit)
UNITS = {
    "base": (SHELL, [], "always", 0),
    "store": (SHELL, ["base"], "always", 0),
    "queue": (CHILDREN, ["base"], "on-failure", 0),
    "worker": (SHELL, ["store", "queue"], "always", 0),
    "front": (SHELL, ["worker"], "always", 0),
    "alone": (SHELL, [], "always", 3),
    "family": (CHILDREN, [], "always", 0),
    "fragile": (SHELL, [], "no", 0),
    "brittle": (CHILDREN, [], "no", 0),
    "stubborn": (STUBBORN, [], "always", 0),
    "crash": ("exit 3", [], "always", 4),
    "brief": ("sleep 0.2; exit 0", [], "always", 0),
}
DEEDS = ["kill"] * 60 + ["orphan"] * 10 + ["all"] * 3 + ["stop"] * 6 + ["start"] * 12 + \
    ["restart"] * 5 + ["reset-failed"] * 4


def plan(seed):
    """What to do, for ever: (deed, unit, pause behind it in seconds)."""
    draw = random.Random(seed)
    names = sorted(UNITS)
    while True:
        yield draw.choice(DEEDS), draw.choice(names), draw.choice((0, 0, 0.01, 0.05, 0.1))


class Run:
    """init over the units, its events, and what is done to it."""

    def __init__(self, programs, log):
        self.init, self.initctl = programs
        self.folder = tempfile.mkdtemp(prefix="init-")
        self.mark = f"CHAOS_{secrets.token_hex(8)}"
        for name, (script, requires, policy, limit) in UNITS.items():
            write(f"{self.folder}/units/{name}.service", "\n".join((
                f"ExecStart = ['sh', '-c', '{script}']", f"Environment = ['{self.mark}={name}']",
                f"Requires = {requires}", f"Restart = '{policy}'", "RestartSec = 0",
                f"RestartLimit = {limit}", "StopTimeout = 1", "LogConsole = false", "")))
        self.claims = Claims({name: Unit(requires, limit)
                              for name, (_, requires, _, limit) in UNITS.items()}, arrows())
        self.log, self.done, self.stopped = log, [], set()
        self.said = ""  # for check
        with open(f"{self.folder}/log", "wb") as file:
            self.process = subprocess.Popen(
                [self.init, "--supervise", f"{self.folder}/units", "--control",
                 f"{self.folder}/socket"], stdin=subprocess.DEVNULL, stdout=file, stderr=file,
                env={"PATH": os.environ["PATH"]})
        self.until(lambda: self.ask("ping").returncode == 0)
        self.events = subprocess.Popen(self.words("events", "-f", "--json"), text=True,
                                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.reader = threading.Thread(target=follow, args=(self.events.stdout, self.claims))
        self.reader.start()

    def until(self, condition):
        end = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > end or self.process.poll() is not None:
                return False
            time.sleep(0.02)
        return True

    def words(self, *words):
        return [self.initctl, "--socket", f"{self.folder}/socket", *words]

    def ask(self, *words):
        return subprocess.run(self.words(*words), capture_output=True, text=True, check=False,
                              timeout=3 * PATIENCE)

    def rows(self):
        return {row["name"]: row for row in json.loads(self.ask("list", "--json").stdout)}

    # --- Deeds ----------------------------------------------------------------------------------

    def do(self, deed, name, pause):
        self.done.append((deed, name, pause))
        json.dump({"deed": deed, "unit": name, "pause": pause}, self.log)
        self.log.write("\n")
        self.log.flush()
        if deed in ("kill", "orphan", "all"):
            leaders = {pid for pid, _, _ in leaders_of(self.mark)}
            for pid, unit in list(marked(self.mark)):
                if deed == "all" or (unit == name and (pid in leaders) == (deed == "kill")):
                    self.kill(pid)
        else:
            self.tell(deed, name)
        self.look()
        time.sleep(pause)

    def kill(self, pid):
        """That process, and no other that has got its number."""
        with contextlib.suppress(OSError):
            handle = os.pidfd_open(pid)
            try:
                if any(pid == other for other, _ in marked(self.mark)):
                    signal.pidfd_send_signal(handle, signal.SIGKILL)
            finally:
                os.close(handle)

    def tell(self, verb, name):
        claims, requirers = self.claims, {
            other for other in UNITS if name in self.needs(other)} | {name}
        if verb in ("start", "restart"):
            self.stopped -= requirers | self.needs(name)
            claims.halt(set(), requirers | self.needs(name))
        with claims.ask(name):
            said = self.ask(verb, name)
        claims.claim(said.returncode in (0, 76), verb, name, "is answered", said.returncode,
                     said.stderr)
        if verb == "stop":
            claims.claim(said.returncode == 0, "stop", name, "is answered", said.returncode)
            self.stopped |= requirers
            claims.halt(requirers, set())

    def needs(self, name):
        found = set(UNITS[name][1])
        return found.union(*(self.needs(one) for one in found))

    def look(self):
        """What was stopped has no process, and stays so, until somebody asks."""
        self.claims.processes(self.mark)
        rows = self.rows()
        for name in self.stopped:
            self.claims.claim(rows[name]["pid"] == 0 and rows[name]["state"] not in AT_WORK,
                              name, "was stopped, and is", rows[name])

    # --- The end --------------------------------------------------------------------------------

    def all_are_up(self):
        """Whoever is asked for comes up, but for those who do not stay."""
        self.stopped = set()
        self.claims.halt(set(), set(UNITS))
        for name in UNITS:
            with self.claims.ask(name):
                self.ask("start", name)
        rows = self.rows()
        return all(rows[name]["state"] == "ready" for name in UNITS
                   if name not in ("crash", "brief"))

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            return None

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.events.wait(PATIENCE)
        self.reader.join(PATIENCE)
        self.events.stdout.close()
        for pid, _ in list(marked(self.mark)):
            self.kill(pid)
        with open(f"{self.folder}/log", encoding="utf-8", errors="replace") as file:
            self.said = file.read()
        shutil.rmtree(self.folder)


def unleash(programs, deeds, seconds, log):
    """Does these deeds until the time is over, or they are; True where all has held."""
    run, before = Run(programs, log), len(FAILED)
    end = time.monotonic() + seconds
    try:
        for deed in deeds:
            run.do(*deed)
            if time.monotonic() > end or run.process.poll() is not None:
                break
        check("init has gone on", run.process.poll() is None)
        check("whoever is asked for comes up again", run.until(run.all_are_up))
        run.look()
        check("SIGTERM ends it with status 0", run.end() == 0)
        check("and no process of a unit is left", until(lambda: not [
            pid for pid, _ in marked(run.mark) if begun_at(pid)]))  # who is killed takes a while to go
    finally:
        run.close()
    claims = run.claims
    print(f"# {len(run.done)} deeds, {claims.seen} claims looked at, {claims.missed} events missed")
    for what in claims.broken[:20]:
        print(f"# {what}")
    check("what init promises has held all the time", claims.seen > 0 and not claims.broken, run)
    if len(FAILED) > before:
        print("\n".join(f"# {deed}" for deed in run.done[-40:]))
    return run.done


def the_checker_sees_what_is_wrong():
    """A checker that finds nothing would be of no use: each claim is broken once."""
    def broken(*rows, asks=(), limit=0):
        claims = Claims({"a": Unit(limit=limit), "b": Unit(["a"])}, arrows())
        claims.units["a"].asks += asks
        for name, was, to, milliseconds in rows:
            claims.event({"name": name, "from": was, "to": to, "time": milliseconds * 1_000_000})
        return claims.broken

    def life(name, begin):
        return [(name, "blocked", "starting", begin), (name, "starting", "ready", begin + 1)]

    up = [("a", "inactive", "blocked", 1), *life("a", 1)]
    down = [*up, ("a", "ready", "backoff", 3), ("a", "backoff", "blocked", 103)]
    failed = [*up, ("a", "ready", "failed", 3)]
    tries = [step for n in range(6) for step in (
        ("a", "ready", "backoff", 1000 << n), ("a", "backoff", "blocked", 1500 << n),
        *life("a", 1500 << n))]
    check("a life without fault breaks nothing", not broken(
        *down, *life("a", 104), ("b", "inactive", "blocked", 105), *life("b", 106)))
    check("an arrow that is none", broken(*up, ("a", "ready", "starting", 3)))
    check("a step that is left out", broken(*up, ("a", "starting", "ready", 3)))
    check("a start before what it requires", broken(*up[:2], *life("b", 2)))
    check("another try too early", broken(*down[:4], ("a", "backoff", "blocked", 4), *life("a", 4)))
    check("tries without end", broken(*up, *tries, limit=5) and not broken(*up, *tries, limit=6))
    check("a failure that is forgotten", broken(*failed, ("a", "failed", "inactive", 9)))
    check("but not where somebody asks", not broken(
        *failed, ("a", "failed", "inactive", 9), asks=[[8_000_000, 10_000_000]]))


def read_log(path):
    with open(path, encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            yield row["deed"], row["unit"], row["pause"]


def services_are_killed_at_random():
    """Kill -9 of every service at random."""
    print(f"# seed {ARGUMENTS.seed}, log {ARGUMENTS.log.name}", flush=True)
    unleash(PROGRAMS, plan(ARGUMENTS.seed), ARGUMENTS.seconds, ARGUMENTS.log)


def a_run_is_replayed():
    """What a log says is done again, in its order."""
    deeds = list(read_log(ARGUMENTS.replay or ARGUMENTS.log.name))
    deeds = deeds if ARGUMENTS.replay else deeds[:20]
    with open(os.devnull, "w", encoding="ascii") as log:
        done = unleash(PROGRAMS, deeds, 1 << 20, log)
    check("all of it was done", deeds == done and deeds)


def read_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("programs", nargs=2)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1 << 32))
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--log", type=lambda name: open(name, "w", encoding="utf-8"))
    parser.add_argument("--replay")
    given = parser.parse_args()
    if given.log is None:
        given.log = open(f"out/chaos-{given.seed}.log", "w", encoding="utf-8")
    return given


if __name__ == "__main__":
    ARGUMENTS = read_arguments()
    PROGRAMS = [os.path.abspath(word) for word in ARGUMENTS.programs]
    if ARGUMENTS.replay:
        tests(a_run_is_replayed)
    else:
        tests(the_checker_sees_what_is_wrong, services_are_killed_at_random, a_run_is_replayed)
    ARGUMENTS.log.close()
    sys.exit(1 if FAILED else 0)
