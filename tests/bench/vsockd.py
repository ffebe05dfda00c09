#!/usr/bin/env python3
"""vsockd against vhost-device-vsock, with the same guest: the one of the tests, played by Python.

usage: BIN=out/bin PEER=vhost-device-vsock tests/bench/vsockd.py     BENCH_MIB=64 BENCH_RUNS=3

A guest in Python is slower than either, so what is compared is the processor time that the backend
itself takes for the bytes, each way, the time of a round trip of one byte, and the memory that
1,000 open connections take. Ratios are theirs to ours, so more is better; the goal is 1.5. Without
a peer our own figures are shown.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "integration"))
os.environ.pop("SANITIZED", None)
from vsockd_common import PROGRAM, Task  # pylint: disable=wrong-import-position
from vsockd_guest import PATIENCE, Guest  # pylint: disable=wrong-import-position

PEER = shutil.which(os.environ.get("PEER", "vhost-device-vsock"))
MIB = int(os.environ.get("BENCH_MIB", "64"))
RUNS = int(os.environ.get("BENCH_RUNS", "3"))
PINGS = 2000
CROWD = 1000
ROWS = ("guest to host, s/GiB of processor", "host to guest, s/GiB of processor", "round trip, s",
        f"memory of {CROWD} connections, KiB")


def listen(path):
    service = socket.socket(socket.AF_UNIX)
    service.settimeout(PATIENCE)
    service.bind(path)
    service.listen(CROWD)
    return service


def processor(process):
    """Seconds, of all its threads."""
    times = []
    for task in Path(f"/proc/{process.pid}/task").iterdir():
        times.append(int((task / "schedstat").read_text().split()[0]))
    return sum(times) / 1e9


def sink(host, size):
    while size > 0:
        size -= len(host.recv(min(size, 1 << 20)))


def measure(process, guest, stream, host):
    """The rows, of a connection."""
    block, size = bytes(1 << 20), MIB << 20
    begin = processor(process)
    reader = Task(sink, host, size)
    for _ in range(MIB):
        stream.send(block)
    reader.result(guest)
    middle = processor(process)
    writer = Task(lambda: [host.sendall(block) for _ in range(MIB)])
    while size > 0:
        guest.await_that(lambda: stream.data, "bytes")
        size -= len(stream.take(size))
    writer.result(guest)
    end = processor(process)
    started = time.monotonic()
    for _ in range(PINGS):
        stream.send(b"1")
        host.sendall(host.recv(1))
        stream.read(1)
    trip = (time.monotonic() - started) / PINGS
    return (middle - begin) * 1024 / MIB, (end - middle) * 1024 / MIB, trip


def resident(process):
    with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))


def crowd(process, guest, service, port):
    """What the backend grows by."""
    before, kept = resident(process), []
    for _ in range(CROWD):
        guest.connect(2, port)
        kept.append(service.accept()[0])
    grown = resident(process) - before
    for host in kept:
        host.close()
    return grown


def serve(command, path, service, port):
    """Starts a backend, and measures it through a guest."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as process:
        try:
            until = time.monotonic() + PATIENCE
            while not os.path.exists(path) and time.monotonic() < until:
                time.sleep(0.01)
            time.sleep(0.2)
            guest = Guest(path, cid=16)
            stream = guest.connect(2, port)
            rows = measure(process, guest, stream, service.accept()[0])
            rows = (*rows, crowd(process, guest, service, port))
            guest.close()
        finally:
            process.terminate()
    return rows


def ours(folder):
    os.mkdir(f"{folder}/2")
    path = f"{folder}/vhost"
    return serve([PROGRAM, "--socket", path, "--cid", "16", "--dir", folder], path,
                 listen(f"{folder}/2/9000"), 9000)


def theirs(folder):
    path = f"{folder}/vhost"
    return serve([PEER, "--guest-cid", "16", "--socket", path, "--uds-path", f"{folder}/uds"], path,
                 listen(f"{folder}/uds_9000"), 9000)


def measured(backend):
    with tempfile.TemporaryDirectory() as folder:
        return backend(folder)


def main():
    runs = [(measured(ours), measured(theirs) if PEER else None) for _ in range(RUNS)]
    print(f"{MIB} MiB each way, {RUNS} runs, against {PEER or 'nothing: no PEER was found'}")
    print(f"{'':<36} {'ours':>10} {'theirs':>10} {'ratio':>7}")
    for row, name in enumerate(ROWS):
        own = median(run[0][row] for run in runs)
        other = median(run[1][row] for run in runs) if PEER else None
        last = f"{other:10.6f} {other / own if own else float('inf'):7.2f}" if PEER else ""
        print(f"{name:<36} {own:10.6f} {last}")


if __name__ == "__main__":
    main()
