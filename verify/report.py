#!/usr/bin/env python3
"""Writes verify/REPORT.md to standard output: what is proved, in figures taken from the sources.

usage: report.py > verify/REPORT.md      run from the repository root; `make gen` does it

Nothing here is measured: a figure of goals is the committed one, which `make verify` compares with
what Frama-C finds, and which no proof with an open goal passes.
"""

import re
import sys
from pathlib import Path

sys.path[:0] = ["fsm/tool", "verify"]
from counted import kept, source_digest, summary  # noqa: E402
from page import Page  # noqa: E402


def goals(name):
    return int(Path(f"verify/{name}.goals").read_text())


def source(name):
    return re.match(r"/\* source: (\S+) \*/", Path(f"verify/{name}.acsl").read_text()).group(1)


def split(rows):
    rows = list(rows)
    return rows[0], rows[1:]


def table(columns, rows):
    print("| " + " | ".join(columns) + " |")
    print("|" + "---|" * len(columns))
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |")
    print()


def machines(names):
    for name in names:
        page = Page(".", name)
        states, rows = (len(page.tables.get(what, [])) or "" for what in ("States", "Table"))
        corpus = len(list(Path(f"fuzz/corpus/{name}").iterdir()))
        yield (f"[{name}](../spec/{name}.md)", states, rows, len(page.tables["Claims"]),
               goals(name), corpus)


def claims(names):
    for name in names:
        for row in Page(".", name).tables["Claims"]:
            yield name, f"`{row.get('id')}`", row.get("claim")


def clients():
    for path in sorted(Path("verify/eva").glob("*.c")):
        text = path.read_text()
        most = re.search(r"#define MOST (\d+)", text)
        yield (path.stem, re.search(r"source: (\S+)", text).group(1),
               f"up to {most.group(1)} bytes" if most else "all")


def main():
    names = sorted(path.stem for path in Path("verify").glob("*.acsl"))
    charts = [name for name in names if source(name).startswith("gen/")]
    decisions = [name for name in names if name not in charts]
    print("<!-- Made by `make gen` from spec/, verify/ and fuzz/: don't edit. -->")
    print("# What is proved, in figures\n")
    print(f"{sum(map(goals, names))} goals, all of which `make verify` proves; what they mean and what "
          "they don't is said in [README.md](README.md).\n")
    print("## Machines\n")
    table(["machine", "states", "rows", "claims", "goals", "corpus"], machines(charts))
    print("## Decisions\n")
    table(["decision", "source", "goals"], ((n, source(n), goals(n)) for n in decisions))
    print("## Decoders on any bytes (Eva, no alarm)\n")
    table(["decoder", "source", "lengths"], clients())
    current = {name: counted for name, (digest, counted) in kept().items()
               if name in names and digest == source_digest(name)}
    if current:
        print("## Planted faults\n")
        print(f"Of {len(current)} of {len(names)} names, as `make verify-mutants KEEP=1` has last "
              "counted what became of the faults that it drew; those whose source has changed since "
              "do not count.\n")
        table(*split(summary(current)))
    print("## Claims\n")
    table(["machine", "id", "claim"], claims(charts))


if __name__ == "__main__":
    main()
