#!/usr/bin/env python3
"""eif against the floor: hashing the same bytes once with `openssl dgst -sha384`.

usage: BIN=out/bin tests/bench/eif.py     BENCH_MIB=1024 BENCH_RUNS=5 BENCH_DIR=where files go

Each round runs the floor and then eif, so that both see the same machine; the table shows ratios of
their times (median, least, most) and the most memory that eif used. Goals: 1.3x and 32 MiB.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

EIF = str(Path(os.environ.get("BIN", "out/bin"), "eif").resolve())
MIB = int(os.environ.get("BENCH_MIB", "1024"))
RUNS = int(os.environ.get("BENCH_RUNS", "5"))


def timed(command):
    """(seconds, MiB at most in memory)"""
    begin = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}")
    return time.monotonic() - begin, usage.ru_maxrss / 1024


def compare(name, floor, command, before=lambda: None):
    ratios, most = [], 0.0
    for _ in range(RUNS):
        base, _ = timed(floor)
        before()
        seconds, peak = timed(command)
        ratios.append(seconds / base)
        most = max(most, peak)
    print(f"{name:<28} {median(ratios):6.2f} {min(ratios):6.2f} {max(ratios):6.2f} {most:8.1f}",
          flush=True)


def main():
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as folder:
        os.chdir(folder)
        chunk = os.urandom(1 << 20)
        with open("large", "wb") as large:
            for i in range(MIB):
                large.write(i.to_bytes(8, "big") + chunk[8:])
        Path("small").write_bytes(chunk)
        floor = ["openssl", "dgst", "-sha384", "large"]
        build = [EIF, "build", "--kernel", "small", "--cmdline", "c", "--output", "image"]
        fresh = lambda: Path("image").unlink(missing_ok=True)
        print(f"{MIB} MiB, {RUNS} rounds, against openssl dgst -sha384")
        print(f"{'':<28} {'median':>6} {'least':>6} {'most':>6} {'peak MiB':>8}")
        compare("build, as ramdisk 0", floor, build + ["--ramdisk", "large"], fresh)
        compare("build, as ramdisk 1", floor, build + ["--ramdisk", "small", "--ramdisk", "large"],
                fresh)
        compare("describe", floor, [EIF, "describe", "image"])
        compare("cp large image (for scale)", floor, ["cp", "large", "image"], fresh)


if __name__ == "__main__":
    main()
