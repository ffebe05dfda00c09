"""Reads the spec page of a machine: its tables and its examples, each with its line."""

import re
from pathlib import Path


class PageError(Exception):
    """A page that does not say what a machine page must say; the text names page and line."""


class Row(dict):
    """One row of a table: column name -> text, and the line where it stands."""

    def __init__(self, cells, line):
        super().__init__(cells)
        self.line = line


class Example:
    """One fenced example: its title, its line, and its lines of text."""

    def __init__(self, title, line):
        self.title, self.line, self.lines = title, line, []


class Page:
    """spec/NAME.md, taken apart. Sections without a table are text for people."""

    def __init__(self, root, name):
        self.name = name
        self.path = Path(root) / "spec" / f"{name}.md"
        self.relative = f"spec/{name}.md"
        self.tables, self.examples = {}, []
        self._read(self.path.read_text().splitlines())
        of_chart = () if "Tokens" in self.tables else ("Fields", "States", "Table", "Invariant")
        for needed in of_chart + ("Claims",):
            if needed not in self.tables:
                raise PageError(f"{self.relative}: no table under '## {needed}'")

    def fail(self, line, text):
        raise PageError(f"{self.relative}:{line}: {text}")

    def _read(self, lines):
        section, columns, example = None, None, None
        for number, text in enumerate(lines, 1):
            if example is not None:
                if text.startswith("```"):
                    example = None
                elif text.strip():
                    example.lines.append((number, text.strip()))
            elif text.startswith("```example"):
                example = Example(text[len("```example"):].strip(), number)
                self.examples.append(example)
            elif text.startswith("## "):
                section, columns = text[3:].strip(), None
            elif text.startswith("|") and section:
                columns = self._table_line(section, columns, number, text)
            else:
                columns = None

    def _table_line(self, section, columns, number, text):
        cells = [cell.strip().strip("`") for cell in text.strip().strip("|").split("|")]
        if columns is None:
            self.tables.setdefault(section, [])
            return cells
        if all(re.fullmatch(r":?-+:?", cell) for cell in cells):
            return columns
        if len(cells) != len(columns):
            self.fail(number, f"{len(cells)} cells under {len(columns)} columns")
        self.tables[section].append(Row(zip(columns, cells), number))
        return columns

    @property
    def is_event_machine(self):
        return "Alphabet" in self.tables

    @property
    def events(self):
        return [row["event"] for row in self.tables.get("Alphabet", [])]

    @property
    def states(self):
        return [row["state"] for row in self.tables["States"]]

    @property
    def ends(self):
        return [row["state"] for row in self.tables["States"] if row["end"]]

    @property
    def fields(self):
        return [row["field"] for row in self.tables["Fields"]]


def split_list(text, separator=","):
    """'a, b' -> ['a', 'b']; '' -> []."""
    return [part.strip() for part in text.split(separator) if part.strip()]
