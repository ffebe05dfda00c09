#!/usr/bin/env python3
"""Plants faults in machines and decisions, and asks whether a proof notices, or else a test.

usage: mutants.py [--count N] [--seed S] [--list] [--keep] [NAME...]   run from the repository root

A fault is caught by proof when a goal stays open: not when the number of goals changes, and not when
the result does not compile (such faults are not counted). What no proof notices is given to the unit
tests of the name and to its corpus. --count takes N faults of each name, drawn by the seed; without
it all are tried. A fault that nothing catches must stand in verify/survivors.txt with the reason,
else the run fails. What was tried and has not changed since is not tried again (a stamp of the kind
`mutants`). --keep writes what was counted into verify/mutants.txt, from which the report is made.
"""

import argparse
import hashlib
import random
import re
import shutil
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from pathlib import Path

sys.path[:0] = ["fsm/tool", "verify"]
import lexer  # noqa: E402
from counted import MUTANTS, Counted, kept, source_digest, summary  # noqa: E402
from faults import mutants_of  # noqa: E402
from generate import RAGEL, generate_unchecked  # noqa: E402
from noticed import TESTS, caught_by_test  # noqa: E402
from prove import HARDER, VERSIONS, Target, check_tools, first_open  # noqa: E402
from stamp import Stamp, digest_of_all  # noqa: E402

TREES = Path("out/mutants")
SURVIVORS = Path("verify/survivors.txt")
TOOLS = {**VERSIONS, "ragel": RAGEL, "re2c": lexer.RE2C}
FOLDERS = ("fsm", "gen", "spec", "runtime", "services", "host", "verify")
LAST = re.compile(r"^(\w+): (\d+) faults: (\d+) caught by proof, (\d+) by tests, (\d+) explained, "
                  r"(\d+) survive$", re.M)


def plant(mutant):
    """A tree with the fault in it; None where the fault does not compile or changes nothing."""
    tree = TREES / mutant.name
    if tree.exists():
        shutil.rmtree(tree)
    for folder in FOLDERS:
        if Path(folder).exists():
            shutil.copytree(folder, tree / folder)
    (tree / mutant.file).write_text(mutant.text)
    if mutant.file.startswith("fsm/"):
        before = Path(f"gen/{mutant.name}.c").read_text().split("\n", 1)[1]
        if not generate_unchecked(tree, mutant.name):
            return None
        if (tree / f"gen/{mutant.name}.c").read_text().split("\n", 1)[1] == before:
            return None
    source = Target(mutant.name).source
    compiled = subprocess.run(["gcc", "-std=c17", "-D_GNU_SOURCE", "-I.", "-fsyntax-only", source],
                              cwd=tree, capture_output=True)
    return tree if compiled.returncode == 0 else None


def caught_by_proof(mutant, tree):
    """The first goal that WP leaves open: of the table, which most likely notices, then of all."""
    target = Target(mutant.name)
    flags = target.flags((HARDER[0], 5))
    near = target.is_chart and first_open(flags + ["-wp-prop", "table"], tree)
    return near or first_open(flags, tree)


def explained():
    """Those of verify/survivors.txt, with their reasons."""
    lines = SURVIVORS.read_text().splitlines() if SURVIVORS.exists() else []
    return {line.split("  # ")[0].strip(): line for line in lines if "  # " in line}


def key(name, asked, known, by_tests):
    """The hash of all that decides what becomes of the faults of a name."""
    target = Target(name)
    paths = [Path(f"spec/{name}.md"), Path(target.mutated()), *Path("verify").glob("*.py"),
             *Path("fsm/tool").glob("*.py")]
    if by_tests:
        paths += [path for folder in TESTS for path in Path(folder).rglob("*")]
    of_it = sorted(line for key, line in known.items() if key.startswith(f"{target.mutated()}: "))
    parts = (target.covered(), digest_of_all(paths), asked, of_it)
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def counts_in(log):
    """What the last line of a log says of its name, or None."""
    found = LAST.search(log)
    return Counted(*map(int, found.groups()[1:])) if found else None


