"""Targets, and `pipeline forward` between them and a test: what tests of forwarding share."""
import contextlib
import json
import os
import re
import signal
import socket
import struct
import subprocess
import tempfile
import threading

from slc_client import GUARD, await_true
from slc_service import BIN, ENVIRONMENT, SANITIZED, descriptors, equal

PIPELINE = os.path.join(BIN, "pipeline")
CHECKED = os.path.realpath(os.path.join(SANITIZED, "pipeline")) if SANITIZED else PIPELINE
if not os.path.exists(CHECKED):
    CHECKED = PIPELINE


def read_all(connection):
    found = bytearray()
    while True:
        more = connection.recv(1 << 16)
        if not more:
            return bytes(found)
        found += more


def exchange(connection, data=b"hello"):
    """Sends, ends, and returns what comes meanwhile and after it."""
    sender = threading.Thread(target=lambda: (connection.sendall(data),
                                              connection.shutdown(socket.SHUT_WR)), daemon=True)
    sender.start()
    found = read_all(connection)
    sender.join(GUARD)
    connection.close()
    return found


class Target:
    """Something that listens, and does with each connection, in a thread, what it was made for."""

    def __init__(self, serve, family=socket.AF_INET, path=None, backlog=512):
        self.serve, self.count, self.lock = serve, 0, threading.Lock()
        self.listener = socket.socket(family)
        if family == socket.AF_UNIX:
            self.listener.bind(path)
            self.address = f"unix:{path}"
        else:
            self.listener.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0))
            host = "[::1]" if family == socket.AF_INET6 else "127.0.0.1"
            self.port = self.listener.getsockname()[1]
            self.address = f"tcp:{host}:{self.port}"
        self.listener.listen(backlog)
        threading.Thread(target=self.run, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def run(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.one, args=(connection,), daemon=True).start()

    def one(self, connection):
        with self.lock:
            self.count += 1
        connection.settimeout(GUARD)
        with connection, contextlib.suppress(OSError):
            self.serve(connection)


def echo(connection):
    """Gives back what comes, and says so when that has ended."""
    while True:
        data = connection.recv(1 << 16)
        if not data:
            break
        connection.sendall(data)
    connection.sendall(b"end")


class Forward:
    """`with Forward(service, "-L", ...) as forward`: it listens inside."""

    def __init__(self, service, *words, options=(), program=CHECKED, code=0):
        self.code, self.folder = code, tempfile.TemporaryDirectory()
        self.errors = os.path.join(self.folder.name, "errors")
        plain = [] if service.tls else ["--insecure-dev"]
        ready, told = os.pipe()
        with open(self.errors, "wb") as errors:
            self.process = subprocess.Popen(
                [program, *plain, "--addr", f"unix:{service.path}", *options, "forward", "--json",
                 "--ready-fd", str(told), *words], stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=errors, env=ENVIRONMENT, pass_fds=[told])
        os.close(told)
        self.is_ready = os.read(ready, 1) == b"\n"
        os.close(ready)
        line = self.process.stdout.readline()
        self.said = json.loads(line) if line else None
        self.listening = self.said["listening"] if self.said else []

    def __enter__(self):
        assert self.is_ready, self.text()
        return self

    def __exit__(self, kind, *_):
        try:
            if self.process.poll() is None:
                self.process.terminate()
            code = self.process.wait(GUARD)
            if kind is None:
                equal(code, self.code)
                assert "Sanitizer" not in self.text(), self.text()
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            self.process.stdout.close()
            self.folder.cleanup()

    def text(self):
        with open(self.errors, encoding="utf-8", errors="replace") as file:
            return file.read()

    def port(self, which=0):
        return int(self.listening[which]["address"].rsplit(":", 1)[1])

    def connect(self, which=0):
        address = self.listening[which]["address"]
        if address.startswith("unix:"):
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(GUARD)
            connection.connect(address[5:])
        else:
            host = re.match(r"tcp:\[?([^]]*?)\]?:\d+$", address)[1]
            connection = socket.create_connection((host, self.port(which)), GUARD)
        return connection

    def is_reset(self, which=0):
        """Whether a new connection ends in a reset, however soon."""
        try:
            with self.connect(which) as connection:
                return sees_reset(connection)
        except ConnectionResetError:
            return True

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(GUARD)


def reset(connection):
    """Closes so that the peer sees a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def sees_reset(connection):
    """Whether reading it ends in a reset, and not in an end."""
    try:
        read_all(connection)
    except ConnectionResetError:
        return True
    return False


def await_descriptors(pid, number):
    await_true(f"{number} descriptors of {pid}", lambda: descriptors(pid) <= number)
