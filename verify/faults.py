"""The faults that verify/mutants.py plants: for each name, every one that its kind knows.

event machines    a target is swapped, an action skipped, a guard dropped or bent, an event ignored
byte machines     the same, and a range is widened, in place of ignored events
lexers            a rule gives another token, a rule is dropped, a range of bytes is widened
decisions         operators are flipped, numbers are off by one
"""

import re
import sys
from pathlib import Path

sys.path[:0] = ["fsm/tool", "verify"]
from page import Page  # noqa: E402
from prove import Target  # noqa: E402

FLIPS = {"==": "!=", "!=": "==", "<=": "<", ">=": ">", "<": "<=", ">": ">=",
         "&&": "||", "||": "&&", "+": "-", "-": "+", "*": "+", "+=": "-="}
OPERATOR = re.compile(r"(?<![-+*/<>=!&|])(==|!=|<=|>=|&&|\|\||\+=|[<>*+-])(?![-+<>=&|>])")
NUMBER = re.compile(r"(?<![\w.'\"])(\d+)(u?)(?![\w.'])")


class Mutant:
    """One fault: the file with the fault in it, and what was done where."""

    def __init__(self, name, file, line, what, text):
        self.name, self.file, self.line, self.what, self.text = name, file, line, what, text

    def __str__(self):
        return f"{self.file}:{self.line}: {self.what}"

    def key(self):
        """How verify/survivors.txt names it: by the text of its line, which outlives its number."""
        line = Path(self.file).read_text().splitlines()[self.line - 1].strip()
        return f"{self.file}: {self.what}: {line}"


def replace_at(text, start, end, new):
    return text[:start] + new + text[end:]


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def chart_faults(name, page):
    """Swap a target, skip an action, ignore an event, drop or flip a guard, widen a range."""
    file = f"fsm/{name}.rl"
    text = Path(file).read_text()
    begin, end = text.index("start:"), text.index("main :=")
    states = page.states

    def mutant(start, stop, new, what):
        return Mutant(name, file, line_of(text, start), what, replace_at(text, start, stop, new))

    for m in re.finditer(r"-> (\w+)", text[begin:end]):
        start, stop = begin + m.start(), begin + m.end()
        if text[begin:start].rstrip().endswith("''"):
            continue
        other = states[(states.index(m.group(1)) + 1) % len(states)]
        yield mutant(start, stop, f"-> {other}", f"'-> {m.group(1)}' becomes '-> {other}'")
    for m in re.finditer(r"@(\w+) ?", text[begin:end]):
        if not m.group(1).startswith(("ignore", "in_")):
            yield mutant(begin + m.start(), begin + m.end(), "", f"@{m.group(1)} is skipped")
    for m in re.finditer(r"(\d+|0x[0-9a-f]+|'.')\.\.(\d+|0x[0-9a-f]+|'.')", text[begin:end]):
        yield from widened(name, file, text, begin + m.start(), m.group(0))
    head = text[:begin]
    for m in re.finditer(r"action (\w+) \{([^}]*)\}", head):
        action, body = m.group(1), m.group(2)
        if action in ("names", "step"):
            continue
        guard = ";" not in body and body.strip()
        if guard:
            yield mutant(m.start(2), m.end(2), " 1 ", f"guard {action} always holds")
        for change, what in small_changes(body):
            yield mutant(m.start(2), m.end(2), change, f"{action}: {what}")
    if page.is_event_machine:
        yield from ignored_events(name, file, text, begin, end)


def widened(name, file, text, start, old):
    """A range one wider, wherever the same state speaks of it."""
    low, _, high = old.partition("..")
    value = ord(high[1]) if high.startswith("'") else int(high, 0)
    if value >= 255:
        return
    new = f"{low}..{value + 1}"
    left = text.rfind("\n\t\t", 0, text.rfind(": (", 0, start))
    right = text.find("),\n", start)
    block = text[left:right].replace(old, new)
    yield Mutant(name, file, line_of(text, start), f"range {old} becomes {new}",
                 text[:left] + block + text[right:])


