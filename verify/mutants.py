#!/usr/bin/env python3
"""Plants faults in machines and decisions, and asks whether a proof notices.

usage: mutants.py [--count N] [--seed S] [--list] [NAME...]      run from the repository root

A fault is caught when a goal stays open: not when the number of goals changes, and not when the
result does not compile (such faults are not counted). --count takes N faults of each name, drawn
by the seed; without it all are tried. A fault that no proof catches is a survivor: it must stand
in verify/survivors.txt with the reason, else the run fails.
"""

import argparse
import random
import re
import shutil
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from pathlib import Path

sys.path.insert(0, "fsm/tool")
from generate import generate_unchecked  # noqa: E402
from page import Page  # noqa: E402
from prove import HARDER, Target, check_tools, first_open  # noqa: E402

TREES = Path("out/mutants")
SURVIVORS = Path("verify/survivors.txt")
FLIPS = {"==": "!=", "!=": "==", "<=": "<", ">=": ">", "<": "<=", ">": ">=",
         "&&": "||", "||": "&&", "+": "-", "-": "+", "*": "+", "+=": "-="}
OPERATOR = re.compile(r"(?<![-+*/<>=!&|])(==|!=|<=|>=|&&|\|\||\+=|[<>*+-])(?![-+<>=&|>])")
NUMBER = re.compile(r"(?<![\w.'\"])(\d+)(u?)(?![\w.'])")


class Mutant:
    """One fault: the file with the fault in it, and what was done where."""

    def __init__(self, name, file, line, what, text):
        self.name, self.file, self.line, self.what, self.text = name, file, line, what, text

    def __str__(self):
        return f"{self.file}:{self.line}: {self.what}"

    def key(self):
        """How verify/survivors.txt names it: by the text of its line, which outlives its number."""
        line = Path(self.file).read_text().splitlines()[self.line - 1].strip()
        return f"{self.file}: {self.what}: {line}"


def replace_at(text, start, end, new):
    return text[:start] + new + text[end:]


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def chart_faults(name, page):
    """Swap a target, skip an action, ignore an event, drop or flip a guard, widen a range."""
    file = f"fsm/{name}.rl"
    text = Path(file).read_text()
    begin, end = text.index("start:"), text.index("main :=")
    states = page.states

    def mutant(start, stop, new, what):
        return Mutant(name, file, line_of(text, start), what, replace_at(text, start, stop, new))

    for m in re.finditer(r"-> (\w+)", text[begin:end]):
        start, stop = begin + m.start(), begin + m.end()
        if text[begin:start].rstrip().endswith("''"):
            continue
        other = states[(states.index(m.group(1)) + 1) % len(states)]
        yield mutant(start, stop, f"-> {other}", f"'-> {m.group(1)}' becomes '-> {other}'")
    for m in re.finditer(r"@(\w+) ?", text[begin:end]):
        if not m.group(1).startswith(("ignore", "in_")):
            yield mutant(begin + m.start(), begin + m.end(), "", f"@{m.group(1)} is skipped")
    for m in re.finditer(r"(\d+|0x[0-9a-f]+|'.')\.\.(\d+|0x[0-9a-f]+|'.')", text[begin:end]):
        yield from widened(name, file, text, begin + m.start(), m.group(0))
    head = text[:begin]
    for m in re.finditer(r"action (\w+) \{([^}]*)\}", head):
        action, body = m.group(1), m.group(2)
        if action in ("names", "step"):
            continue
        guard = ";" not in body and body.strip()
        if guard:
            yield mutant(m.start(2), m.end(2), " 1 ", f"guard {action} always holds")
        for change, what in small_changes(body):
            yield mutant(m.start(2), m.end(2), change, f"{action}: {what}")
    if page.is_event_machine:
        yield from ignored_events(name, file, text, begin, end)


def widened(name, file, text, start, old):
    """A range one wider, wherever the same state speaks of it."""
    low, _, high = old.partition("..")
    value = ord(high[1]) if high.startswith("'") else int(high, 0)
    if value >= 255:
        return
    new = f"{low}..{value + 1}"
    left = text.rfind("\n\t\t", 0, text.rfind(": (", 0, start))
    right = text.find("),\n", start)
    block = text[left:right].replace(old, new)
    yield Mutant(name, file, line_of(text, start), f"range {old} becomes {new}",
                 text[:left] + block + text[right:])


def ignored_events(name, file, text, begin, end):
    """Each arrow that does something becomes one that ignores its event."""
    state = None
    for m in re.finditer(r"(?:(\w+):\s*\( |\| )([^\n]*?)((?: @\w+)+)\s*-> (\w+)", text[begin:end]):
        state = m.group(1) or state
        if "@ignore" in m.group(3) or "@in_" in m.group(3):
            continue
        start, stop = begin + m.start(3), begin + m.end()
        yield Mutant(name, file, line_of(text, start), f"{m.group(2).strip()} is ignored in {state}",
                     replace_at(text, start, stop, f" @ignore -> {state}"))


