#!/usr/bin/env python3
"""Prints machines x places, and fails on a hole.

usage: map.py NAME...      run from the repository root

A place is a file that every machine must have. Beyond that: gen/ must come from the sources that
are here, the claims of the page must be the labels of the contract, and a machine must be called
by the product, or stand in spec/architecture.md under 'Machines that nothing calls yet'.
"""

import re
import sys
from pathlib import Path

from origin import digest
from page import Page

EVENT, BYTE, LEXER = "event", "byte", "lexer"
WAITING = "## Machines that nothing calls yet"


def kind_of(name):
    if Path(f"fsm/{name}.re").exists():
        return LEXER
    return EVENT if Path(f"fsm/{name}_event.h").exists() else BYTE


def places(name, kind):
    source = "re" if kind == LEXER else "rl"
    files = {
        "page": [f"spec/{name}.md", f"spec/{name}.svg"],
        "source": [f"fsm/{name}.{source}", f"fsm/{name}.h"],
        "gen": [f"gen/{name}.c", f"gen/{name}.h", f"gen/{name}.dot"]
               + ([] if kind == LEXER else [f"gen/{name}.acsl"]),
        "contract": [f"verify/{name}.acsl", f"verify/{name}.goals"],
        "harness": [f"fuzz/{name}.c"],
        "corpus": [f"fuzz/corpus/{name}"],
        "test": [f"tests/unit/{name}.c"],
    }
    return {place: [f for f in wanted if not Path(f).exists()] for place, wanted in files.items()}


def callers(name):
    """Files of the product that step the machine."""
    call = re.compile(rf"\b(MACHINE_(EVENTS|BYTES)\({name}\)|{name}_(drive|lex)\()")
    folders = [Path(folder) for folder in ("runtime", "services", "host")]
    files = sorted(file for folder in folders for file in folder.rglob("*.c"))
    return [str(file) for file in files if call.search(file.read_text())]


def waiting():
    """Machines that the architecture page admits to be uncalled, and what they wait for."""
    text = Path("spec/architecture.md").read_text().partition(WAITING)[2].partition("\n## ")[0]
    return dict(re.findall(r"^\| (\w+) \| (.+?) \|$", text, re.M))


def faults_of(name, kind, admitted):
    for place, missing in places(name, kind).items():
        for file in missing:
            yield f"no {file}"
    generated = Path(f"gen/{name}.c")
    if generated.exists() and digest(name) not in generated.read_text():
        yield f"gen/{name}.c was made from other sources: run `make gen`"
    contract = Path(f"verify/{name}.acsl")
    if Path(f"spec/{name}.md").exists() and contract.exists():
        claims = {row.get("id") or row.get("claim") for row in Page(".", name).tables["Claims"]}
        labels = set(re.findall(r"\bensures (\w+):", contract.read_text()))
        for claim in sorted(claims - labels):
            yield f"spec/{name}.md claims '{claim}', verify/{name}.acsl does not"
        for label in sorted(labels - claims):
            yield f"verify/{name}.acsl proves '{label}', spec/{name}.md does not say so"
    called = callers(name)
    if not called and name not in admitted:
        yield "nothing but tests calls it"
    if called and name in admitted:
        yield f"{called[0]} calls it: strike it from '{WAITING[3:]}'"


def main():
    admitted, holes = waiting(), []
    print(f"{'machine':<14} {'kind':<6} {'page':<5} {'src':<4} {'gen':<4} {'goals':>6} "
          f"{'claims':>6} {'corpus':>6} {'fuzz':<5} {'test':<5} called by")
    for name in sys.argv[1:]:
        kind = kind_of(name)
        faults = list(faults_of(name, kind, admitted))
        holes += [f"{name}: {fault}" for fault in faults]
        mark = {place: "yes" if not missing else "NO"
                for place, missing in places(name, kind).items()}
        goals = Path(f"verify/{name}.goals")
        corpus = Path(f"fuzz/corpus/{name}")
        page = Path(f"spec/{name}.md").exists() and Page(".", name)
        called = callers(name)
        print(f"{name:<14} {kind:<6} {mark['page']:<5} {mark['source']:<4} {mark['gen']:<4} "
              f"{goals.read_text().strip() if goals.exists() else 'NO':>6} "
              f"{len(page.tables['Claims']) if page else 'NO':>6} "
              f"{len(list(corpus.iterdir())) if corpus.exists() else 'NO':>6} "
              f"{mark['harness']:<5} {mark['test']:<5} "
              f"{called[0] if called else 'waits: ' + admitted.get(name, 'NOBODY')}")
    for hole in holes:
        print(f"hole: {hole}")
    sys.exit(1 if holes else 0)


if __name__ == "__main__":
    main()
