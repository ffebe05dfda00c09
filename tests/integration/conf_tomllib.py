"""Compares conf with python3's tomllib: what conf accepts, tomllib accepts with an equal result; what
conf calls a fault of syntax, tomllib refuses; conf's refusals of good TOML say 'subset' or 'limit'.

usage: conf_tomllib.py DRIVER SEED COUNT FILE...

DRIVER is the program made from tests/lib/conf_json.c. The texts are the files, texts made by a
grammar, and both after damage; the seed decides all of them.
"""

import json
import random
import subprocess
import sys
import tomllib
from pathlib import Path

BARE = ["a", "b", "c", "name", "ExecStart", "x-1", "_", "1", "-1", "true", "007", "1_0", "inf"]
QUOTED = ['"a"', "'a'", '""', '"\\u0061"', '"é"', "'é ü'", '"a.b"', '"\\t"', "'\\t'", '"]"', '"#"']
STRINGS = ['""', "''", '"text"', "'C:\\dir'", '"a\\tb\\"c\\\\"', '"\\u00e9\\U0001F600"', '"# no"',
           "'\"'", '"]]"', '"\t"', "'é'", '"\\b\\f\\n\\r"', '"\\u0000"', '"\\ud800"', '"\\x41"',
           '"\\U00110000"', '"open', "'open", '"""three"""', "'''three'''", '"\x7f"', '"\x01"']
NUMBERS = ["0", "1", "-1", "-0", "42", "1_000", "9223372036854775807", "-9223372036854775808",
           "9223372036854775808", "-9223372036854775809", "00", "01", "1__0", "1_", "_1", "+1",
           "+0", "0x10", "0o7", "0b1", "1.5", "-1.5e3", "1e5", "inf", "-inf", "nan", "-", "--1",
           "1979-05-27", "07:32:00", "1979-05-27T07:32:00Z", "1979-05-27 07:32:00", "-01"]
OTHERS = ["true", "false", "True", "truefalse", "word", "{}", "{ a = 1 }", "", "[[1]]", "[[]]"]
BLANKS = ["", "", " ", "\t", "  "]
ENDS = ["\n", "\n", "\n", "\r\n", " # comment\n", "\t# é\n", "\n\n", "\r", " ", "#\x00\n", ""]
PIECES = ["[", "]", "[[", "]]", "=", ".", ",", "#", '"', "'", "\\", "\n", "\r\n", "\r", "\0", "\t",
          "{", "}", "+", "-", "_", "é", "\ufeff", "\x7f", "\x1f", "true", "0", "1", "a", '"a"', " "]


class Texts:
    """Random texts; `wild` is how often one takes something that may not be allowed."""

    def __init__(self, seed):
        self.random, self.wild = random.Random(seed), 0.0

    def pick(self, good, all_of):
        return self.random.choice(all_of if self.random.random() < self.wild else good)

    def blank(self):
        return self.random.choice(BLANKS)

    def key(self):
        return self.random.choice(BARE if self.random.random() < 0.7 else QUOTED)

    def scalar(self):
        good = self.random.choice([STRINGS[:12], NUMBERS[:8], OTHERS[:2]])
        return self.pick(good, STRINGS + NUMBERS + OTHERS)

    def array(self):
        gap = lambda: self.random.choice(BLANKS + ["\n", " # in\n", "\r\n"])
        items = [gap() + self.scalar() + gap() for _ in range(self.random.randrange(4))]
        end = "," + gap() if items and self.random.random() < 0.3 else gap()
        return "[" + ",".join(items) + end + "]"

    def value(self):
        return self.array() if self.random.random() < 0.25 else self.scalar()

    def end(self):
        return self.pick(ENDS[:7], ENDS)

    def statement(self):
        dot = lambda: self.blank() + "." + self.blank()
        if self.random.random() < 0.65:
            key = self.key()
            if self.random.random() < self.wild / 2:
                key += dot() + self.key()
            return f"{self.blank()}{key}{self.blank()}={self.blank()}{self.value()}{self.end()}"
        name = dot().join(self.key() for _ in range(self.random.choice([1, 1, 1, 2, 2, 3, 4, 5])))
        opening, closing = self.random.choice([("[", "]"), ("[[", "]]")])
        if self.random.random() < self.wild / 4:
            closing = self.random.choice(["]", "]]", "] ]", ""])
        return f"{self.blank()}{opening}{self.blank()}{name}{self.blank()}{closing}{self.end()}"

    def text(self):
        self.wild = self.random.choice([0.0, 0.0, 0.0, 0.05, 0.3])
        return "".join(self.statement() for _ in range(self.random.randrange(1, 9))).encode()

    def damaged(self, text):
        text = bytearray(text)
        for _ in range(self.random.choice([1, 1, 2, 4])):
            at = self.random.randrange(len(text) + 1)
            kind = self.random.randrange(4)
            if kind == 0:
                text[at:at] = self.random.choice(PIECES).encode()
            elif kind == 1:
                del text[at:at + self.random.randrange(1, 4)]
            elif kind == 2 and at < len(text):
                text[at] = self.random.randrange(256)
            else:
                other = self.random.randrange(len(text) + 1)
                text[at:at] = text[min(at, other):max(at, other)][:40]
        return bytes(text)