def ignored_events(name, file, text, begin, end):
    """Each arrow that does something becomes one that ignores its event."""
    state = None
    for m in re.finditer(r"(?:(\w+):\s*\( |\| )([^\n]*?)((?: @\w+)+)\s*-> (\w+)", text[begin:end]):
        state = m.group(1) or state
        if "@ignore" in m.group(3) or "@in_" in m.group(3):
            continue
        start, stop = begin + m.start(3), begin + m.end()
        yield Mutant(name, file, line_of(text, start), f"{m.group(2).strip()} is ignored in {state}",
                     replace_at(text, start, stop, f" @ignore -> {state}"))


def small_changes(body):
    for m in OPERATOR.finditer(body):
        if m.group(1) == ">" and body[m.start() - 1] == "-":
            continue
        new = FLIPS[m.group(1)]
        yield replace_at(body, m.start(), m.end(), new), f"'{m.group(1)}' becomes '{new}'"
    for m in NUMBER.finditer(body):
        new = f"{int(m.group(1)) + 1}{m.group(2)}"
        yield replace_at(body, m.start(), m.end(), new), f"{m.group(0)} becomes {new}"


def decision_faults(name, file):
    """Flipped operators and numbers off by one, in code (not in comments, includes or defines)."""
    text = Path(file).read_text()
    bare = re.sub(r"/\*.*?\*/|//[^\n]*|^#[^\n]*|\"[^\"\n]*\"|'[^'\n]*'",
                  lambda m: re.sub(r"[^\n]", " ", m.group(0)), text, flags=re.S | re.M)
    for body in re.finditer(r"^\{$.*?^\}$", bare, re.S | re.M):
        for pattern in (OPERATOR, NUMBER):
            for m in pattern.finditer(bare, body.start(), body.end()):
                old = m.group(1)
                if old in ("*", "-", ">") and not re.search(r"[\w)] ?$", bare[:m.start()]):
                    continue
                new = FLIPS.get(old) or f"{int(old) + 1}{m.group(2)}"
                yield Mutant(name, file, line_of(text, m.start()), f"'{m.group(0)}' becomes '{new}'",
                             replace_at(text, m.start(), m.end(), new))


def lexer_faults(name):
    """Give a rule another token, drop a rule, widen a range of bytes."""
    file = f"fsm/{name}.re"
    text = Path(file).read_text()
    rules = list(re.finditer(r"^\t(\S.*?) +\{ token = (\w+); goto out; \}\n", text, re.M))
    tokens = list(dict.fromkeys(rule.group(2) for rule in rules))

    def mutant(start, stop, new, what):
        return Mutant(name, file, line_of(text, start), what, replace_at(text, start, stop, new))

    for rule in rules:
        other = tokens[(tokens.index(rule.group(2)) + 1) % len(tokens)]
        yield mutant(*rule.span(2), other, f"{rule.group(2)} becomes {other}")
        if rule.group(1) != "*":
            yield mutant(*rule.span(), "\n", f"rule {rule.group(1)} is dropped")
    for found in re.finditer(r"^\t(\w+) += [^\n]*;$", text, re.M):
        for m in re.finditer(r"(\\x[0-9a-f]{2}|\w)-(\\x[0-9a-f]{2}|\w)", found.group(0)):
            last = int(m.group(2)[2:], 16) if m.group(2)[0] == "\\" else ord(m.group(2))
            if last < 255:
                new = f"{m.group(1)}-\\x{last + 1:02x}"
                yield mutant(found.start() + m.start(), found.start() + m.end(), new,
                             f"range {m.group(0)} of {found.group(1)} becomes {new}")


def kind_of(name):
    """What the figures are added up by."""
    file = Target(name).mutated()
    if file.endswith(".rl"):
        return "event machines" if Page(".", name).is_event_machine else "byte machines"
    return "lexers" if file.endswith(".re") else "decisions"


def mutants_of(name):
    file = Target(name).mutated()
    if file.endswith(".rl"):
        return list(chart_faults(name, Page(".", name)))
    return list(lexer_faults(name) if file.endswith(".re") else decision_faults(name, file))
