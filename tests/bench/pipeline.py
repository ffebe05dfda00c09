#!/usr/bin/env python3
"""pipeline and slc against the floors that the same work has without them.

usage: BIN=out/bin tests/bench/pipeline.py   BENCH_MIB=1024 BENCH_RUNS=5 BENCH_DIR=where files go

Each round runs the floor and then the program, so that both see the same machine; the table shows
floor / program, so 1 is as fast as the floor and more is faster: median, least, most. What
is hashed by the floor is hashed at both ends at the same time. Sessions are over TLS, as they are
for users; BENCH_PLAIN=1 measures plain ones, of which the first row's goal is 0.9; the last rows
have plain sessions (--insecure-dev) as their floor.
"""

import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from statistics import median

BIN = Path(os.environ.get("BIN", "out/bin")).resolve()
MIB = int(os.environ.get("BENCH_MIB", "1024"))
RUNS = int(os.environ.get("BENCH_RUNS", "5"))
REPOSITORY = Path(__file__).resolve().parents[2]
PIPELINE = str(BIN / "pipeline")
PLAIN = os.environ.get("BENCH_PLAIN", "") == "1"
CLIENT = [PIPELINE, "--insecure-dev"] if PLAIN else [PIPELINE]
EXECS = 200


def timed(work):
    begin = time.monotonic()
    work()
    return time.monotonic() - begin


def compare(name, floor, work, before=lambda: None):
    ratios = []
    for _ in range(RUNS):
        before()
        base = timed(floor)
        before()
        ratios.append(base / timed(work))
    print(f"{name:<52} {median(ratios):6.2f} {min(ratios):6.2f} {max(ratios):6.2f}", flush=True)


def run(*command, **options):
    subprocess.run(command, check=True, **options)


def shell(text):
    run("bash", "-c", "set -o pipefail; " + text)


def wait_for_socket(path):
    while not Path(path).is_socket():
        time.sleep(0.001)


# --- Floors ---------------------------------------------------------------------------------------

SOCAT = ["socat", "-u", "-b", "262144"]
SHA256 = ["openssl", "dgst", "-sha256"]  # the same code as ours; sha256sum is several times slower
CONNECT = "UNIX-CONNECT:socat.sock,retry=10000,interval=0.001"  # it is there before it listens


def socat_file():
    receiver = subprocess.Popen([*SOCAT, "UNIX-LISTEN:socat.sock", "CREATE:target/large"])
    wait_for_socket("socat.sock")
    run(*SOCAT, "OPEN:large", CONNECT)
    if receiver.wait():
        sys.exit("socat has failed")


def socat_and_hashes():
    socat_file()
    hashes = [subprocess.Popen([*SHA256, name], stdout=subprocess.DEVNULL)
              for name in ("large", "target/large")]
    for process in hashes:
        process.wait()


def tar_socat_tar():
    Path("target/many").mkdir()
    receiver = subprocess.Popen(
        ["bash", "-c", f"{' '.join(SOCAT)} UNIX-LISTEN:socat.sock - | tar x -C target/many"])
    wait_for_socket("socat.sock")
    shell(f"tar c -C many . | {' '.join(SOCAT)} - {CONNECT}")
    if receiver.wait():
        sys.exit("tar has failed")


class Echo:
    """A thread that sends back each byte that comes."""

    def __init__(self):
        self.here, there = socket.socketpair()
        threading.Thread(target=self.serve, args=(there,), daemon=True).start()

    @staticmethod
    def serve(there):
        while there.recv(1):
            there.send(b"x")

    def round_trip(self):
        self.here.send(b"x")
        self.here.recv(1)


SILENT = [(os.POSIX_SPAWN_OPEN, 2, "/dev/null", os.O_WRONLY, 0)]  # a plain client warns each time


def start(*command):
    return os.posix_spawn(command[0], command, os.environ, file_actions=SILENT)


def client(*arguments):
    run(*CLIENT, *arguments, stderr=subprocess.DEVNULL)


def many(*command):
    processes = [start(*command) for _ in range(EXECS)]
    for process in processes:
        if os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]):
            sys.exit(f"{' '.join(command)} has failed")


def one_by_one(between, *command):
    for _ in range(EXECS):
        os.waitpid(start(*command), 0)
        between()


# --- All ------------------------------------------------------------------------------------------

def make_files():
    chunk = os.urandom(1 << 20)
    with open("large", "wb") as large:
        for i in range(MIB):
            large.write(i.to_bytes(8, "big") + chunk[8:])
    Path("many").mkdir()
    for i in range(5000):
        Path("many", str(i)).write_bytes(chunk[i:i + 1024])