def small_changes(body):
    for m in OPERATOR.finditer(body):
        if m.group(1) == ">" and body[m.start() - 1] == "-":
            continue
        new = FLIPS[m.group(1)]
        yield replace_at(body, m.start(), m.end(), new), f"'{m.group(1)}' becomes '{new}'"
    for m in NUMBER.finditer(body):
        new = f"{int(m.group(1)) + 1}{m.group(2)}"
        yield replace_at(body, m.start(), m.end(), new), f"{m.group(0)} becomes {new}"


def decision_faults(name, file):
    """Flipped operators and numbers off by one, in code (not in comments, includes or defines)."""
    text = Path(file).read_text()
    bare = re.sub(r"/\*.*?\*/|//[^\n]*|^#[^\n]*|\"[^\"\n]*\"|'[^'\n]*'",
                  lambda m: re.sub(r"[^\n]", " ", m.group(0)), text, flags=re.S | re.M)
    for body in re.finditer(r"^\{$.*?^\}$", bare, re.S | re.M):
        for pattern in (OPERATOR, NUMBER):
            for m in pattern.finditer(bare, body.start(), body.end()):
                old = m.group(1)
                if old in ("*", "-", ">") and not re.search(r"[\w)] ?$", bare[:m.start()]):
                    continue
                new = FLIPS.get(old) or f"{int(old) + 1}{m.group(2)}"
                yield Mutant(name, file, line_of(text, m.start()), f"'{m.group(0)}' becomes '{new}'",
                             replace_at(text, m.start(), m.end(), new))


def mutants_of(name):
    target = Target(name)
    if Path(f"fsm/{name}.rl").exists():
        return list(chart_faults(name, Page(".", name)))
    if target.source.startswith("gen/"):
        return []
    return list(decision_faults(name, target.source))


def plant(mutant):
    """A tree with the fault in it; False where the fault does not compile or changes nothing."""
    tree = TREES / mutant.name
    if tree.exists():
        shutil.rmtree(tree)
    for folder in ("fsm", "gen", "spec", "runtime", "services", "host", "verify"):
        if Path(folder).exists():
            shutil.copytree(folder, tree / folder)
    (tree / mutant.file).write_text(mutant.text)
    if mutant.file.startswith("fsm/"):
        before = Path(f"gen/{mutant.name}.c").read_text().split("\n", 1)[1]
        if not generate_unchecked(tree, mutant.name):
            return False
        if (tree / f"gen/{mutant.name}.c").read_text().split("\n", 1)[1] == before:
            return False
    source = Target(mutant.name).source
    compiled = subprocess.run(["gcc", "-std=c17", "-D_GNU_SOURCE", "-I.", "-fsyntax-only", source],
                              cwd=tree, capture_output=True)
    return compiled.returncode == 0


def caught_by(mutant):
    """The first goal that WP leaves open: of the table, which most likely notices, then of all."""
    target = Target(mutant.name)
    flags, tree = target.flags((HARDER[0], 5)), TREES / mutant.name
    near = target.is_chart and first_open(flags + ["-wp-prop", "table"], tree)
    return near or first_open(flags, tree)


def explained():
    lines = SURVIVORS.read_text().splitlines() if SURVIVORS.exists() else []
    return {line.split("  # ")[0].strip() for line in lines if "  # " in line}


def try_all(name, mutants, known):
    """The unexplained survivors of one name."""
    caught, planted, unexplained = 0, 0, []
    for mutant in mutants:
        if not plant(mutant):
            continue
        planted += 1
        if mutant.key() in known:
            print(f"  survives, as explained: {mutant}", flush=True)
            continue
        goal = caught_by(mutant)
        caught += bool(goal)
        print(f"  {'caught by ' + goal if goal else 'SURVIVED'}: {mutant}", flush=True)
        if not goal:
            unexplained.append(mutant.key())
    if not mutants:
        print(f"{name}: no fault is planted in lexers", flush=True)
        return []
    share = 100 * caught / planted if planted else 100
    print(f"{name}: {caught} of {planted} faults caught by proof ({share:.0f} %)", flush=True)
    return unexplained


def draw(name, options):
    """The mutants of one name that are to be tried."""
    mutants = mutants_of(name)
    random.Random(f"{options.seed}{name}").shuffle(mutants)
    return mutants[:options.count] if options.count else mutants


def main():
    options = argparse.ArgumentParser(usage=__doc__)
    options.add_argument("--count", type=int)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--list", action="store_true")
    options.add_argument("names", nargs="*")
    options = options.parse_args()
    names = options.names or sorted(path.stem for path in Path("verify").glob("*.acsl"))
    check_tools()
    drawn = {name: draw(name, options) for name in names}
    if options.list:
        print("\n".join(str(mutant) for mutants in drawn.values() for mutant in mutants))
        return
    with ProcessPoolExecutor() as pool:
        found = pool.map(try_all, drawn.keys(), drawn.values(), repeat(explained()))
        unexplained = [mutant for survivors in found for mutant in survivors]
    for mutant in unexplained:
        print(f"no proof catches, and verify/survivors.txt does not explain: {mutant}")
    sys.exit(1 if unexplained else 0)


if __name__ == "__main__":
    main()
