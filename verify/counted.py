"""What became of the faults that verify/mutants.py has planted, in figures: of one run, and as they
are kept in verify/mutants.txt for the report."""

import hashlib
from pathlib import Path

from faults import kind_of
from prove import Target

MUTANTS = Path("verify/mutants.txt")


class Counted:
    """What became of the faults that were planted in one name, or in all of a kind."""

    FIELDS = ("proof", "tests", "explained", "survive")

    def __init__(self, drawn=0, *fields):
        self.drawn = drawn
        for field, value in zip(self.FIELDS, fields or (0, 0, 0, 0)):
            setattr(self, field, value)

    def add(self, field):
        self.drawn += 1
        setattr(self, field, getattr(self, field) + 1)

    def values(self):
        return [self.drawn, *(getattr(self, field) for field in self.FIELDS)]

    def figures(self):
        return " ".join(map(str, self.values()))

    def __str__(self):
        return (f"{self.drawn} faults: {self.proof} caught by proof, {self.tests} by tests, "
                f"{self.explained} explained, {self.survive} survive")


def source_digest(name):
    """Of what a fault is planted in: figures of another text are old."""
    return hashlib.sha256(Path(Target(name).mutated()).read_bytes()).hexdigest()[:16]


def kept():
    """name: (digest of its source then, what was counted)"""
    lines = MUTANTS.read_text().splitlines() if MUTANTS.exists() else []
    words = [line.split() for line in lines]
    return {name: (digest, Counted(*map(int, figures))) for name, digest, *figures in words}


def summary(found):
    """Rows of a table: what became of the faults of each kind, which share a proof has caught."""
    yield "kind", "names", "drawn", "by proof", "by tests", "explained", "survive", "share"
    for kind in ("event machines", "byte machines", "lexers", "decisions"):
        all_of = [counted for name, counted in found.items() if kind_of(name) == kind]
        sums = [sum(column) for column in zip(*(counted.values() for counted in all_of))]
        if sums and sums[0]:
            yield (kind, len(all_of), *sums, f"{100 * sums[1] / sums[0]:.1f} %")
