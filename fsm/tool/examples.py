#!/usr/bin/env python3
"""Turns the examples of a spec page into tests: a header of C functions, one per example.

usage: examples.py NAME > NAME_examples.h      run from the repository root

An assertion that fails names the page and the line. The forms are described in spec/README.md.
"""

import re
import sys

from contract import ESCAPES
from header import Header
from page import Page, PageError, split_list


def parse_text(page, line, text):
    """'"CONNECT 1\\n" 0a 0b' -> bytes."""
    result = bytearray()
    for quoted, word in re.findall(r'"((?:[^"\\]|\\.)*)"|(\S+)', text):
        if word:
            try:
                result += bytes.fromhex(word)
            except ValueError:
                page.fail(line, f"'{word}' is neither hexadecimal bytes nor a quoted text")
        else:
            result += re.sub(r"\\.", lambda e: chr(ESCAPES.get(e.group(0), ord(e.group(0)[1]))),
                             quoted).encode()
    return bytes(result)


class Examples:
    def __init__(self, page, header):
        self.page, self.header = page, header
        self.name, self.prefix = page.name, page.name.upper()

    def at(self, line):
        return f'#line {line} "{self.page.relative}"'

    def state(self, word, line):
        if word not in self.page.states:
            self.page.fail(line, f"no state '{word}' under '## States'")
        return f"{self.prefix}_IN_{word.upper()}"

    def field_checks(self, line, parts):
        for part in parts:
            field, _, value = (p.strip() for p in part.partition("="))
            if field not in self.page.fields:
                self.page.fail(line, f"no field '{field}'")
            yield self.at(line)
            yield f"\tassert_int_equal(m->{field}, {value});"

    def arguments(self, example):
        """Lines 'parameter = value' in front of the steps; init's arguments in C's order."""
        wanted = [p for p in self.header.parameters if p not in ("m", "void")]
        given = {}
        while example.lines and "->" not in example.lines[0][1] \
                and not example.lines[0][1].startswith("in:"):
            name, _, value = (p.strip() for p in example.lines.pop(0)[1].partition("="))
            given[name] = value
        if sorted(given) != sorted(wanted):
            self.page.fail(example.line, f"the example must set: {', '.join(wanted) or 'nothing'}")
        return "".join(f", {given[name]}" for name in wanted)

    def event_example(self, number, example):
        arguments = self.arguments(example)
        yield f"static void {self.name}_example_{number}(void **unused)\n{{"
        yield f"\tstruct {self.name} machine, *m = &machine;\n\n\t(void)unused;"
        yield f"\t{self.name}_init(m{arguments});"
        for line, text in example.lines:
            step = re.fullmatch(r"(\w+)(?: (\w+))? -> (\w+)(?:: ([\w, ]+))?((?:;.*)?)", text)
            if not step:
                self.page.fail(line, "not of the form EVENT [n] -> state[: effects][; field = value]")
            event, amount, state, effects, fields = step.groups()
            if event not in self.page.events:
                self.page.fail(line, f"no event '{event}'")
            bits = " + ".join(f"{self.prefix}_DO_{e.upper()}" for e in split_list(effects or ""))
            yield self.at(line)
            yield (f"\tEXAMPLE_STEP({self.name}, m, {self.prefix}_{event}, {amount or 0}u, "
                   f"{self.state(state, line)}, {bits or 0});")
            yield from self.field_checks(line, split_list(fields, ";"))
        yield "}\n"

    def byte_example(self, number, example):
        arguments = self.arguments(example)
        if len(example.lines) != 2 or not example.lines[0][1].startswith("in:"):
            self.page.fail(example.line, "a byte example has one line 'in:' and one line '->'")
        (line, text), (line_out, out) = example.lines
        if not out.startswith("->"):
            self.page.fail(line_out, "not of the form -> state[; field = value]")
        before, bar, after = text[len("in:"):].partition("|")
        used = parse_text(self.page, line, before)
        data = used + parse_text(self.page, line, after)
        state, *fields = split_list(out[2:], ";")
        yield f"static void {self.name}_example_{number}_check(const struct {self.name} *m)\n{{"
        yield self.at(line_out)
        yield f"\tEXAMPLE_STATE({self.name}, m, {self.state(state, line_out)});"
        yield from self.field_checks(line_out, fields)
        yield "}\n"
        body = ", ".join(str(byte) for byte in data)
        yield f"static void {self.name}_example_{number}(void **unused)\n{{"
        yield f"\tstatic const uint8_t bytes[] = {{ {body} }};"
        yield f"\tstruct {self.name} fresh;\n\n\t(void)unused;"
        yield f"\t{self.name}_init(&fresh{arguments});"
        yield self.at(line)
        yield (f"\tEXAMPLE_BYTES({self.name}, &fresh, bytes, sizeof bytes, {len(used)}u, "
               f"{self.name}_example_{number}_check);")
        yield "}\n"

    def text(self):
        lines, entries = ["/* Made by fsm/tool/examples.py from " + self.page.relative + ". */"], []
        make = self.event_example if self.page.is_event_machine else self.byte_example
        if not self.page.examples:
            self.page.fail(1, "no example")
        for number, example in enumerate(self.page.examples, 1):
            label = f"{self.page.relative}:{example.line} {example.title}"
            entries.append(f"\t{{ \"{label}\", {self.name}_example_{number}, NULL, NULL, NULL }}")
            lines += make(number, example)
        lines.append(f"#define {self.prefix}_EXAMPLES \\\n" + ", \\\n".join(entries))
        return "\n".join(lines) + "\n"


def main():
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    try:
        name = sys.argv[1]
        sys.stdout.write(Examples(Page(".", name), Header(".", name)).text())
    except PageError as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
