#!/usr/bin/env python3
"""Makes NAME_row: which row of the page's table a step is about to take, as a C function.

usage: rows.py NAME > NAME_rows.h      run from the repository root

Fuzzing uses it to say which arrows the corpora walk. A row that takes several events counts once
per event; what no row names counts as stay_STATE.
"""

import sys

from contract import byte_value
from expression import to_c
from header import Header
from page import Page, PageError, split_list


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
        name = self.name
        body = "\n".join(self.lines())
        labels = ", ".join(f'"{label}"' for label in self.labels)
        number = "n" if self.page.is_event_machine else "c"
        return (f"/* Made by fsm/tool/rows.py from {self.page.relative}. */\n"
                f"#define {self.prefix}_ROWS {len(self.labels)}u\n"
                f"static const char *const {name}_rows[] = {{ {labels} }};\n\n"
                f"static int {name}_row(const struct {name} *m, unsigned symbol, uint32_t {number})\n"
                f"{{\n\t(void)symbol;\n\t(void){number};\n\tswitch (m->cs) {{\n{body}\n\t}}\n\treturn -1;\n}}\n")


def main():
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    try:
        name = sys.argv[1]
        sys.stdout.write(Rows(Page(".", name), Header(".", name)).text())
    except PageError as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
