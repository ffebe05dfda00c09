#!/usr/bin/env python3
"""Makes NAME_row and NAME_arrow: which row of the page's table, and which arrow of the compiled
machine, a step is about to take, as C functions.

usage: rows.py NAME > NAME_rows.h      run from the repository root

Fuzzing uses them to say what the corpora walk. A row that takes several events counts once per
event; what no row names counts as stay_STATE. An arrow is a line of `ragel -x`: a state, a range of
symbols, and an outcome of each guard. Neither is finer than the other: a row may take bytes of many
ranges, and an arrow may answer neighbouring events that stand in several rows. Arrows that
fuzz/unreachable.txt names are not counted: for these NAME_arrow returns -1.
"""

import sys
from pathlib import Path

from contract import byte_value
from expression import to_c
from header import Header
from machine import Machine
from page import Page, PageError, split_list

UNREACHABLE = Path("fuzz/unreachable.txt")


class Rows:
    def __init__(self, page, header):
        self.page, self.header = page, header
        self.name, self.prefix = page.name, page.name.upper()
        self.labels = []

    def ranges(self, row):
        """The symbols of a row as [(label, condition or None)]."""
        if self.page.is_event_machine:
            events = split_list(row["on"])
            plain = len(events) == 1
            return [(row["row"] if plain else f"{row['row']}:{event}",
                     f"symbol == {self.prefix}_{event}") for event in events]
        if row["on"] in ("any", "else"):
            return [(row["row"], None)]
        parts = []
        for item in split_list(row["on"]):
            low, _, high = item.partition("..")
            low, high = byte_value(low), byte_value(high or low)
            parts.append(f"symbol - {low}u <= {high - low}u" if low < high else f"symbol == {low}u")
        return [(row["row"], " || ".join(f"({part})" for part in parts))]

    def lines(self):
        """First match wins, which is what 'otherwise' and 'else' mean."""
        rows = self.page.tables["Table"]
        for state in self.page.states:
            yield f"\tcase {self.prefix}_IN_{state.upper()}:"
            total = False
            for row in (r for r in rows if r["from"] == state):
                guard = "" if row["when"] in ("", "otherwise") else to_c(row["when"],
                                                                         self.page.fields)
                for label, symbols in self.ranges(row):
                    condition = " && ".join(f"({part})" for part in (symbols, guard) if part)
                    self.labels.append(label)
                    index = len(self.labels) - 1
                    yield f"\t\tif ({condition or '1'})\n\t\t\treturn {index};"
                    total = total or not condition
            named = {n for r in rows if r["from"] == state and r["when"] in ("", "otherwise")
                     for n in split_list(r["on"])}
            total = total or (self.page.is_event_machine and named == set(self.page.events))
            if not total and (self.page.is_event_machine or state in self.page.ends):
                self.labels.append(f"stay_{state}")
                yield f"\t\treturn {len(self.labels) - 1};"
            else:
                yield "\t\tbreak;"

    def text(self):
        return function(self.page, "row", self.labels, self.lines())


class Arrows:
    def __init__(self, page, header, machine):
        self.page, self.header, self.machine = page, header, machine
        self.labels, self.unreachable = [], unreachable(page.name)

    def symbol(self, value):
        words = {number: word for word, number in self.header.events.items()}
        return words.get(value, f"0x{value:02x}")

    def label(self, state, arrow):
        symbols = [self.symbol(value) for value in sorted({arrow.low, arrow.high})]
        guards = ",".join(("" if holds else "!") + name for name, holds in arrow.conditions)
        return f"{state}:{'..'.join(symbols)}" + (f"[{guards}]" if guards else "")

    def lines(self):
        for state in self.page.states:
            number = self.machine.state_numbers[state]
            yield f"\tcase {self.page.name.upper()}_IN_{state.upper()}:"
            for arrow in self.machine.arrows:
                if arrow.source != number:
                    continue
                parts = [f"symbol - {arrow.low}u <= {arrow.high - arrow.low}u"]
                parts += [f"{'' if holds else '!'}({self.machine.texts[name]})"
                          for name, holds in arrow.conditions]
                yield f"\t\tif ({' && '.join(parts)})\n\t\t\treturn {self.index(state, arrow)};"
            yield "\t\tbreak;"

    def index(self, state, arrow):
        label = self.label(state, arrow)
        if label in self.unreachable:
            self.unreachable.remove(label)
            return -1
        self.labels.append(label)
        return len(self.labels) - 1

    def text(self):
        result = function(self.page, "arrow", self.labels, self.lines())
        for label in self.unreachable:
            raise PageError(f"{UNREACHABLE}: {self.page.name} has no arrow {label}")
        return result


def unreachable(name):
    words = [line.split()[:2] for line in UNREACHABLE.read_text().splitlines() if "  # " in line]
    return {arrow for machine, arrow in words if machine == name}


def function(page, what, labels, lines):
    body = "\n".join(lines)  # before the labels, which it makes
    words = ", ".join(f'"{label}"' for label in labels)
    number = "uint32_t n" if page.is_event_machine else "uint8_t c"
    return (f"static const char *const {page.name}_{what}s[] = {{ {words} }};\n\n"
            f"FUZZ_BRANCHES static int {page.name}_{what}(\n"
            f"\tconst struct {page.name} *m, unsigned symbol, {number})\n"
            f"{{\n\t(void)symbol;\n\t(void){number[-1]};\n\tswitch (m->cs) {{\n{body}\n\t}}\n"
            f"\treturn -1;\n}}\n")


def main():
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    try:
        name = sys.argv[1]
        page, header, machine = Page(".", name), Header(".", name), Machine(".", name)
        sys.stdout.write(f"/* Made by fsm/tool/rows.py from {page.relative} and fsm/{name}.rl. */\n"
                         + Rows(page, header).text() + "\n"
                         + Arrows(page, header, machine).text())
    except PageError as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
