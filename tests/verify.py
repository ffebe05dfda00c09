#!/usr/bin/env python3
"""Tests of the gate itself: what is wrong makes verify/prove.py fail, and it says what and where.

usage: tests/verify.py      run from the repository root; `make verify-test` does it

Everything happens in a copy of the tree. Lines are TAP-like; the last is 'N passed, M failed'.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, "fsm/tool")
from generate import generate_unchecked  # noqa: E402

TOOLS = ("python3", "gcc", "frama-c", "why3", "z3", "cvc4", "sh")
FOLDERS = ("fsm", "gen", "spec", "verify")
results = {True: 0, False: 0}


def report(name, good, said):
    results[bool(good)] += 1
    print(f"{'ok' if good else 'not ok'} - {name}", flush=True)
    if not good:
        print("\n".join(f"# {line}" for line in said.splitlines()[:20]), flush=True)


def prove(tree, name, path=None):
    """Status and words of the driver."""
    environment = dict(os.environ, PATH=str(path or os.environ["PATH"]))
    environment.pop("WHY3CONFIG", None)
    run = subprocess.run([sys.executable, "verify/prove.py", name], cwd=tree, env=environment,
                         capture_output=True, text=True)
    return run.returncode, run.stdout + run.stderr


def fresh(folder):
    tree = Path(tempfile.mkdtemp(dir=folder))
    for name in FOLDERS:
        shutil.copytree(name, tree / name)
    return tree


def edit(path, old, new):
    text, count = re.subn(r" +".join(map(re.escape, old.split())), lambda _: new, path.read_text())
    if count != 1:
        raise SystemExit(f"not ok - {path.name} has {count} times '{old}'")
    path.write_text(text)


def row_lines(name, state):
    lines = Path(f"spec/{name}.md").read_text().splitlines()
    return [i for i, text in enumerate(lines, 1) if re.match(rf"\| \w+ \| {state} \|", text)]


def refused(folder, what, name, edits, state):
    """A fault in a chart fails, naming a goal and the rows of the state that it is in."""
    tree = fresh(folder)
    for old, new in edits:
        edit(tree / f"fsm/{name}.rl", old, new)
    if not generate_unchecked(tree, name):
        raise SystemExit(f"not ok - {what}: Ragel refuses it")
    status, said = prove(tree, name)
    where = f"spec/{name}.md:{','.join(map(str, row_lines(name, state)))}"
    report(f"{what}: a goal is open, at {where}",
           status == 1 and f"typed_ref_{name}_step_ensures_" in said and where in said, said)


def with_contract(folder, what, old, new, expected):
    tree = fresh(folder)
    edit(tree / "verify/unit.acsl", old, new)
    status, said = prove(tree, "unit")
    report(f"{what}: '{expected}'", status == 1 and expected in said, said)


def with_tool(folder, what, tool, script, expected):
    """The tools in a folder of their own, where one is another, or missing for no script."""
    path = Path(tempfile.mkdtemp(dir=folder))
    for name in TOOLS:
        (path / name).symlink_to(shutil.which(name))
    (path / tool).unlink()
    if script:
        (path / tool).write_text(f"#!/bin/sh\n{script}\n")
        (path / tool).chmod(0o755)
    status, said = prove(fresh(folder), "unit", path)
    report(f"{what}: '{expected}'", status == 1 and expected in said, said)


def together(folder, what, model, run, name, edits, expected):
    """A fault in a chart that its own page might have, too, is seen where machines meet."""
    tree = fresh(folder)
    text = (tree / f"verify/spin/{model}.pml").read_text()
    text = re.sub(r"^ \* run: .*\n", "", text, flags=re.M)
    (tree / f"verify/spin/{model}.pml").write_text(text.replace("\n *", f"\n * run: {run}\n *", 1))
    for old, new in edits:
        edit(tree / f"fsm/{name}.rl", old, new)
    done = subprocess.run([sys.executable, "verify/spin/compose.py", model], cwd=tree,
                          capture_output=True, text=True)
    said = done.stdout + done.stderr
    report(f"{what}: '{expected}'", done.returncode == 1 and expected in said, said)


def main():
    with tempfile.TemporaryDirectory() as folder:
        with_tool(folder, "a prover that is missing", "z3", None, "z3 is missing")
        with_tool(folder, "a prover of another version", "cvc4",
                  "echo This is CVC4 version 1.7", "cvc4 1.8 is needed")
        with_tool(folder, "a prover that crashes", "z3",
                  f"[ \"$1\" != --version ] || exec {shutil.which('z3')} --version\nkill -SEGV $$",
                  "z3 does not answer: status -11")
        refused(folder, "a target is swapped", "unit",
                [("SPAWNED @tell -> up", "SPAWNED @tell -> inactive")], "starting")
        refused(folder, "an event is ignored", "unit",
                [("RESET @tell -> inactive", "RESET @ignore -> failed")], "failed")
        refused(folder, "a bound is dropped", "slc_field",
                [("256u * m->length + c <= m->limit", "1")], "length0")
        with_contract(folder, "a claim is gone", "ensures one_process: DOES(SPAWN) ==> WAS(INACTIVE);",
                      "", "verify/unit.goals says")
        with_contract(folder, "nothing can be called", "/*@ ensures", "/*@ requires event == 0;\n"
                      "\tensures", "vacuous: ")
        together(folder, "a stop never comes to force", "init", "ltl -DTRIES=0", "unit",
                 [("(UNIT_TIMEOUT when current) @kill @arm", "(UNIT_TIMEOUT when current) @arm")],
                 "acceptance cycle")
        together(folder, "a channel given up keeps its place", "slc", "safety -DFAULTS=1",
                 "slc_channel", [("(REFUSED | STATUS | RESET | LOST) @release -> reset",
                                  "(REFUSED | STATUS | RESET | LOST) @ignore -> reset")],
                 "assertion violated")
    print(f"{results[True]} passed, {results[False]} failed")
    sys.exit(1 if results[False] else 0)


if __name__ == "__main__":
    main()
