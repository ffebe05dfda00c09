"""Reads a machine back from `ragel -x`: what was compiled, not what was meant."""

import re
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

SYMBOLS = 256  # alphtype unsigned char, in every machine


class Arrow:
    """All symbols (low..high) that lead from one state to another under one set of conditions."""

    def __init__(self, source, low, high, conditions, target, actions):
        self.source, self.low, self.high = source, low, high
        self.conditions = conditions  # [(action name, holds)]
        self.target, self.actions = target, actions


class Machine:
    def __init__(self, root, name):
        command = ["ragel", "-x", "-I", "fsm", f"fsm/{name}.rl"]
        run = subprocess.run(command, cwd=root, capture_output=True, text=True)
        if run.returncode:
            raise SystemExit(f"{' '.join(command)}: {run.stderr.strip()}")
        self.name = name
        machine = ElementTree.fromstring(run.stdout).find(".//machine")
        self.actions = [a.get("name") for a in machine.iter("action")]
        self.texts = {a.get("name"): " ".join((a.findtext("text") or "").split())
                      for a in machine.iter("action")}  # what each action says, in C
        self.written = re.findall(r"\baction (\w+) \{", Path(root, f"fsm/{name}.rl").read_text())
        self.start = int(machine.findtext("start_state"))
        self.error = int(machine.findtext("error_state") or 0)
        tables = [[self.actions[int(i)] for i in (t.text or "").split()]
                  for t in machine.iter("action_table")]
        spaces = []
        for space in machine.iter("cond_space"):
            base, *actions = (int(word) for word in space.text.split())
            spaces.append((base, [self.actions[i] for i in actions]))
        self.state_numbers = {}
        for entry in machine.iter("entry"):
            parts = entry.get("name").split("_", 2)
            if len(parts) == 3:
                self.state_numbers[parts[2]] = int(entry.text)
        self.arrows = []
        for state in machine.iter("state"):
            for t in state.iter("t"):
                low, high, target, table = (t.text.split() + ["x"])[:4]
                if target == "x" or table == "x":
                    continue
                self._add(int(state.get("id")), int(low), int(high), int(target),
                          tables[int(table)], spaces)

    def _add(self, source, low, high, target, actions, spaces):
        """One transition; symbols above the alphabet stand for a symbol with conditions."""
        while low <= high:
            base = max((b for b, _ in spaces if b <= low), default=None)
            if base is None:
                self.arrows.append(Arrow(source, low, high, [], target, actions))
                return
            names = next(n for b, n in spaces if b == base)
            block, symbol = divmod(low - base, SYMBOLS)
            last = min(high, base + (block + 1) * SYMBOLS - 1)
            conditions = [(name, bool(block >> bit & 1)) for bit, name in enumerate(names)]
            self.arrows.append(
                Arrow(source, symbol, symbol + last - low, conditions, target, actions))
            low = last + 1

    def check(self):
        """Faults of the machine's shape, each as a sentence."""
        names = {number: name for name, number in self.state_numbers.items()}
        if len(names) < len(self.state_numbers):
            same = [n for n in self.state_numbers if names[self.state_numbers[n]] != n]
            yield f"state '{same[0]}' does the same as another, so Ragel merged them"
        reached, todo = {self.start}, [self.start]
        while todo:
            source = todo.pop()
            for arrow in self.arrows:
                if arrow.source == source and arrow.target not in reached:
                    reached.add(arrow.target)
                    todo.append(arrow.target)
        for number, name in names.items():
            if number not in reached:
                yield f"state '{name}' can't be reached"
        for number in reached - set(names):
            yield f"state number {number} bears no name: add its fentry to action names"
        used = {action for arrow in self.arrows for action in arrow.actions}
        used |= {name for arrow in self.arrows for name, _ in arrow.conditions}
        for action in self.written:  # Ragel tells nothing of those that it did not need
            if action not in used | {"names"}:
                yield f"action '{action}' is on no arrow"

    def unanswered(self, symbols):
        """(state, symbol) pairs that no arrow answers under some outcome of its conditions."""
        for name, number in self.state_numbers.items():
            for symbol in symbols:
                arrows = [a for a in self.arrows
                          if a.source == number and a.low <= symbol <= a.high]
                conditions = sorted({c for a in arrows for c, _ in a.conditions})
                if len(arrows) < 2 ** len(conditions):
                    yield name, symbol
