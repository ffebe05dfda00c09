#!/usr/bin/env python3
"""Copies through 1, 4 and 8 sessions at once (cp --streams), plain and over TLS, through a Unix
socket and the loopback, against what carries the same bytes through one connection.

usage: BIN=out/bin tests/bench/streams.py    BENCH_MIB=1024 BENCH_RUNS=5 BENCH_DIR=where files go

Each round runs the other one and then ours, so that both see the same machine; the table shows
other / ours, so more than 1 is faster: median, least, most. The large copy is eight files. The
other one is socat with buffers of 256 KiB where the session is plain, and OpenSSL's s_client and
s_server where it is not, with a SHA-256 at each end; of small files it is tar through socat, and
scp and rsync. A loopback is not bound by its connections, as vsock between an instance and its
enclave is: this measures what streams cost, and what they save where a copy waits for its files.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import channel  # noqa: E402
import pipeline as base  # noqa: E402

MIB, PIPELINE = base.MIB, base.PIPELINE
STREAMS = (1, 4, 8)
FILES = 8


# --- The others -----------------------------------------------------------------------------------

class Plain:
    """socat through a Unix socket, or through a port of the loopback."""

    def __init__(self, port=None):
        self.port = port
        self.accept = f"TCP-LISTEN:{port},reuseaddr" if port else "UNIX-LISTEN:socat.sock"
        self.connect = f"TCP:127.0.0.1:{port}" if port else "UNIX-CONNECT:socat.sock"

    def wait(self):
        channel.wait_for(lambda: channel.bound(str(self.port or "socat.sock")))

    def large(self):
        receiver = subprocess.Popen([*base.SOCAT, self.accept, "CREATE:target/large"])
        self.wait()
        base.run(*base.SOCAT, "OPEN:large", self.connect)
        if receiver.wait():
            sys.exit("socat has failed")
        channel.hashes("large", "target/large")

    def many(self):
        Path("target/many").mkdir()
        socat = " ".join(base.SOCAT)
        receiver = subprocess.Popen(
            ["bash", "-c", f"{socat} {self.accept} - | tar x -C target/many"])
        self.wait()
        base.shell(f"tar c -C many . | {socat} - {self.connect}")
        if receiver.wait():
            sys.exit("tar has failed")


# --- Ours -----------------------------------------------------------------------------------------

def cp(options, streams, *paths):
    base.run(PIPELINE, *options, "cp", "--streams", str(streams), *paths, stderr=subprocess.DEVNULL)


def measure_sizes(folder, kind, options, large, many):
    """Of one kind of session."""
    for streams in STREAMS:
        through = f"{streams} {kind}"
        for name, what, (other, work) in (("eight", f"{MIB} MiB", large),
                                          ("many", "5,000 files", many)):
            here, there = f"target/{name}", f":{folder}/target/{name}"
            base.compare(f"cp {what} in, {through}: {other}", work,
                         lambda name=name, there=there, streams=streams: cp(
                             options, streams, name, there), channel.fresh)
            if kind.startswith("TLS"):
                base.compare(f"cp {what} out, {through}: the same", work,
                             lambda name=name, here=here, streams=streams: cp(
                                 options, streams, f":{folder}/{name}", here), channel.fresh)


def measure_ssh(folder, tcp):
    if channel.SSHD is None:
        print("not measured: scp and rsync; there is no sshd")
        return
    with tempfile.TemporaryDirectory() as keys:
        sshd = channel.Sshd(keys)
        try:
            shell = f"ssh {' '.join(sshd.options)}"
            for streams in STREAMS[1:]:  # one is in channel.py
                for name, what in (("eight", f"{MIB} MiB"), ("many", "5,000 files")):
                    target = f"bench:{folder}/target/{name}"
                    for other, command in (
                            ("scp", ["scp", "-q", *sshd.options, "-r", name, target]),
                            ("rsync", ["rsync", "-a", "-e", shell, f"{name}/", target])):
                        base.compare(
                            f"cp {what} in, {streams} TLS TCP: {other}",
                            lambda command=command: base.run(*command),
                            lambda name=name, streams=streams: cp(
                                ("--addr", tcp), streams, name, f":{folder}/target/{name}"),
                            channel.fresh)
        finally:
            sshd.close()


# --- All ------------------------------------------------------------------------------------------

def make_files():
    channel.make_files()
    Path("eight").mkdir()
    base.run("split", "-n", str(FILES), "large", "eight/")


def measure(folder, addresses):
    port = str(channel.free_port())
    over_unix = (("-unix", "tls.sock"), ("-unix", "tls.sock"))
    over_tcp = (("-connect", f"127.0.0.1:{port}"), ("-accept", port))
    at_unix, at_tcp = Plain(), Plain(channel.free_port())
    print(f"{base.RUNS} rounds; other / ours")
    print(f"{'':<52} {'median':>6} {'least':>6} {'most':>6}")
    for name, plain, where in (("Unix", at_unix, over_unix), ("TCP", at_tcp, over_tcp)):
        many = ("tar and socat", plain.many)
        measure_sizes(folder, f"plain {name}",
                      ("--insecure-dev", "--addr", addresses[f"plain {name}"]),
                      ("socat", plain.large), many)
        measure_sizes(folder, f"TLS {name}", ("--addr", addresses[f"TLS {name}"]),
                      ("OpenSSL", lambda where=where: channel.over_openssl(where)), many)
    measure_ssh(folder, addresses["TLS TCP"])


def main():
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as folder:
        os.chdir(folder)
        make_files()
        nsm = base.start_nsm(folder)
        addresses = {"TLS Unix": f"unix:{folder}/tls", "plain Unix": f"unix:{folder}/plain",
                     "TLS TCP": f"tcp:127.0.0.1:{channel.free_port()}",
                     "plain TCP": f"tcp:127.0.0.1:{channel.free_port()}"}
        listeners = [nsm] + [
            subprocess.Popen([PIPELINE, "listen", "--addr", address, "--nsm", f"{folder}/nsm",
                              *(["--insecure-dev"] if kind.startswith("plain") else [])],
                             stderr=subprocess.DEVNULL)
            for kind, address in addresses.items()]
        try:
            for address in addresses.values():
                place = address.removeprefix("unix:").rsplit(":", 1)[-1]
                channel.wait_for(lambda place=place: channel.bound(place))
            measure(folder, addresses)
        finally:
            for listener in listeners:
                listener.terminate()
                listener.wait()


if __name__ == "__main__":
    main()
