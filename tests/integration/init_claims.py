"""What must hold of init whatever happens to its units: a checker that is fed with its events, with
what was asked of it, and with the processes that there are. See init_chaos.py."""

import contextlib
import json
import os
import re
import threading
import time

SECOND = 1_000_000_000    # that who has run for may be tried again at once
TENTH = 100_000_000       # ns: the first delay of RestartSec = 0, doubled with every end in a row
LONGEST = 60_000_000_000  # where doubling ends
HALF = 0.5                # of a delay is claimed: events have the time that the machine's clock tells
FOREVER = 1 << 63
AT_WORK = {"starting", "ready", "stopping"}


def arrows(page="spec/unit.md"):
    """The pairs of states that the machine's table allows."""
    found = set()
    for line in open(page, encoding="utf-8"):
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) == 9 and re.fullmatch("[a-z_]+", cells[5]):
            found |= {(state.strip(), cells[5]) for state in cells[2].split(",")}
    return found


def touched(unit, begin, end):
    """Whether somebody has asked for anything that touches it in that time."""
    return any(first <= end and last >= begin for first, last in unit.asks)


class Unit:
    def __init__(self, requires=(), limit=0):
        self.requires = requires
        self.limit = limit           # of starts that nobody asked for, within minutes; 0: none
        self.again = 0               # how many there were since somebody has asked
        self.state = None            # not known yet, or any more
        self.began = self.ended = self.up = 0  # when, by init's clock, which is ours
        self.tries = 0               # ends in a row that nobody asked for
        self.asks = []               # [begin, end] of what was asked of it or of its family
        self.halted = FOREVER        # since when, if somebody has stopped it


class Claims:
    """`broken` is what did not hold; `seen` counts what was looked at."""

    def __init__(self, units, allowed):
        self.units, self.allowed = units, allowed
        self.lock = threading.Lock()
        self.broken, self.seen, self.missed = [], 0, 0

    def claim(self, holds, *words):
        self.seen += 1
        if not holds:
            self.broken.append(" ".join(str(word) for word in words))

    def family(self, name):
        """The unit, what it requires and what requires it, as far as that goes."""
        found = set()
        for further in (lambda one: self.units[one].requires,
                        lambda one: [k for k, unit in self.units.items() if one in unit.requires]):
            todo = [name]
            while todo:
                one = todo.pop()
                found.add(one)
                todo += further(one)
        return found

    @contextlib.contextmanager
    def ask(self, name):
        """While init is asked for something: what it does to the family then was asked for."""
        span = [time.time_ns(), FOREVER]
        with self.lock:
            for one in self.family(name):
                self.units[one].asks.append(span)
        yield
        span[1] = time.time_ns()

    def halt(self, these, not_those):
        """Behind a stop, and before a start."""
        with self.lock:
            for name in these | not_those:
                self.units[name].halted = time.time_ns() if name in these else FOREVER

    # --- Events ---------------------------------------------------------------------------------

    def event(self, row):
        with self.lock:
            if row.get("missed"):  # a busy machine has kept us from reading: begin anew
                self.missed += row["missed"]
                for unit in self.units.values():
                    unit.state, unit.tries = None, 0
            name, was, to, now = row["name"], row["from"], row["to"], row["time"]
            unit = self.units[name]
            self.claim((was, to) in self.allowed, name, "has no arrow from", was, "to", to)
            self.claim(unit.state in (None, was), name, "was", unit.state, "and leaves", was)
            if was == "failed":
                self.claim(touched(unit, now, now), name, "left failed, and nobody asked")
            if to == "starting":
                self.starts(name, unit, now)
            elif was in AT_WORK and to not in AT_WORK:
                self.ends(unit, now)
            if to == "ready":
                unit.up = now
            unit.state = to

    def starts(self, name, unit, now):
        self.claim(now <= unit.halted or touched(unit, now, now), name, "was stopped, and starts")
        unit.again = 0 if touched(unit, unit.began, now) else unit.again + (unit.ended > 0)
        began, unit.began = unit.began, now
        for other in unit.requires:
            state = self.units[other].state
            self.claim(state in (None, "ready"), name, "starts while", other, "is", state)
        self.claim(unit.limit == 0 or unit.again <= unit.limit, name, "was tried again",
                   unit.again, "times, where", unit.limit, "are allowed")
        if unit.tries > 0 and not touched(unit, unit.ended, now):
            least = min(TENTH * 2 ** (unit.tries - 1), LONGEST)
            if unit.tries == 1 and unit.ended - began > SECOND * HALF:
                least = 0
            self.claim(now - unit.ended >= least * HALF, name, "was tried again after",
                       now - unit.ended, "ns, for the", unit.tries, "time")

    def ends(self, unit, now):
        """When it is asked for, its tries begin anew; so they do for one that has run for long."""
        if touched(unit, unit.ended, now) or now - unit.up > LONGEST * HALF or unit.state is None:
            unit.tries = 0
        else:
            unit.tries += 1
        unit.ended = now

    # --- Processes ------------------------------------------------------------------------------

    def processes(self, mark):
        """At most one leader of a session per unit, however often it was killed."""
        leaders = {}
        for pid, name, begun in leaders_of(mark):
            leaders.setdefault(name, []).append((pid, begun))
        for name, found in leaders.items():
            if len(found) > 1:  # they were not read at one time: are they still all there?
                found = [one for one in found if begun_at(one[0]) == one[1]]
            self.claim(len(found) <= 1, name, "has", len(found), "processes:", found)
        self.claim(set(leaders) <= set(self.units), "no unit is", set(leaders))


def begun_at(pid):
    """When a process began; None where there is none, or one that has ended."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
        return None if fields[0] in "ZX" else (fields[19], fields[3] == str(pid))
    except OSError:
        return None


def marked(mark):
    """(process, unit) of all that have MARK=UNIT in their environment."""
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/environ", "rb") as file:
                found = re.search(rb"(?:^|\0)" + mark.encode() + rb"=([^\0]*)", file.read())
        except OSError:
            continue
        if found:
            yield int(entry), found[1].decode()


def leaders_of(mark):
    for pid, name in marked(mark):
        begun = begun_at(pid)
        if begun and begun[1]:
            yield pid, name, begun


def follow(lines, claims):
    """Feeds all events of `initctl events -f --json` until they end."""
    for line in lines:
        claims.event(json.loads(line))
