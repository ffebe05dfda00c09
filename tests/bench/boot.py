#!/usr/bin/env python3
"""How long an image boots on QEMU's nitro-enclave machine without KVM, and how large its parts are.

usage: BIN=out/bin tests/bench/boot.py [IMAGE]     BENCH_RUNS=5; wants `make qemu` and `make eif`

A boot is timed twice: by the guest's clock, until the kernel runs /init, and on this machine, from
`enclave run` until the first line of /init is on the console, and until the enclave is ready.
Nothing is compared: what QEMU emulates has no floor that could be run beside it. Without an image
or a QEMU nothing is measured, and that is said.
"""

import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from statistics import median

BIN = Path(os.environ.get("BIN", "out/bin")).resolve()
IMAGE = Path(sys.argv[1] if len(sys.argv) > 1 else "out/cloister.eif")
KERNEL = Path("out/kernel/bzImage")
RUNS = int(os.environ.get("BENCH_RUNS", "5"))
PATIENCE = 300
STARTS = re.compile(r"^\[ *([\d.]+)\] Run /init as init process", re.M)


def enclave(environment, *words):
    return subprocess.run([BIN / "enclave", *words], env=environment, text=True,
                          capture_output=True, timeout=PATIENCE)


def watch(environment, name, begin, found, ended):
    """Notes when a line stands behind the kernel's own, that it runs /init."""
    while "line" not in found and not ended.is_set():
        said = enclave(environment, "logs", "--console", "--name", name).stdout
        start = STARTS.search(said)
        if start and re.search(r"^\{|^(?!\[)\S", said[start.end():], re.M):
            found.update(line=time.monotonic() - begin, guest=float(start.group(1)))
        time.sleep(0.02)


def boot(environment, number):
    """Guest's clock at /init, its first line, ready; seconds. None: it can't be run here."""
    name, found, ended, begin = f"bench{number}", {}, threading.Event(), time.monotonic()
    watcher = threading.Thread(target=watch, args=(environment, name, begin, found, ended))
    watcher.start()
    run = enclave(environment, "run", "--backend", "qemu", "--eif", IMAGE, "--name", name,
                  "--debug-mode", "--wait-ready")
    ready = time.monotonic() - begin
    ended.set()
    watcher.join()
    enclave(environment, "terminate", "--name", name)
    if run.returncode != 0:
        print(f"not measured: {run.stderr.strip().splitlines()[-1]}")
        return None
    return found.get("guest"), found.get("line"), ready


def row(what, values, unit):
    known = [value for value in values if value is not None]
    if known:
        print(f"{what:<52} {median(known):8.2f} {min(known):8.2f} {max(known):8.2f} {unit}")


def main():
    if not IMAGE.exists():
        print(f"not measured: there is no {IMAGE}; `make eif UNVERIFIED=1` builds one")
        return
    with tempfile.TemporaryDirectory() as folder:
        environment = dict(os.environ, XDG_RUNTIME_DIR=folder)
        boots = []
        for number in range(RUNS):
            one = boot(environment, number)
            if one is None:
                return
            boots.append(one)
    guest, line, ready = zip(*boots)
    print(f"{RUNS} boots of {IMAGE}{'':<20} median    least     most")
    row("/init starts, by the guest's clock", guest, "s")
    row("its first line, from `enclave run`", line, "s")
    row("ready, from `enclave run`", ready, "s")
    row("the image", [IMAGE.stat().st_size / 2**20], "MiB")
    if KERNEL.exists():
        row("the kernel", [KERNEL.stat().st_size / 2**20], "MiB")


if __name__ == "__main__":
    main()
