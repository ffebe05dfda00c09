#!/usr/bin/env python3
"""Prints a model with its machines, made from what `ragel -x` says was compiled.

usage: promela.py MODEL.pml      run from the repository root

The model's comment names them: 'machines: NAME...'. Each machine becomes a struct `NAME`, a `NAME_init(m)` and a `NAME_step(m, event, n)`, which leaves
what it asks for in `effects`. A timer's generation is only ever compared with what an event
carries (anything else is refused here), so it becomes one of two values: CURRENT or STALE.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, "fsm/tool")
from header import Header  # noqa: E402
from machine import Machine  # noqa: E402

ROOT = Path(".")
WORD = re.compile(r"\b[A-Z][A-Z0-9_]+\b")
GENERATION = {"n == m->timer": "n == CURRENT", "m->timer += 1u;": "", "m->timer = 0u;": ""}


def promela(text, subject):
    """A C expression or a row of assignments, as the charts write them."""
    for old, new in GENERATION.items():
        text = text.replace(old, new)
    text = re.sub(r"\b(\d+)u\b", r"\1", text)
    text = re.sub(r"(\S+) ([+-])= ([^;]+);", r"\1 = \1 \2 (\3);", text)
    text = text.replace("m->", f"{subject}.").strip()
    if "timer" in text or re.search(r"[?{}]|->|<<|>>", text):
        raise SystemExit(f"promela.py: '{text}' is not of the few forms that it can translate")
    return re.sub(r"\bn\b", "number", text)


def constants(names, text):
    """The values of C's names that the text uses, from the compiler."""
    includes = "".join(f'#include "gen/{name}.h"\n' for name in names)
    known = subprocess.run(["gcc", "-I.", "-E", "-dD", "-x", "c", "-"], input=includes,
                           capture_output=True, text=True, check=True).stdout
    words = set(WORD.findall(text)) & set(WORD.findall(known))
    lines = "".join(f'\tprintf("#define {word} %ld\\n", (long){word});\n'
                    for word in sorted(words))
    with tempfile.TemporaryDirectory() as folder:
        source, program = Path(folder) / "constants.c", Path(folder) / "constants"
        source.write_text(f"#include <stdio.h>\n{includes}int main(void)\n{{\n{lines}}}\n")
        subprocess.run(["gcc", "-I.", source, "-o", program], check=True)
        return subprocess.run([program], capture_output=True, text=True, check=True).stdout


def beginning(name, parameters):
    """The assignments of NAME_init; its parameters get names that no field has."""
    text = Path(f"fsm/{name}.rl").read_text()
    body = re.search(r"void %s_init\(.*?\)\n\{(.*?)%%%% write init;" % name, text, re.S).group(1)
    text = promela(" ".join(body.split()), "m")
    for word in parameters:
        text = text.replace(f"= {word};", f"= the_{word};")
    return re.sub("; *", ";\n\t", text)


def arrow_line(arrow, machine, states):
    guard = [f"event == {arrow.low}" if arrow.low == arrow.high
             else f"{arrow.low} <= event && event <= {arrow.high}"]
    for condition, holds in arrow.conditions:
        text = promela(machine.texts[condition], "m")
        guard.append(f"({text})" if holds else f"!({text})")
    does = " ".join(filter(None, (promela(machine.texts[a], "m") for a in arrow.actions)))
    return f"\t\t:: {' && '.join(guard)} -> {does} m.cs = {states[arrow.target]}\n"


def machine_text(name, machine, header):
    prefix = name.upper()
    states = {number: f"{prefix}_IN_{state.upper()}"
              for state, number in machine.state_numbers.items()}
    fields = "".join(f"\tshort {field};\n" for field in header.types if field != "timer")
    text = f"typedef {name} {{\n\tbyte cs;\n{fields}}};\n\n"
    parameters = [word for word in header.parameters if word != "m"]
    arguments = "".join(f", the_{word}" for word in parameters)
    text += f"inline {name}_init(m{arguments})\n{{\n\t{beginning(name, parameters)}"
    text += f"m.cs = {states[machine.start]}\n}}\n\n"
    text += f"inline {name}_step(m, event, number)\n{{\n\teffects = 0;\n\tif\n"
    top = max(header.events.values())
    for number, state in sorted(states.items()):
        text += f"\t:: m.cs == {state} ->\n\t\tif\n"
        for arrow in machine.arrows:
            if arrow.source == number and arrow.low <= top and arrow.high >= 1:
                text += arrow_line(arrow, machine, states)
        text += "\t\tfi\n"
    return text + "\tfi\n}\n"


def main(model):
    by_hand = Path(model).read_text()
    names = re.search(r"^ \* machines: (.*)$", by_hand, re.M).group(1).split()
    text = "\nint effects; /* of the newest step */\n"
    for name in names:
        text += "\n" + machine_text(name, Machine(ROOT, name), Header(ROOT, name))
    print("/* Made by verify/spin/promela.py; not for editing. */\n"
          "#define CURRENT 1\n#define STALE 0\n"
          + constants(names, text + by_hand) + text + "\n" + by_hand)


if __name__ == "__main__":
    main(sys.argv[1])
