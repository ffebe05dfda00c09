#!/usr/bin/env python3
"""Checks the tables of pages that name a test for each of their rows, `| D7 | what | FILE:TEST |`.

usage: shown.py [--ran FOLDER KIND...]      run from the repository root

Each test must be there: a function of a C or Python file, or the name that a shell script gives to
`ok`. With --ran it must also have passed, if it is of one of these kinds (unit, integration, e2e):
the runners leave the names of those in FOLDER/KIND/NAME (tests/run.sh, tests/e2e/lab.py).
"""

import ast
import re
import sys
from functools import lru_cache
from pathlib import Path

PAGES = sorted(Path("spec").glob("*.md"))
ROW = re.compile(r"^\| *([A-Z]+\d+) *\|(.+)\| *`?(tests/[^:|`]+):([^|`]+?)`? *\|$")
DEFECT = re.compile(r"^\| *[A-Z]+\d+ *\|")
WHOLE = {"slc.md": [f"D{n}" for n in range(1, 24)],
         "init.md": [f"D{n}" for n in range(1, 28)]}  # rows that a page must have


def name_of(node):
    """What a function of a Python file is called where it is told: its docstring's text."""
    said = ast.get_docstring(node)
    return " ".join(said.split()).rstrip(".") if said else node.name


def checked(tree):
    """{function: what it is called} of end-to-end tests, which `check` names."""
    return {call.args[1].id: call.args[0].value for call in ast.walk(tree)
            if isinstance(call, ast.Call) and len(call.args) > 1
            and (getattr(call.func, "id", None) or getattr(call.func, "attr", None)) == "check"
            and isinstance(call.args[1], ast.Name) and isinstance(call.args[0], ast.Constant)}


@lru_cache(maxsize=None)
def tests_of(path):
    """{what a row may call it: what the runner calls it} of all tests of a file."""
    text = path.read_text()
    if path.suffix == ".c":
        return {name: name for name in re.findall(r"^static void (\w+)\(void \*\*", text, re.M)}
    if path.suffix == ".sh":
        return {name: name for name in re.findall(r"^\s*ok '([^']+)'", text, re.M)}
    tree = ast.parse(text)
    if "e2e" in path.parts:
        return checked(tree)
    return {node.name: name_of(node) for node in tree.body if isinstance(node, ast.FunctionDef)}


def fault_of(path, test, ran, kinds):
    if not path.is_file():
        return f"there is no {path}"
    told = tests_of(path).get(test)
    if told is None:
        return f"{path} has no test '{test}'"
    kind = path.parts[1]
    if kind not in kinds:
        return None
    record = Path(ran) / kind / path.stem
    if not record.exists():  # a script runs it, with others of its name: init.sh init_control.py
        record = record.with_name(path.stem.split("_")[0])
    names = record.read_text().splitlines() if record.exists() else []
    if told in names or test in names:  # some runners tell a function by its name all the same
        return None
    return f"'{test}' of {path} has not run, or has failed"


def rows_of(page):
    """(line, id, file, test); a row of an id that names no test has None."""
    for line, text in enumerate(page.read_text().splitlines(), 1):
        row = ROW.match(text)
        if row:
            yield line, row[1], Path(row[3].strip()), row[4].strip()
        elif DEFECT.match(text):
            yield line, text.split("|")[1].strip(), None, None


def main(words):
    ran, kinds = (words[1], words[2:]) if words[:1] == ["--ran"] and len(words) > 2 else (None, [])
    if words and not ran:
        raise SystemExit(__doc__)
    faults, count = [], 0
    for page in PAGES:
        rows = list(rows_of(page))
        count += len(rows)
        for line, which, path, test in rows:
            fault = fault_of(path, test, ran, kinds) if path else "the row names no test"
            if fault:
                faults.append(f"{page}:{line}: {which}: {fault}")
        missing = set(WHOLE.get(page.name, [])) - {which for _, which, _, _ in rows}
        faults += [f"{page}: there is no row of {which}" for which in sorted(missing)]
    print("\n".join(faults) or f"{count} rows are shown by tests"
          + (f" that have run ({' '.join(kinds)})" if kinds else ""))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
