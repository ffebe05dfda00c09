#!/usr/bin/env python3
"""`pipeline proxy`: its own input and output are a connection into the enclave; and real ssh, sftp and
rsync that go through it to a real sshd."""
import contextlib
import os
import pwd
import random
import socket
import subprocess
import tempfile

from slc_client import GUARD, await_true
from slc_service import ENVIRONMENT, Service, equal, main
from slc_tunnel import CHECKED, Target, echo, sees_reset

SSHD = "/usr/sbin/sshd"


def command(service, target):
    return [CHECKED, "--insecure-dev", "--quiet", "--addr", f"unix:{service.path}", "proxy", target]


def proxy(service, target, **more):
    return subprocess.Popen(command(service, target), env=ENVIRONMENT, stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)


def ends(process, code):
    """What it still says on standard error, when it has ended with this code."""
    equal(process.wait(GUARD), code)
    with process:
        return process.stderr.read().decode()


# --- By itself ------------------------------------------------------------------------------------

def both_ways():
    """proxy: bytes and ends pass both ways, by TCP and by a Unix socket"""
    data = random.Random(7).randbytes(3_000_000)
    with tempfile.TemporaryDirectory() as folder, Service() as service, Target(echo) as tcp, \
            Target(echo, socket.AF_UNIX, folder + "/t") as unix:
        for target in (tcp.address, f"127.0.0.1:{tcp.port}", unix.address):
            with proxy(service, target) as process:
                out, err = process.communicate(data, timeout=GUARD)
                equal((process.returncode, out == data + b"end"), (0, True))
                assert b"Sanitizer" not in err and b"reason" not in err, err


def target_ends_first():
    """proxy: who reads its output sees the end while its input is open, and what comes later arrives"""
    heard = []

    def talk(connection):
        connection.sendall(b"greeting")
        connection.shutdown(socket.SHUT_WR)
        heard.append(connection.recv(100))

    with Service() as service, Target(talk) as target:
        process = proxy(service, target.address)
        equal(process.stdout.read(), b"greeting")
        process.stdin.write(b"late")
        process.stdin.close()
        ends(process, 0)
        equal(heard, [b"late"])


def failures():
    """proxy: what can't be reached, resets or is malformed has its reason and exit code"""
    with tempfile.TemporaryDirectory() as folder, Service() as service:
        assert "reason: unreachable" in ends(proxy(service, f"unix:{folder}/none"), 68)
        for words in ("", "x", "h:99999", "tcp:h"):
            equal(proxy(service, words).wait(GUARD), 2)
        assert "reason: request" in ends(proxy(service, "unix:relative"), 65)
    with Service() as service, Target(lambda connection: connection.recv(1) and None) as target:
        process = proxy(service, target.address)
        process.stdin.write(b"xyz")  # of which one byte is read: closing is a reset
        process.stdin.flush()
        assert "reason: io" in ends(process, 74)


def killed():
    """proxy: one that is killed, or told to end, leaves a target that sees a reset"""
    seen = []

    def wait(connection):
        connection.sendall(b"x")
        seen.append(sees_reset(connection))

    with Service() as service, Target(wait) as target:
        for number in (9, 15):
            process = proxy(service, target.address)
            equal(process.stdout.read(1), b"x")
            process.send_signal(number)
            ends(process, -number)
            await_true("the reset", lambda number=number: len(seen) == (1 if number == 9 else 2))
        equal(seen, [True, True])


# --- Under ssh ------------------------------------------------------------------------------------

