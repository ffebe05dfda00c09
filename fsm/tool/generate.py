#!/usr/bin/env python3
"""Makes everything that follows from a machine's page and source: gen/NAME.{c,h,acsl,dot}.
What follows from a lexer is made by lexer.py.

usage: generate.py OUTDIR NAME...      run from the repository root
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from contract import Contract
from diagram import dot
import lexer
from header import Header
from machine import Machine
from origin import banner
from page import Page, PageError

ROOT = Path(".")
RAGEL = "6.10"
TOOL = f"ragel {RAGEL}"


def ragel(name):
    version = subprocess.run(["ragel", "--version"], capture_output=True, text=True).stdout
    if f"version {RAGEL} " not in version:
        raise SystemExit(f"ragel {RAGEL} is needed; found: {version.splitlines()[0]}")
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / f"{name}.c"
        command = ["ragel", "-C", "-L", "-G2", "-I", "fsm", f"fsm/{name}.rl", "-o", str(output)]
        run = subprocess.run(command, capture_output=True, text=True)
        if run.returncode:
            raise SystemExit(f"{' '.join(command)}: {run.stderr.strip()}")
        text = re.sub(r"^[ \t]*/\* #line .*\*/\n", "", output.read_text(), flags=re.M)
    return re.sub(r"[ \t]+$", "", text, flags=re.M)


def check(page, header, machine):
    """The page, the header and the compiled machine must speak of the same things."""
    if sorted(page.states) != sorted(machine.state_numbers):
        odd = set(page.states) ^ set(machine.state_numbers)
        page.fail(1, f"states of the page and of fsm/{page.name}.rl differ: {', '.join(sorted(odd))}")
    if page.fields != list(header.types):
        page.fail(1, f"fields of the page and of fsm/{page.name}.h differ or stand in another order")
    if page.events != list(header.events):
        page.fail(1, f"events of the page and of fsm/{page.name}_event.h differ")
    if list(header.events.values()) != list(range(1, len(header.events) + 1)):
        page.fail(1, f"fsm/{page.name}_event.h: the values are not 1, 2, 3, ...")
    if machine.state_numbers.get(page.states[0]) != machine.start:
        page.fail(1, f"the first state of '## States' is not where fsm/{page.name}.rl starts")
    for fault in machine.check():
        page.fail(1, fault)
    symbols = list(header.events.values()) or range(256)
    for state, symbol in machine.unanswered(symbols):
        page.fail(1, f"state '{state}' does not answer symbol {symbol} in every case")


def names_array(name, what, words):
    body = ", ".join(f'"{word}"' for word in words)
    return f"static const char *const {name}_{what}[] = {{ {body} }};\n"


def kind(page, header, machine):
    """The record that tells the machine's names to traces and tests (fsm/fsm.h)."""
    name, by_number = page.name, {n: s for s, n in machine.state_numbers.items()}
    states = [by_number.get(number, "none") for number in range(max(by_number) + 1)]
    text = "\n" + names_array(name, "states", states)
    lines = [f"\t.name = \"{name}\",", f"\t.states = {name}_states,",
             f"\t.state_count = {len(states)},"]
    if page.is_event_machine:
        effects = sorted(header.effects, key=header.effects.get)
        text += names_array(name, "events", ["none"] + page.events)
        lines += [f"\t.events = {name}_events,", f"\t.event_count = {len(page.events) + 1},"]
        if effects:
            text += names_array(name, "effects", effects)
            lines += [f"\t.effects = {name}_effects,", f"\t.effect_count = {len(effects)},"]
    body = "\n".join(lines)
    return f"{text}\nconst struct fsm_kind {name}_kind = {{\n{body}\n}};\n"


def public_header(page, machine):
    name, prefix = page.name, page.name.upper()
    guard = f"CLOISTER_GEN_{prefix}_H"
    states = ",\n".join(f"\t{prefix}_IN_{s.upper()} = {machine.state_numbers[s]}"
                        for s in sorted(machine.state_numbers, key=machine.state_numbers.get))
    ended = " || ".join(f"m->cs == {prefix}_IN_{s.upper()}" for s in page.ends)
    text = (f"{banner(name, TOOL)}#ifndef {guard}\n#define {guard}\n\n#include \"fsm/{name}.h\"\n"
            f"#include \"fsm/fsm.h\"\n\nenum {name}_state {{\n{states}\n}};\n\n"
            f"/* 1 while what spec/{name}.md calls the invariant holds, else 0. */\n"
            f"int {name}_ok(const struct {name} *m);\n\n"
            f"extern const struct fsm_kind {name}_kind;\n")
    if ended:
        text += (f"\n/* 1 when the machine has reached a state that it never leaves. */\n"
                 f"static inline int {name}_ended(const struct {name} *m)\n"
                 f"{{\n\treturn {ended};\n}}\n")
    return text + "\n#endif\n"


def source_text(page, header, machine):
    """gen/NAME.c: what Ragel made, the invariant as a function, the names."""
    return (banner(page.name, TOOL) + ragel(page.name) + "\n" + Contract(page, header).ok_function()
            + kind(page, header, machine))


def generate(out, name):
    page, header, machine = Page(ROOT, name), Header(ROOT, name), Machine(ROOT, name)
    check(page, header, machine)
    write(out, {
        f"{name}.h": public_header(page, machine),
        f"{name}.c": source_text(page, header, machine),
        f"{name}.acsl": banner(name, TOOL) + Contract(page, header).text(),
        f"{name}.dot": banner(name, TOOL, "// {}") + dot(machine, page, header.events),
    })


def generate_unchecked(tree, name):
    """Machine and header of a faulty chart, or a faulty lexer, for verify/mutants.py; false if
    Ragel or re2c refuses it."""
    before = os.getcwd()
    os.chdir(tree)
    try:
        if Path(f"fsm/{name}.re").exists():
            write("gen", lexer.generate_unchecked(name))
            return True
        page, header, machine = Page(ROOT, name), Header(ROOT, name), Machine(ROOT, name)
        if sorted(page.states) != sorted(machine.state_numbers):
            return False
        write("gen", {f"{name}.h": public_header(page, machine),
                      f"{name}.c": source_text(page, header, machine)})
    except (SystemExit, lexer.LexerError):
        return False
    finally:
        os.chdir(before)
    return True


def write(out, files):
    for file, text in files.items():
        path = Path(out) / file
        if not path.exists() or path.read_text() != text:
            path.write_text(text)


def main():
    if len(sys.argv) < 3:
        raise SystemExit(__doc__)
    for name in sys.argv[2:]:
        try:
            if Path(f"fsm/{name}.re").exists():
                write(sys.argv[1], lexer.generate(name))
            else:
                generate(sys.argv[1], name)
        except (PageError, lexer.LexerError) as error:
            raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