def tomllib_says(text):
    """(accepted, value)."""
    try:
        return True, tomllib.loads(text.decode("utf-8", "strict"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError):
        return False, None


def same(ours, theirs):
    """Equal, and of equal types all the way down: 1 is not true."""
    if type(ours) is not type(theirs):
        return False
    if isinstance(ours, dict):
        return ours.keys() == theirs.keys() and all(same(ours[k], theirs[k]) for k in ours)
    if isinstance(ours, list):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    return ours == theirs


class Driver:
    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def says(self, text):
        self.process.stdin.write(b"%d\n" % len(text) + text)
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"not ok - the driver died of {text!r}")
        return json.loads(line)


def fault_of(text, ours):
    """What is wrong with the driver's answer, or nothing."""
    accepted, value = tomllib_says(text)
    if "value" in ours:
        if not accepted:
            return "accepted, but tomllib refuses it"
        if not same(ours["value"], value):
            return f"read as {ours['value']!r}, but tomllib reads {value!r}"
    elif accepted and ours["word"] not in ("subset", "limit"):
        return f"good TOML, refused with: {ours['text']}"
    return None


def main():
    driver, texts, count = Driver(sys.argv[1]), Texts(int(sys.argv[2])), int(sys.argv[3])
    files = {path: Path(path).read_bytes() for path in sys.argv[4:]}
    cases = list(files.items())
    seeds = list(files.values())
    for number in range(count):
        text = texts.text()
        if number % 2:
            text = texts.damaged(texts.random.choice(seeds) if seeds and number % 4 == 1 else text)
        cases.append((f"text {number} of seed {sys.argv[2]}", text))
    passed = failed = accepted = both = 0
    for name, text in cases:
        ours = driver.says(text)
        accepted += "value" in ours
        both += tomllib_says(text)[0]
        fault = fault_of(text, ours)
        if fault is None and name in files and ("value" in ours) != ("/good/" in name):
            fault = f"lies in the wrong folder: {ours}"
        passed, failed = passed + (fault is None), failed + (fault is not None)
        if name in files:
            print(f"{'not ok' if fault else 'ok'} - {Path(name).parent.name}/{Path(name).name}")
        if fault:
            print(f"# {name}: {fault}\n# {text!r}")
    print(f"{'not ok' if failed else 'ok'} - {len(cases)} texts: {accepted} accepted by conf, "
          f"{both} by tomllib, {failed} judged differently")
    enough = accepted * 5 >= len(cases)
    print(f"{'ok' if enough else 'not ok'} - at least a fifth of the texts were accepted")
    return 0 if failed == 0 and enough else 1


if __name__ == "__main__":
    sys.exit(main())
