#!/usr/bin/env python3
"""The secure channel against what people use in its place: OpenSSL alone, scp, rsync over ssh.

usage: BIN=out/bin tests/bench/channel.py    BENCH_MIB=1024 BENCH_RUNS=5 BENCH_DIR=where files go

Each round runs the other one and then ours, so that both see the same machine; the table shows
other / ours, so more than 1 is faster: median, least, most. OpenSSL's s_client and s_server carry
the file, and a SHA-256 is taken at each end at the same time, as a copy has. Goals: 0.9 of that in
one stream, 3 times scp on small files; a command on an open session takes at most 1.3 times what
fork and exec take (0.77); 1,000 sessions fit into 64 MiB; beside a reader that has stopped others
keep 0.8. Commands are compared with ssh's in times as well: others' / ours of p50 and of p99, one
by one and a hundred at once, in new sessions and on one that is open (`ssh -S`, where each command
is a process of ssh; ours comes from a client in this process, since pipeline has no such mode).
Where there is no sshd its rows are left out, and that is said.
"""

import contextlib
import os
import resource
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles

sys.path[:0] = [str(Path(__file__).resolve().parent),
                str(Path(__file__).resolve().parent.parent / "integration")]
import pipeline as base  # noqa: E402
from slc_client import Client  # noqa: E402

BIN, PIPELINE, MIB = base.BIN, base.PIPELINE, base.MIB
SESSIONS, EXECS, CROWD = 1000, 200, 100
SSHD = shutil.which("sshd", path="/usr/sbin:/sbin:" + os.environ["PATH"])


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def listens(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
        return True
    return False


def wait_for(condition):
    while not condition():
        time.sleep(0.001)


# --- The others -----------------------------------------------------------------------------------

HASH = [*base.SHA256]


def hashes(*names):
    """At the same time, as both ends of a copy take theirs."""
    for process in [subprocess.Popen([*HASH, name], stdout=subprocess.DEVNULL) for name in names]:
        process.wait()


def make_certificate():
    base.run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-subj", "/CN=bench", "-days", "1",
             stderr=subprocess.DEVNULL)