def fresh():
    run("rm", "-rf", "target", "socat.sock")
    Path("target").mkdir()
    os.sync()  # nobody waits for what another one left to be written


def with_copy():
    """A target that has the files already."""
    fresh()
    Path("target/here").mkdir()
    run("cp", "-a", "many", "target/here/")


def measure_tls(folder):
    """What TLS costs: the same work, plain and then over TLS."""
    plain = ("--insecure-dev", "--addr", f"unix:{folder}/plain")
    over_tls = ("--addr", f"unix:{folder}/tls")

    def pair(name, *arguments, before=lambda: None):
        def work(options):
            run(PIPELINE, *options, *arguments, stderr=subprocess.DEVNULL)
        compare(name, lambda: work(plain), lambda: work(over_tls), before)

    pair(f"cp {MIB} MiB in, TLS against plain", "cp", "large", f":{folder}/target/large",
         before=fresh)
    pair(f"cp {MIB} MiB out, the same", "cp", f":{folder}/large", "target/large", before=fresh)
    pair("cp 5,000 files of 1 KiB in, the same", "cp", "many", f":{folder}/target/many",
         before=fresh)
    pair("exec true once, the same", "exec", "true")


def measure(folder):
    echo = Echo()
    print(f"{RUNS} rounds; floor / program")
    print(f"{'':<52} {'median':>6} {'least':>6} {'most':>6}")
    put = lambda: client("cp", "large", f":{folder}/target/large")
    get = lambda: client("cp", f":{folder}/large", "target/large")
    compare(f"cp {MIB} MiB in, socat and a SHA-256 at each end", socat_and_hashes, put, fresh)
    compare(f"cp {MIB} MiB out, the same", socat_and_hashes, get, fresh)
    compare(f"cp {MIB} MiB in, socat alone (for scale)", socat_file, put, fresh)
    compare("cp 5,000 files of 1 KiB in, tar | socat | tar", tar_socat_tar,
            lambda: client("cp", "many", f":{folder}/target/many"), fresh)
    compare("cp 5,000 files of 1 KiB out, the same", tar_socat_tar,
            lambda: client("cp", f":{folder}/many", "target/many"), fresh)
    compare("cp --skip-unchanged in, all there, the same", tar_socat_tar,
            lambda: client("cp", "--skip-unchanged", "many", f":{folder}/target/here/"), with_copy)
    compare(f"exec true {EXECS} times, fork, exec and a round trip",
            lambda: one_by_one(echo.round_trip, "/bin/true"),
            lambda: one_by_one(lambda: None, *CLIENT, "exec", "true"))
    compare(f"exec true {EXECS} at once, fork and exec at once",
            lambda: many("/bin/true"), lambda: many(*CLIENT, "exec", "true"))


def start_nsm(folder):
    """What a session's document comes from, and the root that it is signed under."""
    image, data = Path(folder, "image.eif"), REPOSITORY / "tests/data/eif"
    run(BIN / "eif", "build", "--kernel", data / "kernel", "--kernel_config",
        data / "kernel.config", "--cmdline", "console=ttyS0", "--ramdisk", data / "ramdisk0",
        "--ramdisk", data / "ramdisk1", "--output", image, stdout=subprocess.DEVNULL)
    os.environ["XDG_STATE_HOME"] = folder
    os.environ["CLOISTER_ROOT"] = f"{folder}/cloister/nsmsim/root.pem"
    nsm = subprocess.Popen([BIN / "nsmsim", "--socket", f"{folder}/nsm", "--eif", image],
                           stderr=subprocess.DEVNULL)
    wait_for_socket("nsm")
    return nsm


def main():
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as folder:
        os.chdir(folder)
        make_files()
        nsm = start_nsm(folder)
        os.environ["CLOISTER_ADDR"] = f"unix:{folder}/{'plain' if PLAIN else 'tls'}"
        listeners = [nsm] + [
            subprocess.Popen([PIPELINE, "listen", "--addr", f"unix:{folder}/{name}", "--nsm",
                              f"{folder}/nsm", *options],
                             stderr=subprocess.DEVNULL)
            for name, options in (("tls", []), ("plain", ["--insecure-dev"]))]
        try:
            wait_for_socket("tls")
            wait_for_socket("plain")
            measure(folder)
            measure_tls(folder)
        finally:
            for listener in listeners:
                listener.terminate()
                listener.wait()


if __name__ == "__main__":
    main()
