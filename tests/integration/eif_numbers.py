#!/usr/bin/env python3
"""Numbers in custom metadata, against serde_json's rules written down a second time.

usage: eif_numbers.py EIF FOLDER     builds images in FOLDER and compares what their metadata says

The rules: whole numbers of 64 bits stay; other numbers are a significand of at most 64 bits
(further digits are dropped) times a power of ten, as doubles; doubles are printed with the fewest
digits that read back, plain from 1e-5 to below 1e16.
"""

import json
import math
import random
import re
import struct
import subprocess
import sys
from pathlib import Path

EDGES = """2.50 1e16 1000000000000000.0 1e15 -0 0 -0.0 5.684341886080801e-14 5e-324 1E5 1.0 1.1e1
1.7976931348623157e308 123456789012345678901234567890 18446744073709551615 18446744073709551616
-9223372036854775808 -9223372036854775809 0.00001 0.000001 9007199254740993 0e400 1e-400 100
12345678901234567890.123 2.2250738585072014e-308 9.5367431640625e-07 1.5e300 1e+2 9999999999999999.0
99999999999999999.0 4.35 0.3 2e-5 1e-5 123e-7""".split()


def value_of(text):
    """(significand, exponent) and whether it is a whole number of 64 bits."""
    whole, fraction, exponent = re.fullmatch(r"-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?",
                                             text).groups()
    significand = power = 0
    overflow = False
    for digit in whole:
        overflow = overflow or significand * 10 + int(digit) >= 1 << 64
        significand, power = ((significand, power + 1) if overflow
                              else (significand * 10 + int(digit), power))
    for digit in fraction or "":
        if significand * 10 + int(digit) >= 1 << 64:
            break
        significand, power = significand * 10 + int(digit), power - 1
    plain = fraction is None and exponent is None and not overflow
    return significand, power + int(exponent or 0), plain


def double(significand, power):
    value = float(significand)
    while power < -308 and value:
        value, power = value / 1e308, power + 308
    if not value:
        return 0.0
    return value * float(f"1e{power}") if power >= 0 else value / float(f"1e{-power}")


def printed(value, sign):
    if not value:
        return sign + "0.0"
    mantissa, _, exponent = repr(value).partition("e")
    whole, _, fraction = mantissa.partition(".")
    power = int(exponent or 0) - len(fraction)
    digits = (whole + fraction).lstrip("0")
    power += len(digits) - len(digits.rstrip("0"))
    digits = digits.rstrip("0")
    point = len(digits) + power
    if power >= 0 and point <= 16:
        return f"{sign}{digits}{'0' * power}.0"
    if 0 < point <= 16:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -5 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    return f"{sign}{digits[0]}{'.' * (len(digits) > 1)}{digits[1:]}e{point - 1}"


def expected(text):
    sign = "-" if text.startswith("-") else ""
    significand, power, plain = value_of(text)
    if plain and (not sign or 0 < significand <= 1 << 63):
        return sign + str(significand)
    return printed(double(significand, power), sign)


def numbers():
    source = random.Random(1)
    yield from EDGES
    for power in range(-1074, 1024, 7):
        yield repr(2.0 ** power)
    for _ in range(1500):
        value = struct.unpack("d", source.randbytes(8))[0]
        if math.isfinite(value):
            yield repr(value)
        yield f"{source.randrange(10 ** source.randrange(1, 25))}" + (
            f".{source.randrange(10 ** source.randrange(1, 22))}e{source.randrange(-330, 280)}")


def check(eif, folder, texts):
    custom = '{"a":[' + ",".join(texts) + "]}"
    inputs = {"kernel": b"k", "ramdisk": b"r", "custom": custom.encode()}
    for name, data in inputs.items():
        (folder / name).write_bytes(data)
    path = [str(folder / name) for name in ("kernel", "ramdisk", "custom", "n.eif", "parts")]
    subprocess.run([eif, "build", "--kernel", path[0], "--cmdline", "c", "--ramdisk", path[1],
                    "--metadata", path[2], "--output", path[3]], check=True,
                   stdout=subprocess.DEVNULL)
    subprocess.run([eif, "extract", "--force", path[3], path[4]], check=True)
    text = (folder / "parts" / "metadata.json").read_text("utf-8")
    json.loads(text)
    found = re.search(r'"a":\[(.*)\]', text).group(1).split(",")
    wrong = [(a, expected(a), b) for a, b in zip(texts, found) if expected(a) != b]
    if wrong or len(found) != len(texts):
        raise SystemExit(f"number, expected, found: {wrong[:5]}")


def main():
    batch = []
    for text in numbers():
        if sum(map(len, batch)) + len(batch) + len(text) > 4000:
            check(sys.argv[1], Path(sys.argv[2]), batch)
            batch = []
        batch.append(text)
    check(sys.argv[1], Path(sys.argv[2]), batch)


if __name__ == "__main__":
    main()
