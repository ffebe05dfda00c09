#!/usr/bin/env python3
"""vsockd against vhost-device-vsock with the same real guest: Linux of `make kernel`, on QEMU.

usage: BIN=out/bin PROBE=out/e2e/probe PEER=vhost-device-vsock tests/bench/vsock_guest.py
       BENCH_MIB=64 BENCH_RUNS=3 BENCH_PINGS=500; wants `make qemu`, `make kernel`, out/e2e/probe

Throughput each way, and the time of a round trip of one byte, over one connection that the host
begins; the backend's processor time for the bytes stands beside it. Where there is no KVM, QEMU
emulates the guest's processor, and then it is the guest that takes most of the time. Ratios above 1
are in our favour. Without a peer our own figures are shown; without a QEMU or the program of the
tests nothing is measured, and that is said.
"""

import os
import shutil
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, "tests/e2e")
import group  # noqa: E402
import lab  # noqa: E402

PEER = shutil.which(os.environ.get("PEER", "vhost-device-vsock"))
MIB = int(os.environ.get("BENCH_MIB", "64"))
RUNS = int(os.environ.get("BENCH_RUNS", "3"))
PINGS = int(os.environ.get("BENCH_PINGS", "500"))
CACHE = Path(os.environ.get("CLOISTER_CACHE") or Path(
    os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "cloister")
QEMU = Path(os.environ.get("CLOISTER_QEMU") or CACHE / "qemu/bin/qemu-system-x86_64")
SINK, SOURCE = 9200, 9300
ROWS = (("guest to host, MiB/s", True), ("host to guest, MiB/s", True), ("round trip, ms", False),
        ("guest to host, backend's s/GiB", False), ("host to guest, backend's s/GiB", False))


class Ours(group.Machine):
    """With vsockd."""

    def backend(self):
        return self.processes[0]


class Peer(Ours):
    """The same machine with the other backend."""

    ends_with_qemu = False

    def start_backend(self):
        self.hybrid = self.folder / f"peer-{self.cid}"
        with open(self.folder / f"peer-log-{self.cid}", "wb") as log:
            self.processes.append(subprocess.Popen(
                [PEER, "--guest-cid", str(self.cid), "--socket",
                 self.folder / f"vhost-{self.cid}", "--uds-path", self.hybrid],
                stdout=log, stderr=log))
        lab.await_((self.folder / f"vhost-{self.cid}").exists, "the peer listens")


def exactly(stream, size):
    data = b""
    while len(data) < size:
        more = stream.recv(size - len(data))
        lab.must(more, "the stream has ended")
        data += more
    return data


def connect(machine, port):
    """A connection to the guest's port; none while nobody listens there, or answers."""
    stream = socket.socket(socket.AF_UNIX)
    stream.settimeout(5)
    try:
        stream.connect(str(machine.hybrid))
        stream.sendall(b"CONNECT %d\n" % port)
        lab.must(exactly(stream, 3) == b"OK ", "a guest's port is reached")
        while exactly(stream, 1) != b"\n":
            pass
    except (OSError, lab.Failure):
        stream.close()
        return None
    stream.settimeout(lab.PATIENCE)
    return stream


def reach(machine, port):
    lab.await_(lambda: (stream := connect(machine, port)) and stream.close() is None,
               f"the guest listens at {port}")
    return connect(machine, port)


def processor(process):
    """Seconds, of all its threads."""
    times = [int((task / "schedstat").read_text().split()[0])
             for task in Path(f"/proc/{process.pid}/task").iterdir()]
    return sum(times) / 1e9


def timed(machine, action):
    """Seconds on the clock, and of the backend's processor time."""
    began, used = time.monotonic(), processor(machine.backend())
    action()
    return time.monotonic() - began, processor(machine.backend()) - used


def from_guest(stream):
    left, buffer = MIB << 20, bytearray(1 << 20)
    stream.sendall(struct.pack("<Q", left))
    while left > 0:
        got = stream.recv_into(buffer, min(left, len(buffer)))
        lab.must(got, "the guest goes on")
        left -= got


def to_guest(stream):
    stream.sendall(struct.pack("<Q", MIB << 20))
    for _ in range(MIB):
        stream.sendall(bytes(1 << 20))
    exactly(stream, 1)


def round_trips(stream):
    for _ in range(PINGS):
        stream.sendall(struct.pack("<Q", 0))
        exactly(stream, 1)


def measured(kind, number, image):
    parent = group.Parent(f"bench-{kind.__name__}-{number}")
    machine = kind(parent, 30, image, QEMU)
    try:
        with reach(machine, SOURCE) as source, reach(machine, SINK) as sink:
            out, out_used = timed(machine, lambda: from_guest(source))
            into, into_used = timed(machine, lambda: to_guest(sink))
            trips, _ = timed(machine, lambda: round_trips(sink))
        return (MIB / out, MIB / into, trips / PINGS * 1000, out_used * 1024 / MIB,
                into_used * 1024 / MIB)
    finally:
        machine.kill()
        parent.close()


def build():
    """An image that does nothing but send and take bytes."""
    app, image = lab.scratch / "app", lab.scratch / "bench.eif"
    (app / "units").mkdir(parents=True)
    (app / "root/usr/bin").mkdir(parents=True)
    (app / "cloister.toml").write_text('name = "bench"\nversion = "1.0.0"\n')
    shutil.copy(lab.PROBE, app / "root/usr/bin/probe")
    for word, port in (("sink", SINK), ("source", SOURCE)):
        (app / f"units/{word}.service").write_text(
            f'ExecStart = "/usr/bin/probe {word} {port}"\n')
    lab.run(sys.executable, "rbuilds/image.py", app, image, patience=3600)
    return image


def show(runs):
    print(f"{MIB} MiB each way, {RUNS} runs, against {PEER or 'nothing: no PEER was found'}")
    print(f"{'':<36} {'ours':>10} {'theirs':>10} {'ratio':>7}")
    for row, (name, more_is_better) in enumerate(ROWS):
        own = median(run[0][row] for run in runs)
        last = ""
        if PEER:
            other = median(run[1][row] for run in runs)
            last = f"{other:10.3f} {own / other if more_is_better else other / own:7.2f}"
        print(f"{name:<36} {own:10.3f} {last}")


def main():
    try:
        if not os.access(QEMU, os.X_OK) or not lab.PROBE.exists():
            print("not measured: `make qemu` and `make out/e2e/probe` make what is needed")
            return
        image = build()
        show([(measured(Ours, number, image), measured(Peer, number, image) if PEER else None)
              for number in range(RUNS)])
    finally:
        shutil.rmtree(lab.scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