def stamp_fault(name, asked, known):
    """Why the faults of a name must be tried again, or None."""
    stamp = Stamp("mutants", name)
    fault = stamp.fault(lambda found: key(name, asked, known, found.get("by_tests")), TOOLS)
    if fault:
        return fault
    counted = counts_in(stamp.log.read_text())
    return None if counted and counted.survive == 0 else "its log does not say that all were caught"


def try_one(mutant, tree, known):
    """(what became of it: a field of Counted, words)"""
    if mutant.key() in known:
        return "explained", "survives, as explained"
    goal = caught_by_proof(mutant, tree)
    if goal:
        return "proof", f"caught by {goal}"
    test = caught_by_test(mutant, tree)
    return ("tests", f"caught by test {test}") if test else ("survive", "SURVIVED")


def try_all(name, mutants, asked, known):
    """(what was counted, the keys of those that survive)"""
    stamp = Stamp("mutants", name)
    if stamp_fault(name, asked, known) is None:
        log = stamp.log.read_text()
        print(f"{log.splitlines()[-1]}, unchanged", flush=True)
        return counts_in(log), []
    counted, survivors, lines = Counted(), [], []
    for mutant in mutants:
        tree = plant(mutant)
        if tree is None:
            continue
        what, words = try_one(mutant, tree, known)
        counted.add(what)
        lines.append(f"  {words}: {mutant}")
        print(lines[-1], flush=True)
        if what == "survive":
            survivors.append(mutant.key())
    lines.append(f"{name}: {counted}")
    print(lines[-1], flush=True)
    TREES.mkdir(parents=True, exist_ok=True)
    log = TREES / f"{name}.log"
    log.write_text("\n".join(lines) + "\n")
    stamp.remove()
    if not survivors:
        by_tests = counted.tests > 0
        stamp.write(key(name, asked, known, by_tests), TOOLS, log, by_tests=by_tests)
    return counted, survivors


def draw(name, options):
    """The mutants of one name that are to be tried."""
    mutants = mutants_of(name)
    random.Random(f"{options.seed}{name}").shuffle(mutants)
    return mutants[:options.count] if options.count else mutants


def keep(found):
    """Writes what was counted beside what was counted of others before."""
    lines = kept()
    lines.update({name: (source_digest(name), counted) for name, counted in found.items()})
    names = sorted(name for name in lines if Path(f"verify/{name}.acsl").exists())
    MUTANTS.write_text("".join(f"{name} {lines[name][0]} {lines[name][1].figures()}\n"
                               for name in names))


def main():
    options = argparse.ArgumentParser(usage=__doc__)
    options.add_argument("--count", type=int)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--list", action="store_true")
    options.add_argument("--keep", action="store_true")
    options.add_argument("names", nargs="*")
    options = options.parse_args()
    names = options.names or sorted(path.stem for path in Path("verify").glob("*.acsl"))
    check_tools()
    drawn = {name: draw(name, options) for name in names}
    if options.list:
        print("\n".join(str(mutant) for mutants in drawn.values() for mutant in mutants))
        return
    with ProcessPoolExecutor() as pool:
        outcomes = list(pool.map(try_all, drawn.keys(), drawn.values(),
                                 repeat((options.count, options.seed)), repeat(explained())))
    found = {name: counted for name, (counted, _) in zip(drawn, outcomes)}
    print()
    for row in summary(found):
        print(f"{row[0]:<16}" + "".join(f" {cell:>10}" for cell in row[1:]))
    if options.keep:
        keep(found)
    unexplained = [mutant for _, survivors in outcomes for mutant in survivors]
    for mutant in unexplained:
        print(f"nothing catches, and verify/survivors.txt does not explain: {mutant}")
    sys.exit(1 if unexplained else 0)


if __name__ == "__main__":
    main()
