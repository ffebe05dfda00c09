"""What the tests of vsockd share: the program, its folder, and how cases are run and told."""

import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import traceback

from vsockd_guest import PATIENCE, Guest

PROGRAM = os.path.join(os.environ.get("SANITIZED") or os.environ.get("BIN") or "out/bin", "vsockd")


# A crowd needs descriptors, on both sides; where there are fewer it is smaller.
LIMIT = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
LIMIT = 65536 if LIMIT == resource.RLIM_INFINITY else min(LIMIT, 65536)
resource.setrlimit(resource.RLIMIT_NOFILE, (LIMIT, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
CROWD = min(1000, LIMIT // 4)


class Daemon:
    """A vsockd that listens, in a folder of its own or in one that is shared."""

    def __init__(self, *options, cid=16, folder=None, descriptors=LIMIT):
        self.cid, self.shared = cid, folder is not None
        self.folder = folder or tempfile.mkdtemp(prefix="vsockd-")
        self.socket = f"{self.folder}/vhost-{cid}"
        self.errors = open(f"{self.folder}/errors-{cid}", "w+b")
        end, ready = os.pipe()
        self.process = subprocess.Popen(
            [PROGRAM, "--socket", self.socket, "--cid", str(cid), "--dir", self.folder,
             "--ready-fd", str(ready), *options], stderr=self.errors, pass_fds=[ready],
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors,) * 2))
        os.close(ready)
        with open(end, "rb") as told:
            if told.read() != b"listening\n":
                self.process.wait(PATIENCE)
                raise AssertionError("it does not listen: " + self.log())
        self.guests, self.sockets = [], []

    def log(self):
        self.errors.flush()
        with open(self.errors.name, encoding="utf-8", errors="replace") as file:
            return file.read()

    def guest(self, **options):
        self.guests.append(Guest(self.socket, cid=self.cid, **options))
        return self.guests[-1]

    def listener(self, cid, port, backlog=128):
        """A service of the host's."""
        os.makedirs(f"{self.folder}/{cid}", exist_ok=True)
        service = socket.socket(socket.AF_UNIX)
        service.settimeout(PATIENCE)
        service.bind(f"{self.folder}/{cid}/{port}")
        service.listen(backlog)
        self.sockets.append(service)
        return service

    def caller(self, port, greeting=None):
        """A program of the host's that wants a port of the guest."""
        caller = socket.socket(socket.AF_UNIX)
        caller.connect(f"{self.folder}/{self.cid}/vsock")
        caller.settimeout(PATIENCE)
        caller.sendall(b"CONNECT %d\n" % port if greeting is None else greeting)
        self.sockets.append(caller)
        return caller

    def is_well(self):
        assert self.process.poll() is None, f"it ended: {self.process.returncode}\n{self.log()}"

    def ends(self, status=0):
        found = self.process.wait(PATIENCE)
        assert found == status, f"status {found}\n{self.log()}"
        left = [name for name in ("vhost-%d" % self.cid, f"{self.cid}/vsock")
                if os.path.exists(f"{self.folder}/{name}")]
        assert not left or status == 74, left

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        """The front-end goes, and vsockd with it."""
        try:
            for guest in self.guests:
                guest.close()
            if kind is None and self.process.poll() is None:
                if not self.guests:
                    self.process.terminate()
                self.ends()
            elif kind is not None:
                print("# " + self.log().replace("\n", "\n# "))
        finally:
            self.process.kill()
            self.process.wait()
            for one in self.sockets:
                one.close()
            self.errors.close()
            if not self.shared:
                shutil.rmtree(self.folder, ignore_errors=True)


def line_of(stream):
    """The answer to a greeting; what stands behind it stays."""
    line = b""
    while not line.endswith(b"\n"):
        byte = stream.recv(1)
        if not byte:
            break
        line += byte
    return line


def exactly(stream, size):
    data = bytearray()
    while len(data) < size:
        more = stream.recv(min(size - len(data), 1 << 16))
        if not more:
            break
        data += more
    return bytes(data)


class Task(threading.Thread):
    """Something blocking beside the guest's turns; `result` raises what it raised."""

    def __init__(self, call, *arguments):
        super().__init__(daemon=True)
        self.call, self.arguments, self.value, self.error = call, arguments, None, None
        self.start()

    def run(self):
        try:
            self.value = self.call(*self.arguments)
        except BaseException as error:  # pylint: disable=broad-except
            self.error = error

    def result(self, guest=None):
        if guest is not None:
            guest.await_that(lambda: not self.is_alive(), "the end of " + str(self.call))
        self.join(PATIENCE)
        assert not self.is_alive(), self.call
        if self.error is not None:
            raise self.error
        return self.value


def run(cases):
    """Runs functions, whose first line of text is what they show; status 1 if one fails."""
    failed = 0
    for case in cases:
        name = case.__doc__.strip().split("\n")[0].rstrip(".")
        try:
            case()
            print("ok -", name, flush=True)
        except BaseException:  # pylint: disable=broad-except
            failed += 1
            print("not ok -", name, flush=True)
            print("# " + traceback.format_exc().replace("\n", "\n# "), flush=True)
    sys.exit(1 if failed else 0)
