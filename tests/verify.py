#!/usr/bin/env python3
"""Tests of the gate itself: what is wrong makes verify/prove.py fail, and it says what and where.

usage: tests/verify.py      run from the repository root; `make verify-test` does it

Everything happens in a copy of the tree. Lines are TAP-like; the last is 'N passed, M failed'. When
all have passed and nothing that they look at has changed since, they are not run again (a stamp of
the kind `refuse`): what they said then is said again.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path

sys.path[:0] = ["fsm/tool", "verify", "verify/spin"]
import compose  # noqa: E402
from generate import RAGEL, generate_unchecked  # noqa: E402
from prove import OUT, VERSIONS, check_tools  # noqa: E402
from stamp import Stamp, digest_of_all  # noqa: E402

TOOLS = ("python3", "gcc", "frama-c", "why3", "z3", "cvc4", "sh")
FOLDERS = ("fsm", "gen", "spec", "verify")
PRODUCT = ("runtime", "services", "host")
FIXED = {**VERSIONS, **compose.TOOLS, "ragel": RAGEL}
STAMP = Stamp("refuse", "verify")
results = {True: 0, False: 0}
lines = []


def say(line):
    lines.append(line)
    print(line, flush=True)


def report(name, good, said):
    results[bool(good)] += 1
    say(f"{'ok' if good else 'not ok'} - {name}")
    if not good:
        print("\n".join(f"# {line}" for line in said.splitlines()[:20]), flush=True)


def covered():
    """The hash of all that is copied, of the product that faults are planted in, and of this."""
    paths = [path for folder in (*FOLDERS, *PRODUCT) for path in Path(folder).rglob("*")]
    return digest_of_all([path for path in paths if path.suffix != ".svg"]
                         + [Path("tests/verify.py")])


def stamp_fault():
    """Why these tests must run again, or None."""
    fault = STAMP.fault(lambda _: covered(), FIXED)
    passed = fault or re.search(r"^[1-9]\d* passed, 0 failed$", STAMP.log.read_text(), re.M)
    return fault or (None if passed else "its log does not say that all passed")


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


def asked(tree, code):
    """What a line of Python prints in the tree."""
    run = subprocess.run([sys.executable, "-c", "import sys; from pathlib import Path; "
                          f"sys.path[:0] = ['verify', 'tests']; {code}"], cwd=tree,
                         capture_output=True, text=True)
    return run.stdout + run.stderr


def stamps(folder, kind, name, passed, write, fault):
    """Whatever is done to a stamp, or to what it covers, makes it void; as it was it holds."""
    tree = fresh(folder)
    for product in PRODUCT:
        shutil.copytree(product, tree / product)
    (tree / "tests").mkdir()
    shutil.copy2("tests/verify.py", tree / "tests")
    (tree / "said").write_text(passed + "\n")
    asked(tree, write)
    stamp, log = (tree / f"out/stamps/{kind}/{name}.{end}" for end in ("json", "log"))
    for what, path, old, new in (
            ("of another text", stamp, '"key": "', '"key": "z'),
            ("with another prover", stamp, '"z3": "4.8.12"', '"z3": "4.8.13"'),
            ("that is no JSON", stamp, "{", ""),
            ("with another log", log, passed, passed + " "),
            ("of another source", tree / "services/init/health.c", "/*", "/* once more:"),
            ("of another contract", tree / "verify/init_health.acsl", "*/", "*/\nextern int x;")):
        said = asked(tree, fault)
        report(f"{kind}: a stamp holds as it was", said == "None\n", said)
        before = path.read_text()
        path.write_text(before.replace(old, new, 1))
        said = asked(tree, fault)
        report(f"{kind}: a stamp {what} is refused",
               old in before and said.count("\n") == 1 and said != "None\n", said)
        path.write_text(before)
    log.write_text("nothing\n")
    stamp.write_text(re.sub(r'"log": "\w+"', f'"log": "{sha256(log.read_bytes()).hexdigest()}"',
                            stamp.read_text()))
    said = asked(tree, fault)
    report(f"{kind}: a log that does not say so is refused", said.startswith("its log does not say"),
           said)


def all_stamps(folder):
    stamps(folder, "mutants", "init_health",
           "init_health: 1 faults: 1 caught by proof, 0 by tests, 0 explained, 0 survive",
           "import mutants as m; m.Stamp('mutants', 'init_health').write("
           "m.key('init_health', (1, 1), {}, False), m.TOOLS, Path('said'), by_tests=False)",
           "import mutants; print(mutants.stamp_fault('init_health', (1, 1), {}))")
    stamps(folder, "refuse", "verify", "1 passed, 0 failed",
           "sys.path.remove('verify'); import verify as v; "
           "v.STAMP.write(v.covered(), v.FIXED, Path('said'))",
           "import verify; print(verify.stamp_fault())")


def run_all():
    with tempfile.TemporaryDirectory() as folder:
        with_tool(folder, "a prover that is missing", "z3", None, "z3 is missing")
        with_tool(folder, "a prover of another version", "cvc4",
                  "echo This is CVC4 version 1.7", "cvc4 1.8 is needed")
        with_tool(folder, "a prover that crashes", "z3",
                  f"[ \"$1\" != --version ] || exec {shutil.which('z3')} --version\nkill -SEGV $$",
                  "z3 does not answer: status -11")
        refused(folder, "a target is swapped", "unit",
                [("READY @ignore -> ready", "READY @ignore -> failed")], "starting")
        refused(folder, "an event is ignored", "unit",
                [("RESET @ignore -> inactive", "RESET @ignore -> failed")], "failed")
        refused(folder, "a bound is dropped", "slc_field",
                [("256u * m->length + c <= m->limit", "1")], "length0")
        with_contract(folder, "a claim is gone", "ensures disabled_stays: WAS(DISABLED) && !IS(DISABLED) ==> ON(ENABLE);",
                      "", "verify/unit.goals says")
        with_contract(folder, "nothing can be called", "/*@ ensures", "/*@ requires event == 0;\n"
                      "\tensures", "vacuous: ")
        together(folder, "a stop never comes to force", "init", "ltl -DTRIES=0", "unit",
                 [("(TIMEOUT when current) @kill @arm", "(TIMEOUT when current) @arm")],
                 "acceptance cycle")
        together(folder, "a channel given up keeps its place", "slc", "safety -DFAULTS=1",
                 "slc_channel", [("(REFUSED | STATUS | RESET | LOST) @release -> reset",
                                  "(REFUSED | STATUS | RESET | LOST) @ignore -> reset")],
                 "assertion violated")
        all_stamps(folder)
    say(f"{results[True]} passed, {results[False]} failed")


def main():
    check_tools()
    compose.check_tools()
    if stamp_fault() is None:
        print(f"nothing has changed since these passed:\n{STAMP.log.read_text()}", end="")
        return
    begun = covered()
    run_all()
    STAMP.remove()
    if not results[False] and covered() == begun:
        log = OUT / "refuse.log"
        log.write_text("\n".join(lines) + "\n")
        STAMP.write(begun, FIXED, log)
    sys.exit(1 if results[False] else 0)


if __name__ == "__main__":
    main()