def over_openssl(where):
    """One file from s_client to s_server; `where` is what names the address to both."""
    address, accept = where
    with open("target/large", "wb") as target:
        server = subprocess.Popen(
            ["openssl", "s_server", "-quiet", "-tls1_3", "-naccept", "1", "-cert", "cert.pem",
             "-key", "key.pem", *accept], stdin=subprocess.PIPE, stdout=target,
            stderr=subprocess.DEVNULL)
        wait_for(lambda: bound(accept[1]))
        with open("large", "rb") as source:
            base.run("openssl", "s_client", "-quiet", "-no_ign_eof", "-tls1_3", *address,
                     stdin=source, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        server.stdin.close()
        server.wait()
    if Path("target/large").stat().st_size != MIB << 20:
        sys.exit("openssl has lost something")
    hashes("large", "target/large")


def bound(place):
    """Whether a port or a socket is listened on; s_server takes one connection: nobody may try."""
    if not place.isdigit():
        return any(" 00010000 " in line and line.endswith(f" {place}\n")
                   for line in Path("/proc/net/unix").open())
    return any(f":{int(place):04X} " in line and " 0A " in line
               for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").open())


class Sshd:
    """An sshd of our own on the loopback, and what ssh has to be told to reach it."""

    def __init__(self, folder):
        self.port, self.made = free_port(), os.getuid() == 0 and not os.path.exists("/run/sshd")
        if self.made:
            os.mkdir("/run/sshd", 0o755)
        for name in ("host", "me"):
            base.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"{folder}/{name}")
        Path(folder, "sshd").write_text(
            f"ListenAddress 127.0.0.1:{self.port}\nHostKey {folder}/host\nStrictModes no\n"
            f"AuthorizedKeysFile {folder}/me.pub\nPidFile none\nPermitRootLogin yes\n"
            "PasswordAuthentication no\nMaxStartups 200\nMaxSessions 200\n"
            "Subsystem sftp internal-sftp\n"
            "SetEnv SHLVL=2\n")  # bash reads no .bashrc then, which may take any time
        Path(folder, "ssh").write_text(
            f"Host bench\nHostName 127.0.0.1\nPort {self.port}\nIdentityFile {folder}/me\n"
            "IdentitiesOnly yes\nIdentityAgent none\nBatchMode yes\nStrictHostKeyChecking no\n"
            f"UserKnownHostsFile {folder}/known\nLogLevel ERROR\n")
        self.options = ("-F", f"{folder}/ssh")
        self.process = subprocess.Popen([SSHD, "-D", "-f", f"{folder}/sshd"],
                                        stderr=subprocess.DEVNULL)
        wait_for(lambda: listens(self.port))

    def close(self):
        self.process.terminate()
        self.process.wait()
        if self.made:
            os.rmdir("/run/sshd")


# --- Copies ---------------------------------------------------------------------------------------

def put(address, name="large", folder=""):
    base.run(PIPELINE, "--addr", address, "cp", name, f":{folder}/target/{name}")


def get(address, folder):
    base.run(PIPELINE, "--addr", address, "cp", f":{folder}/large", "target/large")


def measure_copies(folder, unix, tcp):
    port = str(free_port())
    at_unix = (("-unix", "tls.sock"), ("-unix", "tls.sock"))
    at_port = (("-connect", f"127.0.0.1:{port}"), ("-accept", port))
    for kind, where, address in (("Unix socket", at_unix, unix), ("TCP", at_port, tcp)):
        base.compare(f"cp {MIB} MiB in, {kind}: OpenSSL and SHA-256",
                     lambda where=where: over_openssl(where),
                     lambda address=address: put(address, folder=folder), fresh)
        base.compare(f"cp {MIB} MiB out, {kind}: the same",
                     lambda where=where: over_openssl(where),
                     lambda address=address: get(address, folder), fresh)


def measure_ssh(folder, path, tcp):
    if SSHD is None:
        print("not measured: scp and rsync; there is no sshd")
        return
    with tempfile.TemporaryDirectory() as keys:
        sshd = Sshd(keys)
        try:
            scp = ["scp", "-q", *sshd.options]
            rsync = ["rsync", "-a", "-e", f"ssh {' '.join(sshd.options)}"]
            for name, what in (("large", f"{MIB} MiB"), ("many", "5,000 files of 1 KiB")):
                there = f"bench:{folder}/target/{name}"
                ours = lambda name=name: put(tcp, name, folder)
                base.compare(f"cp {what} in, TCP: scp",
                             lambda name=name, there=there: base.run(*scp, "-r", name, there),
                             ours, fresh)
                base.compare(f"cp {what} in, TCP: rsync over ssh",
                             lambda name=name, there=there: base.run(
                                 *rsync, name if name == "large" else name + "/", there),
                             ours, fresh)
            base.compare("exec true, a session each: ssh",
                         lambda: base.run("ssh", *sshd.options, "bench", "true"),
                         lambda: base.run(PIPELINE, "--addr", tcp, "exec", "true"))
            measure_ssh_commands(sshd, path, tcp)
        finally:
            sshd.close()


def fresh():
    base.run("rm", "-f", "tls.sock")
    base.fresh()


# --- Commands -------------------------------------------------------------------------------------

def percentiles(times):
    cuts = quantiles(times, n=100)
    return cuts[49] * 1000, cuts[98] * 1000


def show(name, times):
    print(f"{name:<52} {len(times) / sum(times):6.0f} /s, p50 {percentiles(times)[0]:.2f} ms,"
          f" p99 {percentiles(times)[1]:.2f} ms", flush=True)


def on_an_open_session(client):
    channel = client.exec("/bin/true")
    _, _, (_, status, _) = client.finish(channel)
    if status != 0:
        sys.exit("true is not true")


def all_at_once(command, count):
    """Processes that are begun at once: the time until each of them has ended."""
    begin, times, left = time.monotonic(), [], {}
    poller = select.poll()
    for _ in range(count):
        pid = base.start(*command)
        left[os.pidfd_open(pid)] = pid
    for fd in left:
        poller.register(fd, select.POLLIN)
    while left:
        for fd, _ in poller.poll():
            times.append(time.monotonic() - begin)
            if os.waitstatus_to_exitcode(os.waitpid(left.pop(fd), 0)[1]):
                sys.exit(f"{' '.join(command)} has failed")
            poller.unregister(fd)
            os.close(fd)
    return times


def compare_times(name, other, ours):
    """Rounds of both, in turn; each is a list of times."""
    theirs, mine = [], []
    for _ in range(base.RUNS):
        theirs += other()
        mine += ours()
    ratios = [there / here for there, here in zip(percentiles(theirs), percentiles(mine))]
    print(f"{name:<52} p50 {ratios[0]:.2f}, p99 {ratios[1]:.2f}", flush=True)
    return theirs, mine


def measure_ssh_commands(sshd, path, tcp):
    ssh, ours = shutil.which("ssh"), (PIPELINE, "--addr", tcp, "exec", "true")
    new = (ssh, *sshd.options, "bench", "true")
    opened = (ssh, *sshd.options, "-S", "ssh.sock", "bench", "true")
    one_by_one = lambda command: [base.timed(lambda: all_at_once(command, 1)) for _ in range(20)]
    for who, times in zip(("ssh", "pipeline"), compare_times(
            "exec true, a new session each, one by one: ssh", lambda: one_by_one(new),
            lambda: one_by_one(ours))):
        show(f"  {who}: new sessions, one by one", times)
    compare_times(f"exec true, a new session each, {CROWD} at once: ssh",
                  lambda: all_at_once(new, CROWD), lambda: all_at_once(ours, CROWD))
    master = subprocess.Popen([ssh, *sshd.options, "-M", "-N", "-S", "ssh.sock", "bench"])
    client = Client(path, tls=True)
    try:
        wait_for(lambda: Path("ssh.sock").is_socket())
        compare_times("exec true, an open session, one by one: ssh -S",
                      lambda: one_by_one(opened),
                      lambda: [base.timed(lambda: on_an_open_session(client))
                               for _ in range(20)])
        compare_times(f"exec true, open sessions, {CROWD} at once: ssh -S",
                      lambda: all_at_once(opened, CROWD), lambda: crowd_of_execs(path))
    finally:
        client.close()
        master.terminate()
        master.wait()


def spawn():
    os.waitpid(os.posix_spawn("/bin/true", ["true"], os.environ), 0)


def crowd_of_execs(path):
    """Begun at once, in one session each; when each of them was told its status."""
    clients = [Client(path, tls=True) for _ in range(CROWD)]
    begin, times, channels = time.monotonic(), [], []
    for client in clients:
        channels.append(client.exec("/bin/true"))
    for client, channel in zip(clients, channels):
        client.finish(channel)
        times.append(time.monotonic() - begin)
        client.close()
    return times


def apart(work):
    """Times of what is done now and then: the kernel has forgotten the one before."""
    times = []
    for _ in range(20):
        time.sleep(0.02)
        times.append(base.timed(work))
    return times


def measure_commands(path):
    client = Client(path, tls=True)
    compare_times("exec true on one session, 20 ms apart: fork and exec",
                  lambda: apart(spawn), lambda: apart(lambda: on_an_open_session(client)))
    base.compare(f"exec true {EXECS} times on one session: fork and exec",
                 lambda: [spawn() for _ in range(EXECS)],
                 lambda: [on_an_open_session(client) for _ in range(EXECS)])
    show("exec true on one session", [base.timed(lambda: on_an_open_session(client))
                                      for _ in range(EXECS)])
    client.close()
    show("exec true in a new session, pipeline", [
        base.timed(lambda: base.run(PIPELINE, "--addr", f"unix:{path}", "exec", "true"))
        for _ in range(EXECS // 4)])
    cuts = percentiles(crowd_of_execs(path))
    print(f"{f'exec true {CROWD} at once, till its status':<52} p50 {cuts[0]:.2f} ms,"
          f" p99 {cuts[1]:.2f} ms")


# --- Sessions -------------------------------------------------------------------------------------

def resident(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))


def front_of(listener):
    """The keeper's second child has the sessions."""
    with open(f"/proc/{listener.pid}/task/{listener.pid}/children", encoding="ascii") as file:
        return max(map(int, file.read().split()), key=resident)


def measure_memory(path, listener):
    before = resident(front_of(listener))
    clients = [Client(path, tls=True) for _ in range(SESSIONS)]
    for client in clients:
        on_an_open_session(client)
    grown = resident(front_of(listener)) - before
    print(f"{f'memory of {SESSIONS} sessions, each has run a command':<52} {grown / 1024:6.1f} MiB")
    for client in clients:
        client.close()


def measure_beside_a_stalled_reader(folder, path, address):
    client = Client(path, tls=True)
    free = [base.timed(lambda: put(address, folder=folder)) for _ in range(base.RUNS)
            if fresh() is None]
    client.exec("cat", "/dev/zero")
    beside = [base.timed(lambda: put(address, folder=folder)) for _ in range(base.RUNS)
              if fresh() is None]
    client.close()
    print(f"{'cp in beside a reader that has stopped: without':<52}"
          f" {median(free) / median(beside):6.2f}")


# --- All ------------------------------------------------------------------------------------------

def make_files():
    """s_client takes a Q or an R at the beginning of what it reads for an order."""
    base.make_files()
    with open("large", "r+b") as large:
        for at in range(0, MIB << 20, 1 << 12):
            large.seek(at)
            large.write(b"x")
    make_certificate()


def measure(folder, tcp, listener):
    unix = f"unix:{folder}/tls"
    print(f"{base.RUNS} rounds; other / ours")
    print(f"{'':<52} {'median':>6} {'least':>6} {'most':>6}")
    measure_copies(folder, unix, tcp)
    measure_ssh(folder, f"{folder}/tls", tcp)
    measure_commands(f"{folder}/tls")
    measure_memory(f"{folder}/tls", listener)
    measure_beside_a_stalled_reader(folder, f"{folder}/tls", unix)


def main():
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as folder:
        os.chdir(folder)
        make_files()
        nsm, tcp = base.start_nsm(folder), f"tcp:127.0.0.1:{free_port()}"
        listeners = [nsm] + [
            subprocess.Popen([PIPELINE, "listen", "--addr", address, "--nsm", f"{folder}/nsm",
                              "--sessions", str(SESSIONS + 8), "--documents", "4096"],
                             stderr=subprocess.DEVNULL)
            for address in (f"unix:{folder}/tls", tcp)]
        try:
            wait_for(lambda: bound(f"{folder}/tls"))
            wait_for(lambda: bound(tcp.rsplit(":", 1)[1]))
            measure(folder, tcp, listeners[1])
        finally:
            for listener in listeners:
                listener.terminate()
                listener.wait()


if __name__ == "__main__":
    main()