class Host:
    """A host that has an sshd, reached through a service only: each connection has one of its own."""

    def __init__(self, service, folder):
        self.folder, self.user = folder, pwd.getpwuid(os.getuid()).pw_name
        for name in ("host", "me"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f",
                            f"{folder}/{name}"], check=True, stdin=subprocess.DEVNULL)
        with open(f"{folder}/host.pub", encoding="ascii") as file:
            key = " ".join(file.read().split()[:2])
        self.write("known", f"demo {key}\n")
        self.write("config", f"HostKey {folder}/host\nAuthorizedKeysFile {folder}/me.pub\n"
                   f"StrictModes no\nUsePAM {'yes' if self.is_locked() else 'no'}\nPidFile none\n"
                   "PermitRootLogin yes\nPasswordAuthentication no\nSubsystem sftp internal-sftp\n")
        words = " ".join(command(service, f"unix:{folder}/sshd"))
        self.write("ssh", f"Host demo\nUser {self.user}\nProxyCommand {words}\nBatchMode yes\n"
                   f"IdentityFile {folder}/me\nIdentitiesOnly yes\nIdentityAgent none\n"
                   f"UserKnownHostsFile {folder}/known\nGlobalKnownHostsFile /dev/null\n"
                   "StrictHostKeyChecking yes\n")
        self.target = Target(self.serve, socket.AF_UNIX, folder + "/sshd")

    def write(self, name, text):
        with open(f"{self.folder}/{name}", "w", encoding="ascii") as file:
            file.write(text)

    @staticmethod
    def is_locked():
        """Whether sshd by itself would take the user for one who may not log in."""
        with contextlib.suppress(OSError), open("/etc/shadow", encoding="utf-8") as file:
            return any(line.startswith(pwd.getpwuid(os.getuid()).pw_name + ":!") for line in file)
        return False

    def serve(self, connection):
        connection.settimeout(None)
        with open(f"{self.folder}/log", "ab") as log:
            subprocess.run([SSHD, "-i", "-e", "-f", f"{self.folder}/config"], stdin=connection,
                           stdout=connection, stderr=log, check=False)

    def run(self, *words, **more):
        done = subprocess.run(words, capture_output=True, timeout=GUARD, env=ENVIRONMENT,
                              check=False, **more)
        with open(f"{self.folder}/log", "rb") as log:
            assert b"Sanitizer" not in done.stderr, done.stderr
            return done, done.stderr + log.read()[-2000:]

    def ssh(self, *words, data=b""):
        return self.run("ssh", "-F", f"{self.folder}/ssh", "demo", *words, input=data)


@contextlib.contextmanager
def a_host():
    """sshd as root wants a folder that its package's start makes."""
    made = os.getuid() == 0 and not os.path.exists("/run/sshd")
    if made:
        os.mkdir("/run/sshd", 0o755)
    try:
        with tempfile.TemporaryDirectory() as folder, Service() as service:
            host = Host(service, folder)
            with host.target:
                yield host
    finally:
        if made:
            os.rmdir("/run/sshd")


def make_tree(top):
    noise = random.Random(8)
    for folder in range(5):
        os.makedirs(f"{top}/{folder}/deep")
        for name in range(20):
            with open(f"{top}/{folder}/deep/{name}", "wb") as file:
                file.write(noise.randbytes(noise.randrange(40_000)))
    os.symlink("0/deep/1", top + "/link")


def under_ssh():
    """ssh: a command's streams and status come through, and 2 MB of input and output"""
    data = random.Random(9).randbytes(2_000_000)
    with a_host() as host:
        done, why = host.ssh("echo out; echo err >&2; exit 7")
        assert (done.returncode, done.stdout) == (7, b"out\n"), why
        assert b"err\n" in done.stderr, why
        done, why = host.ssh("cat", data=data)
        assert done.returncode == 0 and done.stdout == data, why


def under_sftp_and_rsync():
    """sftp, rsync: trees go there and back, and a second run finds nothing to do"""
    with a_host() as host, tempfile.TemporaryDirectory() as folder:
        make_tree(folder + "/a")
        batch = f"put -R {folder}/a {folder}/b\nget -R {folder}/b {folder}/c\n".encode()
        done, why = host.run("sftp", "-q", "-F", f"{host.folder}/ssh", "-b", "-", "demo",
                             input=batch)
        assert done.returncode == 0, why
        for copy in "bc":  # sftp copies no links
            for at in range(5):
                subprocess.run(["diff", "-r", f"{folder}/a/{at}", f"{folder}/{copy}/{at}"],
                               check=True, stdout=subprocess.DEVNULL)
        words = ["rsync", "-ai", "-e", f"ssh -F {host.folder}/ssh"]
        for source, target in ((f"{folder}/a/", f"demo:{folder}/d/"),
                               (f"demo:{folder}/d/", f"{folder}/e/")):
            done, why = host.run(*words, source, target, stdin=subprocess.DEVNULL)
            assert done.returncode == 0 and b"0/deep/1" in done.stdout, why
            done, why = host.run(*words, source, target, stdin=subprocess.DEVNULL)
            assert (done.returncode, done.stdout) == (0, b""), why
        subprocess.run(["diff", "-r", "--no-dereference", folder + "/a", folder + "/e"], check=True)


if __name__ == "__main__":
    main([both_ways, target_ends_first, failures, killed, under_ssh, under_sftp_and_rsync])
